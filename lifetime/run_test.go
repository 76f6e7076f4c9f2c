package lifetime_test

import (
	"errors"
	"fmt"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/lifetime"
)

func TestRunWithoutTracking(t *testing.T) {
	c := contextvars.NewContext()
	lifetime.Run(c, "w", func() {
		user.Set("ann")
		want(t, "work", lifetime.Current(), nil)
	})
	named := func() string { t.Error("the name was made"); return "" }
	lifetime.RunNamed(c, named, func() { want(t, "user", user.Get(), "ann") })
	want(t, "variables", c.Len(), 1)
}

func TestRun(t *testing.T) {
	track(t)
	before := time.Now()
	for name, run := range map[string]func(*contextvars.Context, func()){
		"Run":      func(c *contextvars.Context, f func()) { lifetime.Run(c, "w", f) },
		"RunNamed": func(c *contextvars.Context, f func()) { lifetime.RunNamed(c, func() string { return "w" }, f) },
	} {
		t.Run(name, func(t *testing.T) {
			c := contextvars.NewContext()
			var w *lifetime.Work
			run(c, func() {
				user.Set("ann")
				w = lifetime.Current()
				want(t, "name", w.Name(), "w")
				if began := w.Began(); began.Before(before) || began.After(time.Now()) {
					t.Errorf("began at %v, want between %v and now", began, before)
				}
				_, ended := w.Ended()
				want(t, "ended inside", ended, false)
			})
			at, ended := w.Ended()
			want(t, "ended", ended, true)
			want(t, "ended after it began", at.Before(w.Began().Round(0)), false)
			want(t, "work outside", lifetime.Current(), nil)
			want(t, "variables", c.Len(), 1)
			c.Run(func() { want(t, "work in the context, later", lifetime.Current(), w) })
			run(c, func() {
				want(t, "another work", lifetime.Current() != w && lifetime.Current().ID() > w.ID(), true)
				want(t, "user", user.Get(), "ann")
			})
		})
	}
}

func TestNameIsCut(t *testing.T) {
	track(t)
	x := func(n int) string { return strings.Repeat("x", n) }
	for name, cut := range map[string]string{
		"":                          "",
		x(200):                      x(200),
		x(201):                      x(200) + "...",
		x(199) + "ü":                x(199) + "...",
		strings.Repeat("\x80", 300): "...",
	} {
		want(t, "name", during(name, func() {}).Name(), cut)
	}
}

func TestRunEnds(t *testing.T) {
	track(t)
	c := contextvars.NewContext()
	var w *lifetime.Work
	inside := func(end func()) func() {
		return func() { w = lifetime.Current(); end() }
	}
	wantEnded := func(how string) {
		t.Helper()
		_, ended := w.Ended()
		want(t, "ended by "+how, ended, true)
	}
	func() {
		defer func() { want(t, "panic", recover(), any("p")) }()
		lifetime.Run(c, "w", inside(func() { panic("p") }))
	}()
	wantEnded("panic")
	done := make(chan bool)
	go func() {
		defer close(done)
		lifetime.Run(c, "w", inside(runtime.Goexit))
	}()
	<-done
	wantEnded("Goexit")
}

func wantPanic(t *testing.T, what string, f func()) {
	t.Helper()
	defer func() {
		if r := recover(); fmt.Sprint(r) != what {
			t.Errorf("panic %v, want %q", r, what)
		}
	}()
	f()
}

func TestBadCalls(t *testing.T) {
	f := func() {}
	for range 2 { // without tracking, and with
		wantPanic(t, "contextvars: Context.Run was given a nil *Context; make one with NewContext or CopyContext",
			func() { lifetime.Run(nil, "w", f) })
		wantPanic(t, "contextvars: Context.Run was given a nil func", func() { lifetime.Run(contextvars.NewContext(), "w", nil) })
		wantPanic(t, "lifetime: RunNamed was given a nil func for the name; use Run for a name that is known",
			func() { lifetime.RunNamed(contextvars.NewContext(), nil, f) })
		track(t)
	}
	wantPanic(t, "lifetime: Report was given a nil func", func() { lifetime.Report(nil) })
	wantPanic(t, "lifetime: Track was given a nil Option, number 2", func() { lifetime.Track(lifetime.Revoke(), nil) })
}

// A context that somebody else has entered is left as it is.
func TestReentry(t *testing.T) {
	track(t)
	lifetime.Run(contextvars.NewContext(), "outer", func() {
		w := lifetime.Current()
		c := contextvars.CopyContext()
		c.Run(func() {
			var err *contextvars.ReentryError
			func() {
				defer func() { want(t, "refused", errors.As(recover().(error), &err), true) }()
				lifetime.Run(c, "inner", func() {})
			}()
			want(t, "work", lifetime.Current(), w)
		})
	})
}

func TestText(t *testing.T) {
	track(t)
	var w *lifetime.Work
	text := func() string { return regexp.MustCompile(`[\d.]+[nµm]?s`).ReplaceAllString(w.String(), "D") }
	lifetime.Run(contextvars.NewContext(), "a \"b\"\n", func() {
		w = lifetime.Current()
		want(t, "text", text(), fmt.Sprintf(`<Work %d "a \"b\"\n" for D>`, w.ID()))
	})
	want(t, "text", text(), fmt.Sprintf(`<Work %d "a \"b\"\n" ended D ago, after D>`, w.ID()))
	w = nil
	want(t, "text", text(), "<nil Work>")
}

func TestTracking(t *testing.T) {
	first, second := lifetime.Track(), lifetime.Track()
	want(t, "two track", during("w", func() {}) != nil, true)
	first()
	first()
	want(t, "one tracks", during("w", func() {}) != nil, true)
	var outer *lifetime.Work
	lifetime.Run(contextvars.NewContext(), "w", func() {
		outer = lifetime.Current()
		second()
		want(t, "work, when tracking stops", lifetime.Current(), outer)
		lifetime.Run(contextvars.CopyContext(), "inner", func() {
			want(t, "inside of a Run that is not tracked", lifetime.Current(), outer)
		})
	})
	_, ended := outer.Ended()
	want(t, "it ends all the same", ended, true)
	want(t, "nobody tracks", during("w", func() {}), nil)
}
