package debugvars

import (
	"fmt"
	"time"
)

// short is d with two or three digits, as one says it.
func short(d time.Duration) string {
	switch {
	case d < 0:
		return "0 s"
	case d < time.Microsecond:
		return fmt.Sprintf("%d ns", d)
	case d < time.Millisecond:
		return fmt.Sprintf("%d µs", d/time.Microsecond)
	case d < 10*time.Millisecond:
		return fmt.Sprintf("%.1f ms", float64(d)/float64(time.Millisecond))
	case d < time.Second:
		return fmt.Sprintf("%d ms", d/time.Millisecond)
	case d < 10*time.Second && d%time.Second != 0:
		return fmt.Sprintf("%.1f s", d.Seconds())
	case d < time.Minute:
		return fmt.Sprintf("%d s", d/time.Second)
	case d < time.Hour:
		return fmt.Sprintf("%d min", d/time.Minute)
	case d < 48*time.Hour:
		return fmt.Sprintf("%d h", d/time.Hour)
	}
	return fmt.Sprintf("%d days", d/(24*time.Hour))
}

// ago is how long before the snapshot t was, in whole seconds so that it seldom changes.
func (s *Snapshot) ago(t time.Time) string {
	if d := s.Time.Sub(t).Truncate(time.Second); d > 0 {
		return short(d) + " ago"
	}
	return "just now"
}

// due is when, as of the snapshot, a function is to be called.
func (s *Snapshot) due(t Timer) string {
	if t.Due.IsZero() {
		return "not known"
	}
	if d := t.Due.Sub(s.Time); d > 0 {
		return "in " + short(d)
	}
	if ago := s.ago(t.Due); ago != "just now" {
		return "was due " + ago
	}
	return "now"
}
