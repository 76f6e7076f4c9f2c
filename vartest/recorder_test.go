package vartest_test

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
)

// recorder is a testing.TB that keeps what is reported instead of failing. Whatever
// it has no method for is the real test's.
type recorder struct {
	testing.TB
	cleanups []func()
	errors   []string
	fatal    bool
}

// record runs f as the testing package runs a test: on a goroutine of its own, with
// the cleanup functions after it, the last one first, also when f is ended by
// FailNow or the like.
func record(t testing.TB, f func(t testing.TB)) *recorder {
	r := &recorder{TB: t}
	done := make(chan bool)
	go func() {
		defer close(done)
		defer func() {
			for len(r.cleanups) > 0 {
				last := len(r.cleanups) - 1
				cleanup := r.cleanups[last]
				r.cleanups[last] = nil // it holds the test's values
				r.cleanups = r.cleanups[:last]
				cleanup()
			}
		}()
		f(r)
	}()
	<-done
	return r
}

func (r *recorder) Helper()          {}
func (r *recorder) Cleanup(f func()) { r.cleanups = append(r.cleanups, f) }
func (r *recorder) SkipNow()         { runtime.Goexit() }
func (r *recorder) Failed() bool     { return len(r.errors) > 0 }

func (r *recorder) Errorf(format string, args ...any) {
	r.errors = append(r.errors, fmt.Sprintf(format, args...))
}

func (r *recorder) Fatalf(format string, args ...any) {
	r.Errorf(format, args...)
	r.fatal = true
	runtime.Goexit()
}

// wantNone fails t if something was reported.
func (r *recorder) wantNone(t *testing.T) {
	t.Helper()
	for _, e := range r.errors {
		t.Errorf("reported: %s", e)
	}
}

// wantOne fails t unless just one error was reported, with all these words in it.
func (r *recorder) wantOne(t *testing.T, words ...string) {
	t.Helper()
	if len(r.errors) != 1 {
		t.Fatalf("%d errors were reported, want 1: %q", len(r.errors), r.errors)
	}
	for _, w := range append(words, "vartest: ") {
		if !strings.Contains(r.errors[0], w) {
			t.Errorf("%q is not in the report:\n%s", w, r.errors[0])
		}
	}
}
