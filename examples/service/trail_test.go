package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// rightTrail is what a shop that is right answers.
func rightTrail(sent request) (trail []sighting) {
	for place, deadlineThere := range places {
		line := int64(len(trail) + 1)
		trail = append(trail, sighting{place, line, request{sent.ID, sent.Tenant, deadlineThere(sent.Deadline)}})
	}
	return trail
}

func TestTrailThatIsRight(t *testing.T) {
	sent := numbered(7, time.Now())
	tl := new(tally)
	claims := tl.checkTrail(sent, rightTrail(sent), nil)
	if tl.wrong.Load() != 0 || tl.checked.Load() != int64(3*len(places)) || len(claims) != len(places) {
		t.Errorf("%d wrong of %d, %d claims: %q", tl.wrong.Load(), tl.checked.Load(), len(claims), tl.found())
	}
}

func TestEachWrongValueInATrailIsFound(t *testing.T) {
	sent := numbered(7, time.Now())
	other := numbered(8, time.Now())
	for i, s := range rightTrail(sent) {
		for name, change := range map[string]func(*sighting){
			"id":       func(s *sighting) { s.ID = other.ID },
			"tenant":   func(s *sighting) { s.Tenant = other.Tenant },
			"deadline": func(s *sighting) { s.Deadline = s.Deadline.Add(time.Microsecond) },
		} {
			t.Run(fmt.Sprint(s.Place, " ", name), func(t *testing.T) {
				tl, trail := new(tally), rightTrail(sent)
				change(&trail[i])
				tl.checkTrail(sent, trail, nil)
				if tl.wrong.Load() != 1 || !strings.Contains(tl.found()[0], trail[i].Place) {
					t.Errorf("%d wrong values, should be 1: %q", tl.wrong.Load(), tl.found())
				}
			})
		}
	}
}

func TestWrongPlacesInATrailAreFound(t *testing.T) {
	sent := numbered(7, time.Now())
	right := rightTrail(sent)
	for name, trail := range map[string][]sighting{
		"one missing": right[1:],
		"one twice":   append(slices.Clone(right), right[0]),
		"one instead": append(slices.Clone(right[1:]), right[1]),
		"unknown":     append(slices.Clone(right[1:]), sighting{Place: "nowhere", request: sent}),
		"none":        nil,
	} {
		t.Run(name, func(t *testing.T) {
			tl := new(tally)
			tl.checkTrail(sent, trail, nil)
			if tl.wrong.Load() == 0 {
				t.Error("not found")
			}
		})
	}
}
