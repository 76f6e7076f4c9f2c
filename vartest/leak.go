package vartest

import (
	"cmp"
	"fmt"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gocontextvars/contextvars"
)

// marker is in the context of a test that is watched, and so in that of each
// goroutine that has inherited it. That it is a profiler label too makes those
// goroutines known.
var (
	marker = contextvars.New[string]("vartest", contextvars.Label())
	marks  atomic.Uint64
)

// VerifyNoLeak, called first in a test, looks at the end of the test at what is left
// of it, and fails it
//
//   - if the test's goroutine has other variables set, or with other values, than at the
//     call: somebody did not restore what was set;
//   - if a goroutine is still running that was started in the test, by whomever and
//     however deep, and still holds the test's context, with all values in it.
//
// The end is after the cleanup functions that were registered later, and after all
// subtests. A test that has failed, or was skipped after the call, is looked at too.
//
// A goroutine that is about to end gets time to do so: the look is repeated after a
// millisecond and then at growing intervals for up to two seconds. In a
// testing/synctest bubble these are of the bubble's own time, so the
// bubble's goroutines do all they can before, but others get next to no time: call
// it before synctest.Test where that matters.
//
// What outlives a test by intention should hold nothing of it. These are not
// reported: goroutines started with contextvars.GoDetached, or inside of
// contextvars.Detach, or inside of contextvars.Lend as long as they set nothing.
//
// A goroutine of somebody else, of a worker pool for instance, is reported if it is
// running a function then that was bound in the test, with contextvars.Bind or the like.
//
// Not noticed are
//
//   - goroutines inside of, or after, a pprof.Do or pprof.SetGoroutineLabels with a ctx that
//     is not from contextvars.WithContext: they have lost the mark;
//   - goroutines inside of contextvars.Detach, or of Context.Run with another context: what
//     they will return to is not visible from outside;
//   - whatever is not a goroutine but holds a context: a Context in a variable,
//     a bound function, a timer;
//   - values of variables with the option Local;
//   - that a variable was set to a value equal to the one it had.
//
// To know its goroutines, VerifyNoLeak sets a variable with the option Label in the test's
// context. The test sees it as one more in Context.Len and Context.All, named vartest,
// and every Set takes some more memory beside it, which a benchmark would notice.
//
// It costs two goroutine profiles or more: a third of a millisecond where there are few
// goroutines in the process, and longer the more there are. It is safe in
// parallel tests, and in benchmarks and fuzz targets. Called in a test and in its
// subtest, each goroutine counts for the innermost.
//
// It has to be called by the test's own goroutine, outside of Context.Run and Lend, else
// it fails the test. VerifyNoLeak panics if t is nil.
func VerifyNoLeak(t testing.TB) {
	checkTB("VerifyNoLeak", t)
	t.Helper()
	before := contextvars.CopyContext()
	mark := strconv.FormatUint(marks.Add(1), 10)
	token := marker.Set(mark)

	// If not even the running goroutine is found, nothing ever would be.
	if len(holdersOf(mark)) == 0 {
		token.Restore()
		t.Fatalf("vartest: VerifyNoLeak does not find its own goroutine in the goroutine profile of %s; "+
			"call it outside of contextvars.Lend, or update github.com/gocontextvars/contextvars", runtime.Version())
		return
	}
	t.Cleanup(func() {
		t.Helper()
		if !token.Restore() {
			if !t.Failed() { // see Set
				t.Errorf("vartest: VerifyNoLeak was not called in the test's own context; " +
					"call it on the goroutine of the test that t belongs to, outside of Context.Run")
			}
			return
		}
		if changes := changesBetween(before, contextvars.CopyContext()); len(changes) > 0 {
			t.Errorf("vartest: the test leaves variables other than it found them:\n\t%s\n"+
				"restore what you set, with defer v.Set(x).Restore(), or use vartest.Set",
				strings.Join(changes, "\n\t"))
		}
		if left := waitForEnd(mark); len(left) > 0 {
			t.Errorf("vartest: %s", leakReport(left))
		}
	})
}

// waitForEnd returns the goroutines that still have the mark when patience is at
// its end.
func waitForEnd(mark string) (left []holder) {
	waitUntil(func() bool {
		left = holdersOf(mark)
		return len(left) == 0
	})
	return left
}

// waitUntil calls done until it returns true or patience is at its end.
func waitUntil(done func() bool) {
	const patience, longest = 2 * time.Second, 100 * time.Millisecond
	waited := time.Duration(0)
	for pause := time.Millisecond; !done() && waited < patience; pause = min(2*pause, longest) {
		time.Sleep(pause)
		waited += pause
	}
}

func leakReport(left []holder) string {
	var (
		b strings.Builder
		n int
	)
	for _, h := range left {
		n += h.goroutines
		fmt.Fprintf(&b, "\n%v", h)
	}
	return fmt.Sprintf("still running after the test, and holding its context: %s.\n"+
		"End them before the test ends. Start what is to live on with contextvars.GoDetached; "+
		"where other code starts it, call that code inside of contextvars.Detach or contextvars.Lend.\n%s", count(n), &b)
}

// changesBetween says what is otherwise in after than in before, sorted.
func changesBetween(before, after *contextvars.Context) []string {
	type change struct {
		variable contextvars.Variable
		was, is  string
	}
	const nothing = "not set"
	var changes []change
	for v, is := range otherwise(after, before).All() {
		c := change{v, nothing, valueText(v, is)}
		if was, ok := before.Value(v); ok {
			c.was = valueText(v, was)
		}
		changes = append(changes, c)
	}
	for v, was := range before.All() {
		if !after.Contains(v) {
			changes = append(changes, change{v, valueText(v, was), nothing})
		}
	}
	slices.SortStableFunc(changes, func(a, b change) int {
		return cmp.Compare(a.variable.Name(), b.variable.Name())
	})
	var texts []string
	for _, c := range changes {
		texts = append(texts, fmt.Sprintf("%q is %s, was %s", c.variable.Name(), c.is, c.was))
	}
	return texts
}

// otherwise returns a context with the values of c that are not equal in base. That
// is Adopt's to judge: two slices that were set are not for == to compare.
func otherwise(c, base *contextvars.Context) *contextvars.Context {
	d := contextvars.NewContext()
	d.Run(func() { contextvars.Adopt(c, base) })
	return d
}

func valueText(v contextvars.Variable, value any) string {
	if contextvars.IsRedacted(v) {
		return contextvars.RedactedText
	}
	if s, ok := value.(string); ok {
		return strconv.Quote(s)
	}
	return fmt.Sprint(value)
}
