package main

import "time"

// places has every place that looks at the request, and what the deadline is there. The id and
// the tenant are the same everywhere.
var places = func() map[string]func(time.Time) time.Time {
	same := func(d time.Time) time.Time { return d }
	none := func(time.Time) time.Time { return time.Time{} }
	m := map[string]func(time.Time) time.Time{
		"confirm": same, "audit": same, "reminder": same,
		"price":  same, // after its parts set theirs
		"settle": same, "receipt": same,
		"ledger: book": none, "ledger: entry": none,
	}
	for _, part := range priceParts {
		m[part.name] = func(d time.Time) time.Time { return d.Add(-part.reserve) }
	}
	return m
}()

// A claim says which request a log line is of, and what it should say.
type claim struct {
	line  int64
	place string
	want  request
}

// checkTrail checks what the servers saw of a request against what its client knows: every
// place once, and the right values there. It adds to claims what the log should say.
func (t *tally) checkTrail(sent request, trail []sighting, claims []claim) []claim {
	if len(trail) != len(places) {
		t.unexpected("request %s: seen in %d places, should be %d", sent.ID, len(trail), len(places))
	}
	seen := make(map[string]bool, len(places))
	for _, s := range trail {
		deadlineThere, ok := places[s.Place]
		if !ok || seen[s.Place] {
			t.unexpected("request %s: %q is not a place, or there twice", sent.ID, s.Place)
			continue
		}
		seen[s.Place] = true
		want := request{sent.ID, sent.Tenant, deadlineThere(sent.Deadline)}
		t.check(s.Place, want, s.request)
		claims = append(claims, claim{s.Line, s.Place, want})
	}
	return claims
}
