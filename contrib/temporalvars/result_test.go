package temporalvars_test

import (
	"encoding/json"
	"testing"

	"github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/contrib/temporalvars"
	"github.com/gocontextvars/contextvars/contrib/temporalvars/internal/scenario"
)

// From the activity to the workflow, and on to the workflow's caller.
func TestResultCarriesBack(t *testing.T) {
	paid := run[scenario.Paid](t, scenario.Peer, scenario.Pay)
	contextvars.Detach(func() { scenario.ExpectReply(t, paid) })
}

// What stands in histories stays as it is.
func TestResultInJSON(t *testing.T) {
	contextvars.Detach(func() {
		for cost, want := range []string{`{"value":"v"}`, `{"value":"v","baggage-reply":"scenario.cost=1"}`} {
			if cost > 0 {
				scenario.Cost.Set(cost)
			}
			text, err := json.Marshal(temporalvars.Reply(scenario.Peer, "v"))
			if err != nil || string(text) != want {
				t.Errorf("%s, %v, want %s", text, err, want)
			}
		}
	})
}

func TestNilPeerGetsAndGivesNothingBack(t *testing.T) {
	contextvars.Detach(func() {
		scenario.Cost.Set(1)
		if r := temporalvars.Reply(nil, "v"); r.Baggage != "" {
			t.Errorf("it gets %s", r.Baggage)
		}
	})
	contextvars.Detach(func() {
		r := temporalvars.Result[string]{Value: "v", Baggage: "scenario.cost=1"}
		if v := r.Take(nil); v != "v" || scenario.Cost.Get() != 0 {
			t.Errorf("Take returned %s, and set %d", v, scenario.Cost.Get())
		}
	})
}
