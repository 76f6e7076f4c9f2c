package vartest_test

import (
	"context"
	"runtime/pprof"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/vartest"
)

var (
	list  = contextvars.New[[]int]("list")
	local = contextvars.New[string]("local", contextvars.Local())
	pass  = contextvars.New[string]("pass", contextvars.Redacted())
)

func TestChangedVariables(t *testing.T) {
	for name, c := range map[string]struct {
		before func(t testing.TB)
		test   func(t testing.TB)
		words  []string // nil: nothing is reported
	}{
		"set":         {nil, func(testing.TB) { user.Set("ann") }, []string{`"user" is "ann", was not set`}},
		"set over":    {func(testing.TB) { user.Set("ann") }, func(testing.TB) { user.Set("bob") }, []string{`"user" is "bob", was "ann"`}},
		"unset":       {func(testing.TB) { user.Set("ann") }, func(testing.TB) { user.Unset() }, []string{`"user" is not set, was "ann"`}},
		"to default":  {nil, func(testing.TB) { zone.Set("north") }, []string{`"zone" is "north", was not set`}},
		"not for ==":  {func(testing.TB) { list.Set([]int{1}) }, func(testing.TB) { list.Set([]int{2}) }, []string{`"list" is [2], was [1]`}},
		"two, sorted": {nil, func(testing.TB) { zone.Set("x"); user.Set("y") }, []string{"\"user\" is \"y\", was not set\n\t\"zone\" is \"x\", was not set"}},
		"in foreign labels": {nil, func(testing.TB) { inForeignLabels(func() { user.Set("ann") }) },
			[]string{`"user" is "ann", was not set`}},
		"redacted": {func(testing.TB) { pass.Set("old") }, func(testing.TB) { pass.Set("new") },
			[]string{`"pass" is [redacted], was [redacted]`}},
		"before a FailNow": {nil, func(t testing.TB) { user.Set("ann"); t.SkipNow() }, []string{`"user" is "ann"`}},
		"in a cleanup":     {nil, func(t testing.TB) { t.Cleanup(func() { user.Set("ann") }) }, []string{`"user" is "ann"`}},

		"nothing":             {nil, func(testing.TB) {}, nil},
		"set before the call": {func(testing.TB) { user.Set("ann"); list.Set([]int{1}) }, func(testing.TB) {}, nil},
		"restored":            {nil, func(testing.TB) { defer user.Set("ann").Restore() }, nil},
		"vartest.Set":         {nil, func(t testing.TB) { vartest.Set(t, user, "ann") }, nil},
		"restored by cleanup": {nil, func(t testing.TB) { token := user.Set("ann"); t.Cleanup(func() { token.Restore() }) }, nil},
		"equal":               {func(testing.TB) { user.Set("ann") }, func(testing.TB) { user.Set("ann") }, nil},
		"only read":           {nil, func(testing.TB) { user.Get(); inForeignLabels(func() { user.Get() }) }, nil},
		"by a goroutine":      {nil, func(testing.TB) { done := make(chan bool); go func() { user.Set("ann"); close(done) }(); <-done }, nil},
		"in a context":        {nil, func(testing.TB) { contextvars.NewContext().Run(func() { user.Set("ann") }) }, nil},
		"Local, a limit":      {nil, func(testing.TB) { local.Set("ann") }, nil},
	} {
		t.Run(name, func(t *testing.T) {
			r := record(t, func(t testing.TB) {
				if c.before != nil {
					c.before(t)
				}
				vartest.VerifyNoLeak(t)
				c.test(t)
			})
			if c.words == nil {
				r.wantNone(t)
			} else {
				r.wantOne(t, c.words...)
			}
		})
	}
}

// parked waits until the test lets it go. The report shall name it.
func parked(until <-chan bool) { <-until }

// TestGoroutines is in bubbles, where the wait for goroutines costs no time.
func TestGoroutines(t *testing.T) {
	for name, c := range map[string]struct {
		test  func(until <-chan bool)
		words []string // nil: nothing is reported
	}{
		"go":       {func(until <-chan bool) { go parked(until) }, []string{"holding its context: 1 goroutine.\n", "\t" + thisPackage + ".parked\n\t\t", "leak_test.go:"}},
		"go, deep": {func(until <-chan bool) { go func() { go func() { go parked(until) }() }() }, []string{"context: 1 goroutine.", ".parked"}},
		"three": {func(until <-chan bool) {
			for range 3 {
				go parked(until)
			}
		}, []string{"context: 3 goroutines.", "\n3 goroutines:\n"}},
		"two and one": {func(until <-chan bool) {
			for range 2 {
				go parked(until)
			}
			go func() { parked(until) }()
		}, []string{"context: 3 goroutines.", "\n2 goroutines:\n", "\n1 goroutine:\n"}},
		"WaitGroup":    {func(until <-chan bool) { new(sync.WaitGroup).Go(func() { parked(until) }) }, []string{".parked"}},
		"Go":           {func(until <-chan bool) { contextvars.Go(func() { parked(until) }) }, []string{".parked"}},
		"that has set": {func(until <-chan bool) { go func() { user.Set("ann"); parked(until) }() }, []string{".parked"}},
		"that has run": {func(until <-chan bool) { go func() { contextvars.NewContext().Run(func() {}); parked(until) }() }, []string{".parked"}},
		"in a copy": {func(until <-chan bool) {
			c := contextvars.CopyContext()
			go contextvars.Detach(func() { c.Run(func() { parked(until) }) })
		}, []string{".parked"}},
		"carried": {func(until <-chan bool) {
			ctx := contextvars.WithContext(context.Background(), contextvars.CopyContext())
			pprof.Do(ctx, pprof.Labels("a", "b"), func(context.Context) { go parked(until) })
		}, []string{".parked"}},
		"after foreign labels": {func(until <-chan bool) { inForeignLabels(func() {}); user.Get(); go parked(until) }, []string{".parked"}},
		"too slow":             {func(<-chan bool) { go time.Sleep(3 * time.Second) }, []string{"time.Sleep"}},
		"lent and set": {func(until <-chan bool) {
			contextvars.Lend(func() {
				set := make(chan bool)
				go func() { user.Set("ann"); close(set); parked(until) }()
				<-set
			})
		}, []string{".parked"}},

		"ended":           {func(<-chan bool) { done := make(chan bool); go close(done); <-done }, nil},
		"about to end":    {func(<-chan bool) { go time.Sleep(time.Second) }, nil},
		"GoDetached":      {func(until <-chan bool) { contextvars.GoDetached(func() { parked(until) }) }, nil},
		"GoDetached, set": {func(until <-chan bool) { contextvars.GoDetached(func() { user.Set("ann"); parked(until) }) }, nil},
		"Detach":          {func(until <-chan bool) { contextvars.Detach(func() { go parked(until) }) }, nil},
		"Lend":            {func(until <-chan bool) { contextvars.Lend(func() { go parked(until) }) }, nil},
		"Lend, has looked": {func(until <-chan bool) {
			contextvars.Lend(func() { looked := make(chan bool); go func() { user.Get(); close(looked); parked(until) }(); <-looked })
		}, nil},
		"foreign labels, limit":  {func(until <-chan bool) { inForeignLabels(func() { go parked(until) }) }, nil},
		"detached itself, limit": {func(until <-chan bool) { go contextvars.Detach(func() { parked(until) }) }, nil},
		"AfterFunc, limit":       {func(until <-chan bool) { contextvars.AfterFunc(time.Hour, func() {}) }, nil},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				until := make(chan bool)
				defer func() {
					close(until)
					time.Sleep(time.Minute) // until all goroutines have ended
				}()
				r := record(t, func(t testing.TB) {
					vartest.VerifyNoLeak(t)
					c.test(until)
				})
				if c.words == nil {
					r.wantNone(t)
				} else {
					r.wantOne(t, c.words...)
				}
			})
		})
	}
}

const thisPackage = "github.com/gocontextvars/contextvars/vartest_test"

// Ending goroutines in real time, as many as make it likely that some are not yet
// gone at the first look.
func TestGoroutinesAboutToEnd(t *testing.T) {
	record(t, func(t testing.TB) {
		vartest.VerifyNoLeak(t)
		for range 1000 {
			go func() { user.Set("ann") }()
		}
	}).wantNone(t)
}

// A worker that runs a function which was bound in the test holds the test's context.
func TestBoundFunctionOnAnotherGoroutine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		jobs, until := make(chan func()), make(chan bool)
		go func() {
			for job := range jobs {
				job()
			}
		}()
		verified := record(t, func(t testing.TB) {
			vartest.VerifyNoLeak(t)
			running := make(chan bool)
			jobs <- contextvars.Bind(func() {
				close(running)
				parked(until)
			})
			<-running
		})
		verified.wantOne(t, ".parked")
		close(until)
		record(t, func(t testing.TB) {
			vartest.VerifyNoLeak(t)
			done := make(chan bool)
			jobs <- contextvars.Bind(func() { close(done) })
			<-done
		}).wantNone(t)
		close(jobs)
	})
}

func TestVerifyNoLeakTwice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		until := make(chan bool)
		outer := record(t, func(t testing.TB) {
			vartest.VerifyNoLeak(t)
			record(t, func(t testing.TB) {
				vartest.VerifyNoLeak(t)
				go parked(until)
				user.Set("ann")
			})
		})
		outer.wantNone(t)
		close(until)
	})
	r := record(t, func(t testing.TB) {
		vartest.VerifyNoLeak(t)
		vartest.VerifyNoLeak(t)
		user.Set("ann")
	})
	if len(r.errors) != 2 || r.errors[0] != r.errors[1] {
		t.Errorf("reported %q, want the same twice", r.errors)
	}
}

func TestVerifyNoLeakInAnotherContext(t *testing.T) {
	t.Run("goroutine", func(t *testing.T) {
		record(t, func(t testing.TB) {
			done := make(chan bool)
			go func() {
				defer close(done)
				vartest.VerifyNoLeak(t)
			}()
			<-done
		}).wantOne(t, "not called in the test's own context")
	})
	t.Run("Context.Run", func(t *testing.T) {
		record(t, func(t testing.TB) {
			contextvars.NewContext().Run(func() { vartest.VerifyNoLeak(t) })
		}).wantOne(t, "not called in the test's own context")
	})
	t.Run("Lend", func(t *testing.T) {
		r := record(t, func(t testing.TB) {
			t.Cleanup(func() {
				if n := contextvars.CopyContext().Len(); n != 0 {
					t.Errorf("%d variables are set after it", n)
				}
			})
			contextvars.Lend(func() { vartest.VerifyNoLeak(t) })
		})
		r.wantOne(t, "outside of contextvars.Lend")
		if !r.fatal {
			t.Error("the test went on")
		}
	})
	t.Run("failed already", func(t *testing.T) {
		record(t, func(t testing.TB) {
			contextvars.NewContext().Run(func() { vartest.VerifyNoLeak(t) })
			t.Errorf("vartest: just this")
		}).wantOne(t, "just this")
	})
}

// The mark must not stay.
func TestVerifyNoLeakLeavesNothing(t *testing.T) {
	record(t, func(tb testing.TB) {
		tb.Cleanup(func() {
			if n := contextvars.CopyContext().Len(); n != 0 {
				t.Errorf("%d variables are set after it", n)
			}
		})
		vartest.VerifyNoLeak(tb)
		if n := contextvars.CopyContext().Len(); n != 1 {
			t.Errorf("%d variables are set, want 1", n)
		}
	}).wantNone(t)
}
