package wire_test

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/wire"
)

type account struct {
	Name string `json:"name"`
	Age  int    `json:"age"`
}

// hostile fails or panics, as its text says.
type hostile struct{}

func (hostile) Encode(text string) (string, error) { return text, misbehave(text) }
func (hostile) Decode(text string) (string, error) { return text, misbehave(text) }

var errOwn = errors.New("own error")

func misbehave(text string) error {
	switch {
	case strings.Contains(text, "panic"):
		panic("with " + text)
	case strings.Contains(text, "error"):
		return fmt.Errorf("%w with %s", errOwn, text)
	}
	return nil
}

type (
	named    string
	level    int8
	celsius  float32
	fallible = string
)

// Variables that travel have to be package variables: their keys are taken for good.
var (
	tenant  = contextvars.New[string]("tenant", wire.Travels(wire.AllHops))
	request = contextvars.New[string]("request", wire.Travels(wire.AllHops))
	debug   = contextvars.New[bool]("debug", wire.Travels(wire.OneHop))
	hint    = contextvars.New[string]("hint", wire.Travels(wire.OneHop|wire.Back))
	cost    = contextvars.New[int]("cost", wire.Travels(wire.Back))
	both    = contextvars.New[int]("both", wire.Travels(wire.AllHops|wire.Back))
	person  = contextvars.New[account]("person", wire.Travels(wire.AllHops, wire.Encoding(wire.JSON[account]())))
	pointer = contextvars.New[*account]("pointer", wire.Travels(wire.AllHops, wire.Encoding(wire.JSON[*account]())))
	short   = contextvars.New[string]("short", wire.Travels(wire.AllHops, wire.MaxValueBytes(4)))
	long    = contextvars.New[string]("long", wire.Travels(wire.AllHops, wire.MaxValueBytes(wire.MaxBytes)))
	other   = contextvars.New[string]("a name with spaces", wire.Travels(wire.AllHops, wire.As("other-key")))
	evil    = contextvars.New[fallible]("evil", wire.Travels(wire.AllHops, wire.Encoding(hostile{})))
	secret  = contextvars.New[fallible]("secret", wire.Travels(wire.AllHops, wire.Encoding(hostile{})), contextvars.Redacted(), contextvars.Label())
	preset  = contextvars.NewDefault("preset", "the default", wire.Travels(wire.AllHops))
	label   = contextvars.New[string]("label", wire.Travels(wire.AllHops), contextvars.Label())

	labelBack = contextvars.New[string]("label-back", wire.Travels(wire.Back), contextvars.Label())

	aNamed    = contextvars.New[named]("named", wire.Travels(wire.AllHops))
	aLevel    = contextvars.New[level]("level", wire.Travels(wire.AllHops))
	aCelsius  = contextvars.New[celsius]("celsius", wire.Travels(wire.AllHops))
	aSmall    = contextvars.New[uint8]("small", wire.Travels(wire.AllHops))
	aHalf     = contextvars.New[float32]("half", wire.Travels(wire.AllHops))
	aUint     = contextvars.New[uint64]("uint", wire.Travels(wire.AllHops))
	aFloat    = contextvars.New[float64]("float", wire.Travels(wire.AllHops))
	aBool     = contextvars.New[bool]("bool", wire.Travels(wire.AllHops))
	aTime     = contextvars.New[time.Time]("time", wire.Travels(wire.AllHops))
	aDuration = contextvars.New[time.Duration]("duration", wire.Travels(wire.AllHops))
	anAddr    = contextvars.New[netip.Addr]("addr", wire.Travels(wire.AllHops))
	aPointer  = contextvars.New[*netip.Addr]("addr-pointer", wire.Travels(wire.AllHops))

	stays = contextvars.New[string]("stays") // does not travel

	many = func() (list [70]*contextvars.ContextVar[int]) {
		for i := range list {
			list[i] = contextvars.New[int](fmt.Sprintf("many-%d", i), wire.Travels(wire.AllHops))
		}
		return list
	}()
)

// reports are what a peer has told.
type reports struct {
	mu   sync.Mutex
	list []wire.Report
}

func (r *reports) rule() wire.Rule {
	return wire.ReportTo(func(report wire.Report) {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.list = append(r.list, report)
	})
}

// want checks that these keys were dropped, each for its reason, and nothing else.
func (r *reports) want(t *testing.T, reasons map[string]error) {
	t.Helper()
	r.mu.Lock()
	defer r.mu.Unlock()
	left := len(reasons)
	for _, report := range r.list {
		reason, ok := reasons[report.Key]
		if !ok || !errors.Is(report.Err, reason) {
			t.Errorf("report: %v", report)
			continue
		}
		left--
	}
	if left != 0 {
		t.Errorf("%d reports, want those of %v", len(r.list), reasons)
	}
	r.list = nil
}

// open returns a peer that is open for everything.
func open() (*wire.Peer, *reports) {
	var r reports
	return wire.NewPeer("open", wire.Everything(), r.rule()), &r
}

// clean runs f in an empty context.
func clean(f func()) { contextvars.NewContext().Run(f) }

// received runs f in what the peer makes of the list that arrives.
func received(p *wire.Peer, list string, f func()) {
	clean(func() { p.Extract(wire.Map{wire.Key: list}).Run(f) })
}

// sent returns what the peer gets from here.
func sent(p *wire.Peer) string {
	m := wire.Map{}
	p.Inject(m)
	return m[wire.Key]
}

func wantSent(t *testing.T, p *wire.Peer, want string) {
	t.Helper()
	if got := sent(p); got != want {
		t.Errorf("sent %q, want %q", got, want)
	}
}

func wantGet[T comparable](t *testing.T, v *contextvars.ContextVar[T], want T) {
	t.Helper()
	if got, ok := v.Lookup(); got != want || !ok {
		t.Errorf("%s is %v, %v, want %v", v.Name(), got, ok, want)
	}
}

func wantNone[T any](t *testing.T, v *contextvars.ContextVar[T]) {
	t.Helper()
	if got, ok := v.In(contextvars.CopyContext()); ok {
		t.Errorf("%s is %v, want nothing", v.Name(), got)
	}
}

// names returns the names of what the current context holds, sorted.
func names() (list []string) {
	for v := range contextvars.CopyContext().All() {
		list = append(list, v.Name())
	}
	slices.Sort(list)
	return list
}
