package vartest_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/lifetime"
	"github.com/gocontextvars/contextvars/vartest"
)

func work(f func()) { lifetime.Run(contextvars.CopyContext(), "job", f) }

func TestNothingHeld(t *testing.T) {
	for name, c := range map[string]struct {
		test  func(until <-chan bool)
		words []string // nil: nothing is reported
	}{
		"go": {func(until <-chan bool) { work(func() { go parked(until) }) }, []string{
			"of the work that has ended in the test, 1 piece is still held. ", `"job" ended `, " is held by 1 goroutine\n1 × goroutine ", " [chan receive",
			thisPackage + ".parked\n\t\t", "created by " + thisPackage + ".TestNothingHeld", "contextvars.GoDetached"}},
		"that has set": {func(until <-chan bool) {
			work(func() {
				set := make(chan bool)
				go func() { user.Set("ann"); close(set); parked(until) }()
				<-set
			})
		}, []string{".parked"}},
		"two": {func(until <-chan bool) {
			for range 2 {
				work(func() { go parked(until) })
			}
		}, []string{"2 pieces are still held", "is held by 1 goroutine\n"}},
		"many": {func(until <-chan bool) {
			for range 12 {
				work(func() { go parked(until) })
			}
		}, []string{"12 pieces are still held", "\nand 2 more\n"}},
		"timer": {func(<-chan bool) { work(func() { contextvars.AfterFunc(time.Hour, func() {}) }) },
			[]string{"is held by 1 timer or bound function\n1 × function of AfterFunc, created by\n\t" + thisPackage + ".TestNothingHeld"}},
		"AfterDone": {func(until <-chan bool) {
			ctx, cancel := context.WithCancel(context.Background())
			contextvars.GoDetached(func() { parked(until); cancel() })
			work(func() { contextvars.AfterDone(ctx, func() {}) })
		}, []string{"function of AfterDone"}},
		"in an empty Context": {func(until <-chan bool) {
			lifetime.Run(contextvars.NewContext(), "job", func() { user.Set("ann"); go parked(until) })
		}, []string{".parked"}},
		"in a goroutine": {func(until <-chan bool) {
			done := make(chan bool)
			go func() { work(func() { go parked(until) }); close(done) }()
			<-done
		}, []string{".parked"}},
		"in a Work": {func(until <-chan bool) {
			work(func() { lifetime.Run(contextvars.CopyContext(), "inner", func() { go parked(until) }) })
		}, []string{"1 piece", `"inner"`}},

		"nothing":       {func(<-chan bool) { work(func() {}) }, nil},
		"ended":         {func(<-chan bool) { work(func() { done := make(chan bool); go close(done); <-done }) }, nil},
		"about to end":  {func(<-chan bool) { work(func() { go time.Sleep(time.Second) }) }, nil},
		"stopped timer": {func(<-chan bool) { work(func() { contextvars.AfterFunc(time.Hour, func() {}).Stop() }) }, nil},
		"fired timer":   {func(<-chan bool) { work(func() { contextvars.AfterFunc(time.Second, func() {}) }) }, nil},
		"GoDetached":    {func(until <-chan bool) { work(func() { contextvars.GoDetached(func() { parked(until) }) }) }, nil},
		"own work": {func(until <-chan bool) {
			work(func() { go lifetime.Run(contextvars.CopyContext(), "own", func() { parked(until) }) })
		}, nil},
		"outside of the work": {func(until <-chan bool) { go parked(until); work(func() {}) }, nil},
		"elsewhere, limit": {func(until <-chan bool) {
			contextvars.Detach(func() { work(func() { go parked(until) }) })
		}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				until := make(chan bool)
				defer func() {
					close(until)
					time.Sleep(2 * time.Hour) // until all goroutines and timers have ended
				}()
				r := record(t, func(t testing.TB) {
					vartest.VerifyNothingHeld(t)
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

func TestNothingHeldInATest(t *testing.T) {
	vartest.VerifyNoLeak(t)
	vartest.VerifyNothingHeld(t)
	if n := contextvars.CopyContext().Len(); n != 1 { // VerifyNoLeak's
		t.Errorf("%d variables are set, want 1", n)
	}
	for range 100 {
		work(func() {
			user.Set("ann")
			var wg sync.WaitGroup
			wg.Go(func() { user.Set("bob") })
			wg.Wait()
			contextvars.AfterFunc(time.Hour, func() {}).Stop()
		})
	}
}

// Each test has an eye on its own work.
func TestNothingHeldInParallel(t *testing.T) {
	for i := range 4 {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			until := make(chan bool)
			r := record(t, func(t testing.TB) {
				vartest.VerifyNothingHeld(t)
				work(func() {
					if i == 0 {
						go parked(until)
					}
				})
			})
			close(until)
			if i == 0 {
				r.wantOne(t, "1 piece")
			} else {
				r.wantNone(t)
			}
		})
	}
}

func TestNothingHeldTwice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		until := make(chan bool)
		var inner *recorder
		outer := record(t, func(t testing.TB) {
			vartest.VerifyNothingHeld(t)
			inner = record(t, func(t testing.TB) {
				vartest.VerifyNothingHeld(t)
				work(func() { go parked(until) })
			})
		})
		inner.wantOne(t, ".parked")
		outer.wantNone(t)
		close(until)
	})
}

func TestNothingHeldInAnotherContext(t *testing.T) {
	record(t, func(t testing.TB) {
		contextvars.NewContext().Run(func() { vartest.VerifyNothingHeld(t) })
	}).wantOne(t, "VerifyNothingHeld was not called in the test's own context; call it on the goroutine of the test that t belongs to")
	record(t, func(t testing.TB) {
		done := make(chan bool)
		go func() { defer close(done); vartest.VerifyNothingHeld(t) }()
		<-done
	}).wantOne(t, "was not called in the test's own context")
}

func TestNothingHeldOfNil(t *testing.T) {
	defer func() {
		if got, want := recover(), "vartest: VerifyNothingHeld was given a nil testing.TB; give it the test's t"; got != want {
			t.Errorf("panicked with %v, want %v", got, want)
		}
	}()
	vartest.VerifyNothingHeld(nil)
}

// Afterwards nothing of the test's context is marked, and nobody tracks.
func TestNothingHeldIsTakenBack(t *testing.T) {
	r := record(t, func(t testing.TB) {
		t.Cleanup(func() {
			work(func() {
				if w := lifetime.Current(); w != nil {
					t.Errorf("%v is tracked", w)
				}
			})
			if got := user.Get(); got != "ann" {
				t.Errorf("user is %q, want ann", got)
			}
		})
		user.Set("ann")
		vartest.VerifyNothingHeld(t)
		vartest.Set(t, user, "bob")
	})
	r.wantNone(t)
}
