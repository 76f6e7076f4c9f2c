package vartest_test

import (
	"context"
	"flag"
	"runtime/pprof"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/vartest"
)

var (
	user = contextvars.New[string]("user")
	zone = contextvars.NewDefault("zone", "north")
)

func TestSetLastsAsLongAsTheTest(t *testing.T) {
	defer zone.Set("outer").Restore()
	t.Run("inner", func(t *testing.T) {
		t.Cleanup(func() { // runs after that of Set
			if _, ok := user.Lookup(); ok || zone.Get() != "outer" {
				t.Errorf("after the test user is %q, zone is %q", user.Get(), zone.Get())
			}
		})
		vartest.Set(t, user, "ann")
		vartest.Set(t, zone, "south")
		t.Cleanup(func() { // runs before that of Set
			if user.Get() != "ann" || zone.Get() != "south" {
				t.Errorf("in a cleanup function user is %q, zone is %q", user.Get(), zone.Get())
			}
		})
		if user.Get() != "ann" || zone.Get() != "south" {
			t.Errorf("in the test user is %q, zone is %q", user.Get(), zone.Get())
		}
	})
	if _, ok := user.Lookup(); ok || zone.Get() != "outer" {
		t.Errorf("in the parent user is %q, zone is %q", user.Get(), zone.Get())
	}
}

func TestSetReachesGoroutinesAndSubtests(t *testing.T) {
	vartest.Set(t, user, "ann")
	var wg sync.WaitGroup
	wg.Go(func() {
		wg.Go(func() {
			if got := user.Get(); got != "ann" {
				t.Errorf("in a goroutine of a goroutine it is %q", got)
			}
		})
	})
	wg.Wait()
	t.Run("subtest", func(t *testing.T) {
		if got := user.Get(); got != "ann" {
			t.Errorf("in a subtest it is %q", got)
		}
		t.Run("parallel", func(t *testing.T) {
			t.Parallel()
			if got := user.Get(); got != "ann" {
				t.Errorf("in a parallel subtest of a subtest it is %q", got)
			}
		})
	})
}

func TestSetIsUndoneWhateverHappened(t *testing.T) {
	for name, meddle := range map[string]func(t testing.TB){
		"nothing":      func(testing.TB) {},
		"set":          func(testing.TB) { user.Set("x"); zone.Set("y") },
		"unset":        func(testing.TB) { user.Unset() },
		"set again":    func(t testing.TB) { vartest.Set(t, user, "bob"); vartest.Set(t, user, "cem") },
		"goexit":       func(t testing.TB) { user.Set("x"); t.SkipNow() },
		"pprof labels": func(testing.TB) { inForeignLabels(func() { user.Set("x") }) },
	} {
		t.Run(name, func(t *testing.T) {
			before := "unknown"
			record(t, func(t testing.TB) {
				t.Cleanup(func() { before, _ = user.Lookup() })
				vartest.Set(t, user, "ann")
				meddle(t)
			}).wantNone(t)
			if before != "" {
				t.Errorf("afterwards it is %q", before)
			}
		})
	}
}

// inForeignLabels calls f where the goroutine's labels, and with them the variables,
// were written over by somebody who does not know of them.
func inForeignLabels(f func()) {
	pprof.Do(context.Background(), pprof.Labels("foreign", "yes"), func(context.Context) { f() })
}

func TestSetInParallelTests(t *testing.T) {
	for i := range 8 {
		t.Run("", func(t *testing.T) {
			t.Parallel()
			if got, ok := user.Lookup(); ok {
				t.Errorf("it begins as %q", got)
			}
			id := string(rune('A' + i))
			vartest.Set(t, user, id)
			seen := make(chan string)
			for range 100 {
				go func() { seen <- user.Get() }()
				if got := <-seen; got != id {
					t.Errorf("in a goroutine of %s it is %q", id, got)
				}
				if got := user.Get(); got != id {
					t.Errorf("in %s it is %q", id, got)
				}
			}
		})
	}
}

func TestSetInBubble(t *testing.T) {
	vartest.Set(t, user, "ann")
	synctest.Test(t, func(t *testing.T) {
		vartest.Set(t, zone, "south")
		seen := make(chan string)
		go func() { seen <- user.Get() + zone.Get() }()
		if got := <-seen; got != "annsouth" {
			t.Errorf("in the bubble it is %q", got)
		}
	})
	if zone.Get() != "north" {
		t.Errorf("after the bubble zone is %q", zone.Get())
	}
}

func TestSetInBenchmark(t *testing.T) {
	// Benchmark goes by the flag; once will do.
	benchtime := flag.Lookup("test.benchtime").Value
	defer benchtime.Set(benchtime.String())
	benchtime.Set("1x")

	before, within := "", ""
	testing.Benchmark(func(b *testing.B) {
		before += user.Get()
		vartest.Set(b, user, "ann")
		b.RunParallel(func(p *testing.PB) {
			for p.Next() {
				if user.Get() != "ann" {
					b.Errorf("in RunParallel it is %q", user.Get())
				}
			}
		})
		within = user.Get()
	})
	if before != "" || within != "ann" {
		t.Errorf("before it is %q, within %q", before, within)
	}
}

// FuzzSet has a value from the fuzz test itself and one for each input.
func FuzzSet(f *testing.F) {
	vartest.Set(f, user, "ann")
	f.Add("south")
	f.Add("")
	f.Fuzz(func(t *testing.T, z string) {
		if got := zone.Get(); got != "north" {
			t.Errorf("the input before this one left %q", got)
		}
		vartest.Set(t, zone, z)
		if user.Get() != "ann" || zone.Get() != z {
			t.Errorf("user is %q, zone is %q", user.Get(), zone.Get())
		}
	})
}

func TestSetInAnotherContext(t *testing.T) {
	t.Run("goroutine", func(t *testing.T) {
		record(t, func(t testing.TB) {
			done := make(chan bool)
			go func() {
				defer close(done)
				vartest.Set(t, user, "ann")
			}()
			<-done
		}).wantOne(t, "Set gave \"user\"", "on the goroutine of the test")
	})
	t.Run("Context.Run", func(t *testing.T) {
		record(t, func(t testing.TB) {
			contextvars.NewContext().Run(func() { vartest.Set(t, user, "ann") })
		}).wantOne(t, "Set gave \"user\"", "outside of Context.Run")
	})
	t.Run("failed already", func(t *testing.T) {
		record(t, func(t testing.TB) {
			contextvars.NewContext().Run(func() { vartest.Set(t, user, "ann") })
			t.Errorf("vartest: just this")
		}).wantOne(t, "just this")
	})
}

func TestNilArguments(t *testing.T) {
	for name, c := range map[string]struct {
		call func()
		says string
	}{
		"Set, no t":          {func() { vartest.Set(nil, user, "") }, "vartest: Set was given a nil testing.TB"},
		"Set, no variable":   {func() { vartest.Set(t, (*contextvars.ContextVar[int])(nil), 1) }, "vartest: Set was given a nil *ContextVar"},
		"VerifyNoLeak, no t": {func() { vartest.VerifyNoLeak(nil) }, "vartest: VerifyNoLeak was given a nil testing.TB"},
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if text, _ := recover().(string); !strings.HasPrefix(text, c.says) {
					t.Errorf("panicked with %q, want %q", text, c.says)
				}
			}()
			c.call()
			t.Error("did not panic")
		})
	}
}

// The examples have no output; they are run here.
func TestExamples(t *testing.T) {
	t.Run("Set", testGreeting)
	t.Run("VerifyNoLeak", testServer)
}
