// Package stat is how samples are summed up that were taken in rounds, where everyone has one
// sample in each: a machine that others use changes its speed from one second to the next, and
// quotients within rounds do not mind.
package stat

import (
	"fmt"
	"slices"
)

// A Ratio is how one subject's time relates to another's: the median of the
// quotients of all rounds, and its quartiles.
type Ratio struct {
	Median float64 `json:"median"`
	Low    float64 `json:"low"`
	High   float64 `json:"high"`
}

// Over returns the ratio of a to b, whose entries of one index are of one round. Rounds that only one
// of them has do not count; false if there are no others.
func Over(a, b []float64) (Ratio, bool) {
	var q []float64
	for i := range min(len(a), len(b)) {
		q = append(q, a[i]/b[i])
	}
	return Ratio{Median(q), Quantile(q, 0.25), Quantile(q, 0.75)}, len(q) > 0
}

// Median is 0 of nothing.
func Median(xs []float64) float64 { return Quantile(xs, 0.5) }

// Quantile interpolates between the two nearest.
func Quantile(xs []float64, p float64) float64 {
	if len(xs) == 0 {
		return 0
	}
	s := slices.Sorted(slices.Values(xs))
	at := p * float64(len(s)-1)
	i := int(at)
	if i+1 == len(s) {
		return s[i]
	}
	return s[i] + (at-float64(i))*(s[i+1]-s[i])
}

// Number prints a time or a ratio with about three digits, and one that there is not as a dash.
func Number(x float64) string {
	switch {
	case x == 0:
		return "-"
	case x < 10:
		return fmt.Sprintf("%.2f", x)
	case x < 100:
		return fmt.Sprintf("%.1f", x)
	}
	return fmt.Sprintf("%.0f", x)
}
