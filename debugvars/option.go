package debugvars

import (
	"fmt"
	"time"
)

// An Option says how [Register] and [Handler] look at goroutines.
type Option func(*options)

type options struct {
	provenance    bool
	interval      time.Duration
	maxGoroutines int
}

func defaults() options {
	return options{interval: 250 * time.Millisecond, maxGoroutines: 20_000}
}

func optionsOf(call string, opts []Option) options {
	o := defaults()
	for i, opt := range opts {
		if opt == nil {
			panic(fmt.Sprintf("debugvars: %s was given a nil Option, number %d", call, i+1))
		}
		opt(&o)
	}
	return o
}

// Provenance has it recorded where each value is set, in the whole process and from now on: the file and line, the
// goroutine and the time. That makes a Set slower, by less than 1 µs, and the contexts that hold the value larger. Get and the go statement
// cost what they did. It cannot be switched off.
func Provenance() Option { return func(o *options) { o.provenance = true } }

// MinInterval is for how long requests have one look at the goroutines in common; it is 250 ms without this option, and 0
// has each request take its own. It bounds what clients, however many, can cost the program.
func MinInterval(d time.Duration) Option {
	if d < 0 {
		panic(fmt.Sprintf("debugvars: MinInterval was given %v; it takes 0 or more", d))
	}
	return func(o *options) { o.interval = d }
}

// MaxGoroutines is how many goroutines a process may have for each of them to be printed, which stops the world for some 3 µs a goroutine;
// it is 20,000 without this option. If there are more, or they stand in more calls than 20 times this, what they hold is counted, and none is listed.
func MaxGoroutines(n int) Option {
	if n < 0 {
		panic(fmt.Sprintf("debugvars: MaxGoroutines was given %d; it takes 0 or more", n))
	}
	return func(o *options) { o.maxGoroutines = n }
}
