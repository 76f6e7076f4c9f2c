package contextvars_test

import (
	"iter"
	"strconv"
	"testing"

	cv "github.com/gocontextvars/contextvars"
)

// The generator of PEP 550's example: each division has the precision of its generator.
var precision = cv.NewDefault("precision", 28)

func fractions(digits, x, y int) iter.Seq[string] {
	return func(yield func(string) bool) {
		defer precision.Set(digits).Restore()
		_ = yield(divide(x, y)) && yield(divide(x, y*y))
	}
}

func divide(x, y int) string {
	return strconv.FormatFloat(float64(x)/float64(y), 'g', precision.Get(), 64)
}

func TestIsolateDecimalPrecision(t *testing.T) { // E15
	expected := "0.33/0.666667 0.11/0.222222 "
	a, b := cv.Isolate(fractions(2, 1, 3)), cv.Isolate(fractions(6, 2, 3))

	got := ""
	for x := range a {
		next, stop := iter.Pull(b)
		y, _ := next()
		if got != "" {
			y, _ = next()
		}
		stop()
		got += x + "/" + y + " "
		want(t, "precision outside", precision.Get(), 28)
	}
	want(t, "a range over one, the other pulled", got, expected)

	got = ""
	next, stop := cv.IsolatePull(b)
	next2, stop2 := cv.IsolatePull(a)
	for y, ok := next(); ok; y, ok = next() {
		x, _ := next2()
		got += x + "/" + y + " "
		want(t, "precision outside", precision.Get(), 28)
	}
	stop()
	stop2()
	want(t, "both pulled", got, expected)

	// Without isolation the precision of the one is that of the body, and of what that calls.
	for range fractions(2, 1, 3) {
		want(t, "1/9 in the body of a plain sequence", divide(1, 9), "0.11")
	}
}
