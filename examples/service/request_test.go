package main

import (
	"net/http"
	"strings"
	"testing"
	"time"
)

func TestHeadersThereAndBack(t *testing.T) {
	for number := range 100 { // all tenants, the default too
		sent := numbered(number, time.Now().UTC().Round(0))
		h := http.Header{}
		sent.writeTo(h)
		got, err := requestFrom(h)
		if err != nil || got != sent {
			t.Errorf("sent %v, got %v, %v", sent, got, err)
		}
	}
}

func TestHeadersLeftOut(t *testing.T) {
	a, errA := requestFrom(http.Header{})
	b, errB := requestFrom(http.Header{})
	if errA != nil || errB != nil {
		t.Fatal(errA, errB)
	}
	if a.ID == "" || a.ID == b.ID {
		t.Errorf("made-up ids are %q and %q", a.ID, b.ID)
	}
	if a.Tenant != defaultTenant || !a.Deadline.After(time.Now()) {
		t.Errorf("got %v", a)
	}
}

func TestBadDeadline(t *testing.T) {
	_, err := requestFrom(http.Header{headerDeadline: {"soon"}})
	if err == nil || !strings.Contains(err.Error(), `X-Deadline is "soon"`) {
		t.Errorf("got %v", err)
	}
}

func TestNumberedDiffer(t *testing.T) {
	ids, deadlines := map[string]bool{}, map[time.Time]bool{}
	for number := range 1000 {
		r := numbered(number, time.Unix(0, 0))
		ids[r.ID], deadlines[r.Deadline] = true, true
	}
	if len(ids) != 1000 || len(deadlines) != 1000 {
		t.Errorf("%d ids, %d deadlines", len(ids), len(deadlines))
	}
}
