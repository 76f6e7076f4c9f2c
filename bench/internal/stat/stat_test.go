package stat

import (
	"slices"
	"testing"
)

func TestQuantile(t *testing.T) {
	tests := []struct {
		xs   []float64
		p    float64
		want float64
	}{
		{nil, 0.5, 0},
		{[]float64{3}, 0.25, 3},
		{[]float64{5, 1, 3}, 0.5, 3},
		{[]float64{4, 1, 3, 2}, 0.5, 2.5},
		{[]float64{1, 2, 3, 4, 5}, 0.25, 2},
		{[]float64{1, 2, 3, 4, 5}, 1, 5},
	}
	for _, test := range tests {
		if got := Quantile(test.xs, test.p); got != test.want {
			t.Errorf("Quantile(%v, %v) = %v, want %v", test.xs, test.p, got, test.want)
		}
	}
}

func TestQuantileLeavesItsArgumentAsItIs(t *testing.T) {
	xs := []float64{3, 1, 2}
	Median(xs)
	if !slices.Equal(xs, []float64{3, 1, 2}) {
		t.Errorf("the samples are now %v", xs)
	}
}

// A machine that was slow in two rounds of five moves the medians of times, but not
// those of the quotients, since both were slow.
func TestOverComparesWithinRounds(t *testing.T) {
	r, ok := Over([]float64{20, 22, 200, 210, 20, 1}, []float64{10, 11, 100, 105, 10})
	if !ok || r != (Ratio{2, 2, 2}) {
		t.Errorf("got %v, %v; want 2 throughout", r, ok)
	}
	if _, ok := Over([]float64{1}, nil); ok {
		t.Error("there is a ratio to nothing")
	}
}

func TestNumber(t *testing.T) {
	for ns, want := range map[float64]string{0: "-", 1.234: "1.23", 12.34: "12.3", 123.4: "123", 12345.6: "12346"} {
		if got := Number(ns); got != want {
			t.Errorf("Number(%v) = %q, want %q", ns, got, want)
		}
	}
}
