package thirdparty_test

import (
	"iter"
	"testing"

	cv "github.com/gocontextvars/contextvars"
)

// names yields what it sees, sets the variable to something of its own, and again.
func names(yield func(string) bool) {
	for yield(user.Get()) {
		user.Set(user.Get() + "'")
	}
}

func TestPullWithoutHelp(t *testing.T) {
	created := user.Set("creator")
	next, stop := iter.Pull(names)
	defer stop()
	created.Restore()
	pull := func() string { name, _ := next(); return name }

	// next runs names on another goroutine, whose context is the creator's as it
	// was at the call of Pull, and stays apart from then on.
	defer user.Set("consumer").Restore()
	want(t, "the sequence sees", pull(), "creator")
	want(t, "the sequence sees what it set", pull(), "creator'")
	want(t, "the consumer sees", user.Get(), "consumer")

	// The consumer may be another goroutine each time.
	starters["go"](func() {
		user.Set("another consumer")
		want(t, "the sequence sees, pulled by another goroutine", pull(), "creator''")
		want(t, "the other consumer sees", user.Get(), "another consumer")
	})
}

// For a sequence that is to see what its consumer sees, there is no way but to ask
// the consumer: here, by a Context that it leaves before each pull.
func TestPullWithHelp(t *testing.T) {
	var consumer *cv.Context
	next, stop := iter.Pull(func(yield func(string) bool) {
		for {
			var seen string
			consumer.Run(func() { seen = user.Get() })
			if !yield(seen) {
				return
			}
		}
	})
	defer stop()
	for _, name := range []string{"first", "second"} {
		restore := user.Set(name)
		consumer = cv.CopyContext()
		got, _ := next()
		want(t, "the sequence sees", got, name)
		restore.Restore()
	}
}
