// Package vartest helps to test code that uses context variables: [Set] gives a
// variable a value for the length of a test, [VerifyNoLeak] fails a test that
// leaves values or goroutines with its values behind, and [VerifyNothingHeld] one whose requests,
// or other pieces of work, leave somebody behind who holds their values.
//
// Each test, subtest, benchmark and fuzz input runs on a goroutine of its own and so
// has a context of its own. Tests that run in parallel do not see each other's
// values, and the next test begins with none of the last one's.
package vartest

import (
	"testing"

	"github.com/gocontextvars/contextvars"
)

// Set gives v the value for the length of the test: for the test itself, for the
// subtests and goroutines that it starts from now on, and for its cleanup functions
// that were registered later. Then v has again what it had before the call, whatever
// was done to it in between. t may be a *testing.T, *testing.B or *testing.F, or the T
// of a testing/synctest bubble.
//
// It costs what a Set and a Cleanup cost.
//
// Set has to be called by the goroutine of the test that t belongs to, and not inside
// of a Context.Run: where the cleanup functions of t run in another context, the
// value cannot be taken back, and the test fails.
//
// Set panics if t or v is nil.
func Set[T any](t testing.TB, v *contextvars.ContextVar[T], value T) {
	checkTB("Set", t)
	if v == nil {
		panic("vartest: Set was given a nil *ContextVar; make variables with contextvars.New or contextvars.NewDefault")
	}
	t.Helper()
	token := v.Set(value)
	t.Cleanup(func() {
		t.Helper()
		// A test that has failed is spared: where a subtest panics, its goroutine
		// calls the cleanup functions of its parents, too, and it is not their context.
		if !token.Restore() && !t.Failed() {
			t.Errorf("vartest: Set gave %q a value that cannot be taken back, because it is not in the test's own context; "+
				"call Set on the goroutine of the test that t belongs to, outside of Context.Run", v.Name())
		}
	})
}

func checkTB(call string, t testing.TB) {
	if t == nil {
		panic("vartest: " + call + " was given a nil testing.TB; give it the test's t")
	}
}
