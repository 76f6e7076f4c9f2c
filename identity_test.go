package contextvars_test

import (
	"context"
	"iter"
	"runtime"
	"runtime/pprof"
	"testing"
	"testing/synctest"

	cv "github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/internal/slot"
)

// The runtime uses the g of a goroutine that has ended for a new one. Nothing of the
// dead one may come to the new one by that.

// onUsedG runs f n times on goroutines whose g belonged to a goroutine that ran
// before and has ended, and fails if that never came about.
func onUsedG(t *testing.T, n int, before, f func()) {
	t.Helper()
	dead := map[slot.G]bool{}
	used := 0
	for range n {
		inChild(func() any {
			before()
			g, _ := slot.Self()
			dead[g] = true
			return nil
		})
		inChild(func() any {
			if g, _ := slot.Self(); dead[g] {
				used++
			}
			f()
			return nil
		})
	}
	if used < n/2 {
		t.Errorf("only %d of %d goroutines had a used g", used, n)
	}
}

func TestUsedGRemembersNothing(t *testing.T) {
	wrong := 0
	onUsedG(t, 2000, func() { user.Set("dead") }, func() {
		if user.Get() != "" {
			wrong++
		}
		pprof.SetGoroutineLabels(context.Background())
		if user.Get() != "" {
			wrong++
		}
	})
	want(t, "goroutines that saw a dead one's value", wrong, 0)
}

// The new goroutine even inherits a frame of the one whose g it has.
func TestUsedGIsNotTheOwner(t *testing.T) {
	wrong := 0
	var token cv.Token[string]
	var grandchild chan bool
	onUsedG(t, 500, func() {
		token = user.Set("dead")
		child := make(chan bool)
		grandchild = make(chan bool)
		started := make(chan bool)
		go func(grandchild chan bool) {
			close(started)
			<-child // until the creator has ended
			for range 20 {
				inChild(func() any {
					if user.Get() != "dead" || token.Restore() || user.Reset(token) == nil {
						wrong++
					}
					user.Set("mine")
					return nil
				})
			}
			if user.Get() != "dead" {
				wrong++
			}
			close(grandchild)
		}(grandchild)
		<-started
		close(child)
	}, func() { <-grandchild })
	want(t, "wrong values or tokens accepted", wrong, 0)
}

func TestCoroutinesOnLockedThreads(t *testing.T) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	defer user.Set("alice").Restore()
	next, stop := iter.Pull(func(yield func(string) bool) {
		yield(user.Get())
		user.Set("coroutine")
		yield(user.Get())
		pprof.SetGoroutineLabels(context.Background())
		yield(user.Get())
	})
	defer stop()
	token := user.Set("bob")
	for _, w := range []string{"alice", "coroutine", "coroutine"} {
		got, _ := next()
		want(t, "the coroutine sees", got, w)
		want(t, "its caller sees", user.Get(), "bob")
	}
	want(t, "restored", token.Restore(), true)
}

func TestSynctest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		defer user.Set("alice").Restore()
		got := make(chan string)
		go func() {
			pprof.Do(context.Background(), pprof.Labels("k", "v"), func(context.Context) { user.Set("bob") })
			runtime.GC()
			got <- user.Get()
		}()
		want(t, "goroutine", <-got, "bob")
		timer := cv.AfterFunc(1<<40, func() { got <- user.Get() })
		user.Set("carol")
		want(t, "timer", <-got, "alice")
		timer.Stop()
		synctest.Wait()
	})
}
