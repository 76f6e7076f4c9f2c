package vartest

import (
	"fmt"
	"strings"
	"testing"

	"github.com/gocontextvars/contextvars/internal/census"
	"github.com/gocontextvars/contextvars/internal/current"
	"github.com/gocontextvars/contextvars/internal/held"
	"github.com/gocontextvars/contextvars/lifetime"
)

// VerifyNothingHeld, called first in a test, fails it if at its end somebody still holds a piece of work, such as a
// request, that has begun and ended in the test: a goroutine, a timer of contextvars.AfterFunc or AfterDone, or a
// function of Bind that can still be called. Package lifetime says what a piece of work is, and who holds one; the
// handlers of httpvars and its like begin one for each request.
//
// It has an eye on what is begun in the test's context, or in contexts that inherit from it. So start the server
// in the test, after the call, or call its handler directly. Other tests, parallel ones too, do not count; called
// in a test and in its subtest, each piece of work counts for the innermost.
//
// The end is after the cleanup functions that were registered later, and after all subtests. A test that has
// failed, or was skipped after the call, is looked at too. Holders that are about to go get time to do so: the
// look is repeated after a millisecond and then at growing intervals for up to two seconds, of the bubble's own time
// in a testing/synctest bubble. If somebody has stopped a timer but kept it, it is reported: it holds all values.
//
// To what lifetime.Held does not see it is blind, too. Each look collects garbage twice and takes some milliseconds.
// While the test runs, all pieces of work of the process are tracked, which costs each less than a microsecond. The
// test sees no variable more.
//
// It has to be called by the test's own goroutine, outside of Context.Run and Lend, else it fails the test.
// VerifyNothingHeld panics if t is nil.
func VerifyNothingHeld(t testing.TB) {
	checkTB("VerifyNothingHeld", t)
	t.Helper()
	stop := lifetime.Track()
	before := current.Life()
	test := current.OpenScope()
	t.Cleanup(func() {
		t.Helper()
		defer stop()
		if current.Life() != test {
			if !t.Failed() { // see Set
				t.Errorf("vartest: VerifyNothingHeld was not called in the test's own context; " +
					"call it on the goroutine of the test that t belongs to, outside of Context.Run")
			}
			return
		}
		current.Live(before)
		if left := waitForNothing(test); len(left) > 0 {
			t.Errorf("vartest: %s", holdingsReport(left))
		}
	})
}

// waitForNothing returns what is still held of the test's scope when patience is at its end.
func waitForNothing(test any) (left []*held.Holding) {
	waitUntil(func() bool {
		held.Settle()
		left = nil
		for _, h := range held.InSettled(census.Take(maxDumped)) {
			if h.Life.Scope == test {
				left = append(left, h)
			}
		}
		return len(left) == 0
	})
	return left
}

// maxDumped is the number of goroutines up to which the report says where they stand.
const maxDumped = 20_000

func holdingsReport(left []*held.Holding) string {
	const most = 10
	var b strings.Builder
	fmt.Fprintf(&b, "of the work that has ended in the test, %s still held. "+
		"Wait for the goroutines, or end them, stop the timers and let go of bound functions, before the work ends. Start what is to live on with "+
		"contextvars.GoDetached, and jobs of their own with lifetime.Run.\n", are(len(left)))
	for _, h := range left[:min(len(left), most)] {
		fmt.Fprintf(&b, "\n%v\n", h)
	}
	if len(left) > most {
		fmt.Fprintf(&b, "\nand %d more\n", len(left)-most)
	}
	return b.String()
}

func are(pieces int) string {
	if pieces == 1 {
		return "1 piece is"
	}
	return fmt.Sprintf("%d pieces are", pieces)
}
