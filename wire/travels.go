package wire

import (
	"fmt"

	"github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/internal/declaration"
)

// Reach says how far a variable travels. [OneHop] or [AllHops] may be combined with [Back].
type Reach uint8

const (
	// OneHop variables go to the process that is called, and no farther: it does not
	// send on what it has received with a request, only what it sets itself. What a reply has
	// brought counts as set here, and so does what code sets that copies values, such as
	// contextvars.Adopt and syncvars.With. A pointer that was received counts as received
	// also if it is set again. Processes without this package send on what they get.
	OneHop Reach = 1 << iota
	// AllHops variables go to the process that is called, and on to all that it
	// calls.
	AllHops
	// Back variables go from the process that is called to its caller, with the reply, if
	// it has set them. The caller's own reply has them, too, if they are still
	// set then and its peer is open for them.
	Back
)

// String names the reach as it is written in Go.
func (r Reach) String() string {
	name := map[Reach]string{OneHop: "OneHop", AllHops: "AllHops", Back: "Back",
		OneHop | Back: "OneHop|Back", AllHops | Back: "AllHops|Back"}[r]
	if name == "" {
		return fmt.Sprintf("Reach(%d)", uint8(r))
	}
	return name
}

func (r Reach) forward() bool { return r&(OneHop|AllHops) != 0 }

// DefaultMaxBytes is how long a value may be on the wire, in bytes, if [MaxValueBytes] does
// not say otherwise.
const DefaultMaxBytes = 1024

// An Option says more about how a variable travels.
type Option func(*policy)

type policy struct {
	reach    Reach
	name     string
	maxBytes int
	codec    *codec
}

// Travels is an option of contextvars.New: values of the variable cross to other processes, as far as reach
// says, where a [Peer] is open for it.
//
// Without [Encoding], values of strings, bools, numbers, time.Time, time.Duration, types made
// from these, and types that are both an encoding.TextMarshaler and, by pointer, an
// encoding.TextUnmarshaler are written as text. Defaults of variables do not travel (19).
//
// New panics if the type has no encoding, if the variable is Local as well, which never
// leaves its Context, if the name cannot be a key of W3C Baggage, or if
// another variable travels under it already. So make such variables as package
// variables: what travels is known for as long as the process runs.
func Travels(reach Reach, opts ...Option) contextvars.Option {
	return func(d *declaration.Declaration) {
		p := policy{reach: reach, name: d.Name, maxBytes: DefaultMaxBytes}
		for i, opt := range opts {
			if opt == nil {
				panic(fmt.Sprintf("wire: Travels of %q was given a nil Option, number %d", d.Name, i+1))
			}
			opt(&p)
		}
		p.check(d)
		d.Travels = true
		d.Made = append(d.Made, func(v declaration.Variable) {
			if d.Local {
				panic(fmt.Sprintf("wire: variable %q is Local, so it cannot travel; leave one of the options out", d.Name))
			}
			register(p, v)
		})
	}
}

func (p *policy) check(d *declaration.Declaration) {
	if d.Travels {
		panic(fmt.Sprintf("wire: variable %q was given two Travels options; give it one", d.Name))
	}
	switch p.reach {
	case OneHop, AllHops, Back, OneHop | Back, AllHops | Back:
	default:
		panic(fmt.Sprintf("wire: Travels of %q was given %v; use OneHop or AllHops, Back, or one of them with Back", d.Name, p.reach))
	}
	if !isName(p.name) {
		panic(fmt.Sprintf("wire: variable %q cannot travel as %q; give it a key of letters, digits and -._~ with wire.As", d.Name, p.name))
	}
	if p.codec == nil {
		p.codec = defaultCodec(d.Type)
	}
	switch {
	case p.codec == nil:
		panic(fmt.Sprintf("wire: variable %q of type %v has no encoding; give it one, such as wire.Encoding(wire.JSON[%v]())", d.Name, d.Type, d.Type))
	case p.codec.of != d.Type:
		panic(fmt.Sprintf("wire: variable %q of type %v was given an Encoding of %v; both types have to be the same", d.Name, d.Type, p.codec.of))
	}
}

// isName reports whether s is a key that all implementations write alike: those of
// Baggage are more, but some are percent-encoded by some implementations.
func isName(s string) bool {
	for i := range len(s) {
		if !unreserved[s[i]] {
			return false
		}
	}
	return s != "" && len(s) <= maxName
}

const maxName = 256

// As gives the key that the variable has on the wire: letters, digits, and -._~ . Without
// it that is its name.
func As(key string) Option { return func(p *policy) { p.name = key } }

// MaxValueBytes says how long the variable's values may be on the wire, in bytes and before they are
// percent-encoded. One that is longer is dropped, with a [Report], by both sides. It
// panics if n is not between 1 and [MaxBytes].
func MaxValueBytes(n int) Option {
	if n < 1 || n > MaxBytes {
		panic(fmt.Sprintf("wire: MaxValueBytes was given %d; it has to be between 1 and %d", n, MaxBytes))
	}
	return func(p *policy) { p.maxBytes = n }
}

// Encoding says how values are written; T must be the variable's type.
func Encoding[T any](c Codec[T]) Option {
	if c == nil {
		panic("wire: Encoding was given a nil Codec")
	}
	wrapped := wrap(c)
	return func(p *policy) { p.codec = wrapped }
}
