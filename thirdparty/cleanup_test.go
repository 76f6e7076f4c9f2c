package thirdparty_test

import (
	"runtime"
	"testing"

	cv "github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/internal/matrix"
)

// afterCleanup gives a thing that nobody holds the cleanup, where user is set to
// name, and returns what the cleanup sends.
func afterCleanup(t *testing.T, name string, add func(p *thing, got chan string)) (saw string) {
	t.Helper()
	got := make(chan string, 1)
	user.With(name, func() { withThing(func(p *thing) { add(p, got) }) })
	arrived := collectUntil(1000, func() bool {
		select {
		case saw = <-got:
			return true
		default:
			return false
		}
	})
	if !arrived {
		t.Fatal("the cleanup was never called")
	}
	return saw
}

//go:noinline
func withThing(f func(p *thing)) { f(new(thing)) }

func sendUser(got chan string) { got <- user.Get() }

func TestAddCleanupWithoutHelp(t *testing.T) {
	want(t, "the cleanup sees", afterCleanup(t, "owner", func(p *thing, got chan string) {
		//contextvars:ignore job what it sees without help is tested
		runtime.AddCleanup(p, sendUser, got)
	}), "")
}

func TestAddCleanupWithBind1(t *testing.T) {
	want(t, "the cleanup sees", afterCleanup(t, "owner", func(p *thing, got chan string) {
		runtime.AddCleanup(p, cv.Bind1(sendUser), got)
	}), "owner")
}

// All finalizers run on one goroutine, so one sees what an earlier one has left.
func TestSetFinalizerWithoutHelp(t *testing.T) {
	var token cv.Token[string]
	want(t, "the first finalizer sees", afterCleanup(t, "owner", func(p *thing, got chan string) {
		//contextvars:ignore job what it sees without help is tested
		runtime.SetFinalizer(p, func(*thing) {
			saw := user.Get()
			token = user.Set("leftover")
			got <- saw
		})
	}), "")
	want(t, "the next finalizer sees", afterCleanup(t, "owner", func(p *thing, got chan string) {
		//contextvars:ignore job what it sees without help is tested
		runtime.SetFinalizer(p, func(*thing) {
			saw := user.Get()
			token.Restore()
			got <- saw
		})
	}), "leftover")
}

func TestSetFinalizerWithBind1(t *testing.T) {
	for range 2 {
		want(t, "the finalizer sees", afterCleanup(t, "owner", func(p *thing, got chan string) {
			runtime.SetFinalizer(p, cv.Bind1(func(*thing) { sendUser(got); user.Set("leftover") }))
		}), "owner")
	}
}

func cleanupRows(t *testing.T) []matrix.Row {
	send := func(got chan string) { got <- sees() }
	cleaned := func(bind func(func(chan string)) func(chan string)) string {
		return afterCleanup(t, "the adder's", func(p *thing, got chan string) {
			runtime.AddCleanup(p, bind(send), got)
		})
	}
	// The first finalizer leaves something, which the second one takes back in the end: there
	// is one goroutine for all of them.
	finalized := func(bind func(func(*thing)) func(*thing)) (saw string) {
		var token cv.Token[string]
		afterCleanup(t, "the setter's", func(p *thing, got chan string) {
			runtime.SetFinalizer(p, bind(func(*thing) { token = user.Set(left); got <- "" }))
		})
		return afterCleanup(t, "the setter's", func(p *thing, got chan string) {
			runtime.SetFinalizer(p, bind(func(*thing) {
				saw := sees()
				token.Restore()
				got <- saw
			}))
		})
	}
	return []matrix.Row{{
		Where: "`runtime.AddCleanup`", Module: std, Help: "`Bind1`",
		Without: cleaned(itself), With: cleaned(cv.Bind1[chan string]),
	}, {
		Where: "`runtime.SetFinalizer`, after a finalizer that set the variable", Module: std, Help: "`Bind1`",
		Without: finalized(itself), With: finalized(cv.Bind1[*thing]),
	}}
}
