package debugvars

import (
	"encoding/json"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/internal/census"
	"github.com/gocontextvars/contextvars/internal/current"
	"github.com/gocontextvars/contextvars/internal/frame"
	"github.com/gocontextvars/contextvars/internal/traceback"
	"github.com/gocontextvars/contextvars/lifetime"
	"github.com/gocontextvars/contextvars/wire"
)

func TestLookTells(t *testing.T) {
	content := holding(func() {
		tenant.Set("acme")
		attempt.Set(7)
		anything.Set([]byte("x"))
		password.Set("hunter2")
	})
	created := traceback.Frame{Function: "main.main", File: "/src/main.go", Line: 9}
	l := taken(
		&census.Goroutine{ID: 1, State: "sleep"},
		&census.Goroutine{ID: 2, Content: content, Own: true, State: "select", WaitMinutes: 3, Created: created, Creator: 1,
			Stack: standing("time.Sleep", "main.wait", "main.run")},
		&census.Goroutine{OneOf: []uint64{3, 4}, Content: content, Inherited: true, InheritedFrom: 2, Displaced: true},
	)
	s := l.ask(t, Query{}, 2, 0)
	variables := []Variable{
		{Name: "anything", Value: "[]uint8 of 1", Type: "[]uint8"},
		{Name: "attempt", Value: "7", Type: "int"},
		{Name: "password", Value: "[redacted]", Type: "string", Redacted: true},
		{Name: "tenant", Value: "acme", Type: "string"},
	}
	where := Call{"main.wait", "/src/main.wait.go", 2}
	want := &Snapshot{
		Time: l.time, Program: s.Program, PID: os.Getpid(), Go: s.Go, View: "goroutines", Took: 3, Stopped: 2,
		Total: 3, Holding: 2, Matching: 2, Shown: 2,
		Variables: []VariableInfo{
			{Name: "anything", Type: "interface {}", Goroutines: 2, Values: 1},
			{Name: "attempt", Type: "int", Goroutines: 2, Values: 1},
			{Name: "password", Type: "string", Goroutines: 2, Values: 1, Redacted: true},
			{Name: "tenant", Type: "string", Goroutines: 2, Values: 1},
		},
		Goroutines: []*Goroutine{
			{ID: 2, State: "select", WaitMinutes: 3, Variables: variables, Creator: 1,
				Stack: []Call{{"time.Sleep", "/src/time.Sleep.go", 1}, where, {"main.run", "/src/main.run.go", 3}},
				Where: &where, Created: &Call{"main.main", "/src/main.go", 9}},
			{OneOf: []uint64{3, 4}, Variables: variables, Inherited: true, InheritedFrom: 2, Displaced: true},
		},
	}
	if !reflect.DeepEqual(s, want) {
		t.Errorf("got %s\nwant %s", inJSON(t, s), inJSON(t, want))
	}
}

func inJSON(t *testing.T, s *Snapshot) string {
	t.Helper()
	b, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestLookSurvivesJSON(t *testing.T) {
	hostile := contextvars.New[string]("\xff\x1b</script>")
	l := taken(&census.Goroutine{ID: 1, Content: holding(func() { hostile.Set("\xff\x00</script>\u2028" + strings.Repeat("x", 10<<20)) })})
	text := inJSON(t, l.ask(t, Query{Group: "x"}, 1))
	if !utf8.ValidString(text) || strings.Contains(text, "</script>") || len(text) > 3000 {
		t.Errorf("%d bytes: %.3000q", len(text), text)
	}
	var back Snapshot
	if err := json.Unmarshal([]byte(text), &back); err != nil {
		t.Fatal(err)
	}
	v := back.Goroutines[0].Variables[0]
	if v.Name != `"\xff\x1b</script>"` || !strings.HasPrefix(v.Value, `"\xff\x00</script>\u2028xxx`) || !v.Cut || len(v.Value) > maxValue {
		t.Errorf("%+v", v)
	}
}

// TestLookShowsLocalsOnTheirOwnGoroutineOnly: others inherit the frame that the value is in, but not the value.
func TestLookShowsLocalsOnTheirOwnGoroutineOnly(t *testing.T) {
	content := holding(func() { local.Set("mine"); tenant.Set("acme") })
	only := holding(func() { local.Set("mine") })
	s := taken(
		&census.Goroutine{ID: 1, Content: content, Own: true},
		&census.Goroutine{ID: 2, Content: content, InheritedFrom: 1},
		&census.Goroutine{ID: 3, Content: only, InheritedFrom: 1},
	).ask(t, Query{}, 1, 2)
	if v := s.Goroutines[0].Variables; len(v) != 2 || v[0].Value != "mine" || !v[0].Local {
		t.Errorf("who has set it: %+v", v)
	}
	if v := s.Goroutines[1].Variables; len(v) != 1 || v[0].Name != "tenant" {
		t.Errorf("who has inherited: %+v", v)
	}
	if s.Variables[0] != (VariableInfo{Name: "local", Type: "string", Goroutines: 1, Values: 1, Local: true}) {
		t.Errorf("%+v", s.Variables[0])
	}
}

// TestLookOrdersVariablesOfOneName: by their values, whichever was set first.
func TestLookOrdersVariablesOfOneName(t *testing.T) {
	a, b := contextvars.New[string]("same"), contextvars.New[string]("same")
	for _, content := range []*frame.Frame{
		holding(func() { a.Set("1"); b.Set("2") }), holding(func() { b.Set("1"); a.Set("2") }),
	} {
		s := taken(&census.Goroutine{ID: 1, Content: content}).ask(t, Query{Vars: []string{"same=1", "same=2"}}, 1)
		if v := s.Goroutines[0].Variables; len(v) != 2 || v[0].Value != "1" || v[1].Value != "2" || len(s.Variables) != 2 {
			t.Errorf("%+v, %+v", v, s.Variables)
		}
	}
}

func TestLookDescribesAValueOnce(t *testing.T) {
	var goroutines []*census.Goroutine
	content := isTenant("acme")
	for i := range uint64(100) {
		goroutines = append(goroutines, &census.Goroutine{ID: i + 1, Content: content, Stack: standing("main.f")[:1:1]})
	}
	s := taken(goroutines...).answer(Query{})
	if &s.Goroutines[0].Variables[0] != &s.Goroutines[99].Variables[0] {
		t.Error("two goroutines with one context have a text each")
	}
}

var came = contextvars.New[string]("came", wire.Travels(wire.OneHop))

// TestLookHidesWhatWireRemembers: users have not set it.
func TestLookHidesWhatWireRemembers(t *testing.T) {
	peer := wire.NewPeer("peer", wire.Accept(came), wire.PassUnknown())
	ctx := peer.Extract(wire.Map{"baggage": "came=x,unknown=y"})
	if ctx.Len() != 2 {
		t.Fatal("there is nothing to hide:", ctx)
	}
	s := taken(&census.Goroutine{ID: 1, Content: current.StateOf(ctx).Top.Load()}).ask(t, Query{}, 1)
	if len(s.Variables) != 1 || s.Variables[0].Name != "came" || len(s.Goroutines[0].Variables) != 1 {
		t.Errorf("%+v", s.Variables)
	}
}

func TestLookShowsNothingRevoked(t *testing.T) {
	defer lifetime.Track(lifetime.Revoke())()
	var content *frame.Frame
	lifetime.Run(contextvars.NewContext(), "request", func() {
		tenant.Set("acme")
		content = current.Content()
	})
	s := taken(&census.Goroutine{ID: 1, Content: content}).answer(Query{View: ViewEnded})
	// Timers that other tests have stopped may be held still.
	s.Ended = slices.DeleteFunc(s.Ended, func(e Ended) bool { return e.Name != "request" })
	if s.Holding != 0 || len(s.Ended) != 1 || len(s.Ended[0].Goroutines) != 1 {
		t.Errorf("%s", inJSON(t, s))
	}
}
