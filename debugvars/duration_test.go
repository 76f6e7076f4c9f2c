package debugvars

import (
	"testing"
	"time"
)

func TestDueIsNeverNegative(t *testing.T) {
	s := &Snapshot{Time: sampleTime}
	for after, want := range map[time.Duration]string{
		time.Hour: "in 1 h", 59*time.Minute + 59*time.Second: "in 59 min", 1500 * time.Millisecond: "in 1.5 s",
		0: "now", -time.Millisecond: "now", -time.Second: "was due 1 s ago", -time.Hour: "was due 1 h ago",
	} {
		if got := s.due(Timer{Due: sampleTime.Add(after)}); got != want {
			t.Errorf("%v: %s, want %s", after, got, want)
		}
	}
	if got := s.due(Timer{}); got != "not known" {
		t.Error(got)
	}
}
