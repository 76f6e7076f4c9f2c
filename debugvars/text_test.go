package debugvars

import (
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/gocontextvars/contextvars/internal/census"
	"github.com/gocontextvars/contextvars/internal/traceback"
)

func tableOf(t *testing.T, s *Snapshot, width int) string {
	t.Helper()
	var b strings.Builder
	if err := s.WriteTable(&b, width); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func treeOf(t *testing.T, s *Snapshot, width int) string {
	t.Helper()
	var b strings.Builder
	if err := s.WriteTree(&b, width); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// shop is a look at a small program.
func shop() *look {
	request := func(name string) *census.Goroutine {
		return &census.Goroutine{Content: isTenant(name), Own: true, State: "select", Creator: 1,
			Stack: standing("example.org/shop/orders.(*Desk).serve"), Created: traceback.Frame{Function: "example.org/shop.main", File: "/src/main.go", Line: 9}}
	}
	main := &census.Goroutine{ID: 1, State: "IO wait", WaitMinutes: 7, Stack: standing("net.accept")}
	all := []*census.Goroutine{main}
	for i, name := range []string{"acme", "acme", "umbrella"} {
		g := request(name)
		g.ID, g.WaitMinutes = uint64(10+i), uint64(i)
		all = append(all, g)
	}
	heir := &census.Goroutine{ID: 20, Content: all[1].Content, Inherited: true, InheritedFrom: 10, State: "chan send", Creator: 10, Stack: standing("shop.audit")}
	orphan := &census.Goroutine{ID: 30, Content: holding(func() { tenant.Set("x y"); attempt.Set(1) }), Own: true, Displaced: true, Creator: 5, State: "running"}
	unknown := &census.Goroutine{OneOf: []uint64{41, 42, 43, 44, 45}, Content: all[1].Content, Inherited: true, State: "sleep"}
	return taken(append(all, heir, orphan, unknown)...)
}

func (l *look) text(t *testing.T, q Query) string {
	t.Helper()
	s := l.answer(q)
	s.Program, s.PID, s.Go = "shop", 7, "go1.x"
	if q.View == ViewTree {
		return treeOf(t, s, 0)
	}
	return tableOf(t, s, 0)
}

func wantText(t *testing.T, got, want string) {
	t.Helper()
	if want = strings.TrimPrefix(want, "\n"); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestWriteTable(t *testing.T) {
	wantText(t, shop().text(t, Query{}), `
shop, process 7, go1.x: 6 of 7 goroutines hold variables

GOROUTINE             STATE      WAIT         VARIABLES              FROM               STANDS AT                                       CREATED BY
10 and 1 more         select     up to 1 min  tenant=acme                               orders.(*Desk).serve orders.(*Desk).serve.go:1  shop.main main.go:9 in 1
12                    select     2 min        tenant=umbrella                           orders.(*Desk).serve orders.(*Desk).serve.go:1  shop.main main.go:9 in 1
20                    chan send               tenant=acme            10                 shop.audit shop.audit.go:1                      goroutine 10
30                    running                 attempt=1, tenant=x y  outermost context                                                  goroutine 5
41, 42, 43, 44 or 45  sleep                   tenant=acme            not known
`)
	wantText(t, shop().text(t, Query{Group: "tenant", Limit: 1}), `
shop, process 7, go1.x: 6 of 7 goroutines hold variables

tenant=acme: 4 goroutines
GOROUTINE  STATE   VARIABLES    STANDS AT                                       CREATED BY
10         select  tenant=acme  orders.(*Desk).serve orders.(*Desk).serve.go:1  shop.main main.go:9 in 1

tenant=umbrella: 1 goroutine

tenant=x y: 1 goroutine

These are 1 of 6; a higher limit shows more.
`)
	place := &Site{Call: Call{"shop.f", `C:\src\f.go`, 3}}
	one := &Snapshot{Program: "shop", PID: 7, Go: "go1.x", Total: 1, Holding: 1, Matching: 1, Shown: 1, Goroutines: []*Goroutine{{
		ID: 1, Task: &TaskRef{1, "main", "running"}, Work: &WorkRef{Name: "GET /"},
		Variables: []Variable{{Name: "a", Value: "b", Set: place}, {Name: "c", Value: "d"}, {Name: "e", Value: "f", Cut: true, Set: place}},
	}}}
	wantText(t, tableOf(t, one, 0), `
shop, process 7, go1.x: 1 of 1 goroutine holds variables

GOROUTINE  VARIABLES       SET AT              FOR
1          a=b, c=d, e=f…  a f.go:3, e f.go:3  task main, GET /
`)
	wantText(t, shop().text(t, Query{State: "none", Goroutine: 99}), `
shop, process 7, go1.x: 6 of 7 goroutines hold variables, 0 as asked for

none

Note: Goroutine 99 is not there, or not any more.
`)
}

func TestWriteTree(t *testing.T) {
	wantText(t, shop().text(t, Query{View: ViewTree}), `
shop, process 7, go1.x: 6 of 7 goroutines hold variables

(1 [IO wait, 7 min] net.accept net.accept.go:1)
├─ 10 [select] {tenant=acme} orders.(*Desk).serve orders.(*Desk).serve.go:1 created by shop.main main.go:9
│  └─ 20 [chan send] {tenant=acme} from 10 shop.audit shop.audit.go:1
├─ 11 [select, 1 min] {tenant=acme} orders.(*Desk).serve orders.(*Desk).serve.go:1 created by shop.main main.go:9
└─ 12 [select, 2 min] {tenant=umbrella} orders.(*Desk).serve orders.(*Desk).serve.go:1 created by shop.main main.go:9
30 [running] {attempt=1, tenant=x y} from outermost context created by goroutine 5
41, 42, 43, 44 or 45 [sleep] {tenant=acme} from not known
`)
}

func TestWriteLoopsAndEnded(t *testing.T) {
	at := time.Date(2026, 11, 22, 0, 0, 10, 0, time.UTC)
	place := &Call{"shop.f", "/src/f.go", 3}
	s := &Snapshot{Program: "shop", PID: 7, Go: "go1.x", View: ViewLoops, Total: 1, Time: at, Loops: []*Loop{
		{Number: 1, Running: true, Ready: 2, Timers: 1, Note: "a note", HeldUp: []Call{*place}, Tasks: []*Task{
			{TaskRef: TaskRef{1, "main", "waiting"}, In: "Gather", Goroutine: 9, Awaits: []TaskRef{{2, "b", "ready"}, {0, "", "pending"}}, AwaitsMore: 3},
			{TaskRef: TaskRef{2, "b", "ready"}, Variables: []Variable{{Name: "tenant", Value: "acme", Cut: true}}, Stack: []Call{*place},
				AwaitedBy: []TaskRef{{1, "main", "waiting"}}},
		}},
		{Number: 2},
	}}
	wantText(t, tableOf(t, s, 0), `
shop, process 7, go1.x: 0 of 1 goroutine holds variables

loop 1: running, 2 tasks, 2 ready, 1 timer, 0 operations under way
Note: a note
held up in shop.f f.go:3
TASK  NAME  STATE    IN      GOROUTINE  VARIABLES     AWAITS                   AWAITED BY  STANDS AT
1     main  waiting  Gather  9                        b, a future, and 3 more
2     b     ready                       tenant=acme…                           main        shop.f f.go:3

loop 2: waits to be run, 0 tasks, 0 ready, 0 timers, 0 operations under way
`)
	s = &Snapshot{Program: "shop", PID: 7, Go: "go1.x", View: ViewEnded, Holding: 1, Matching: 0, Total: 2, Time: at, Ended: []Ended{{
		WorkRef:    WorkRef{ID: 1, Name: "GET /", Began: at.Add(-9 * time.Second), Ended: at.Add(-2 * time.Second)},
		Goroutines: []*Goroutine{{ID: 5, State: "select", Where: place, Work: &WorkRef{ID: 1, Name: "GET /", Ended: at}}},
		Timers:     []Timer{{"AfterFunc", []Call{*place}, at.Add(time.Minute)}, {"AfterFunc", nil, at.Add(-time.Second)}, {"Bind", nil, time.Time{}}},
	}}}
	wantText(t, tableOf(t, s, 0), `
shop, process 7, go1.x: 1 of 2 goroutines hold variables

GET /, work 1 has ended 2 s ago; still held by 1 goroutine and 3 timers or bound functions
GOROUTINE  STATE   FOR                    STANDS AT
5          select  GET /, work 1 (ended)  shop.f f.go:3
TIMER OR BOUND FUNCTION  DUE              MADE BY
AfterFunc                in 1 min         shop.f f.go:3
AfterFunc                was due 1 s ago
Bind                     not known
`)
	wantText(t, tableOf(t, &Snapshot{View: ViewLoops}, 0)+tableOf(t, &Snapshot{View: ViewEnded}, 0)+treeOf(t, &Snapshot{}, 0), `
, process 0, : 0 of 0 goroutines hold variables

There are no event loops.
, process 0, : 0 of 0 goroutines hold variables

Nothing holds the variables of work that has ended.
, process 0, : 0 of 0 goroutines hold variables

none
`)
}

func TestWriteSummary(t *testing.T) {
	var all []*census.Goroutine
	for range 5 {
		all = append(all, &census.Goroutine{Content: isTenant("acme")})
	}
	l := lookAt(&census.Census{Goroutines: all, Total: len(all)}, nil)
	l.maxGoroutines = 3
	wantText(t, l.text(t, Query{Group: "tenant"}), `
shop, process 7, go1.x: 5 of 5 goroutines hold variables

VARIABLE  TYPE    GOROUTINES  VALUES
tenant    string  5           1

tenant=acme: 5 goroutines

Note: There are 5 goroutines, too many to print each (MaxGoroutines is 3): states, creators, numbers and Local variables are not known.
`)
}

// TestSummaryOfTooMany: what cannot be answered is said, and what stopped counting.
func TestSummaryOfTooMany(t *testing.T) {
	l := lookAt(&census.Census{Goroutines: []*census.Goroutine{{Content: isTenant("acme")}}}, nil)
	l.maxGoroutines = 3
	l.variables[0].Values = maxValues
	s := l.answer(Query{View: ViewTree, State: "select", Goroutine: 7})
	text := treeOf(t, s, 0)
	mustHave(t, text, "VARIABLE  TYPE    GOROUTINES  VALUES\ntenant    string  1           10,000 or more\n", "(MaxGoroutines is 3)",
		"\nNote: So it cannot be told which of them match the filter by state.\n",
		"\nNote: So it cannot be told which of them match the filter by goroutine.\n")
	if strings.Contains(text, "none") || strings.Contains(text, "is not there") {
		t.Error(text)
	}
}

func TestWriteTreeOfAnotherView(t *testing.T) {
	for _, view := range []string{ViewGoroutines, ViewEnded} {
		s := shop().answer(Query{View: view})
		if tree, table := treeOf(t, s, 0), tableOf(t, s, 0); tree != table {
			t.Errorf("%s: got\n%s\nwant\n%s", view, tree, table)
		}
	}
}

// TestWidth: whatever the width, no line is longer.
func TestWidth(t *testing.T) {
	for _, q := range []Query{{}, {Group: "tenant"}, {View: ViewTree}} {
		s := shop().answer(q)
		for width := 1; width < 200; width++ {
			text := tableOf(t, s, width)
			if q.View == ViewTree {
				text = treeOf(t, s, width)
			}
			for line := range strings.Lines(text) {
				if n := utf8.RuneCountInString(strings.TrimSuffix(line, "\n")); n > width {
					t.Fatalf("%d of %d characters: %s", n, width, line)
				}
			}
		}
	}
	text := tableOf(t, shop().answer(Query{}), 100)
	if !strings.Contains(text, "tenant=acme") || !strings.Contains(text, "orders.(*") {
		t.Errorf("what matters was cut:\n%s", text)
	}
}

type brokenWriter struct{}

func (brokenWriter) Write([]byte) (int, error) { return 0, errors.New("broken") }

func TestWriteReportsErrors(t *testing.T) {
	s := shop().answer(Query{View: ViewTree})
	if err := s.WriteTable(brokenWriter{}, 0); err == nil || err.Error() != "broken" {
		t.Error(err)
	}
	if err := s.WriteTree(brokenWriter{}, 0); err == nil || err.Error() != "broken" {
		t.Error(err)
	}
}

// FuzzWrite: a snapshot of another program may be anything, and what is written is printable all the same.
func FuzzWrite(f *testing.F) {
	f.Add([]byte(`{"view":"tree","tree":[null,{"started":[null,{"id":1}]}],"goroutines":[null,{"id":3,"variables":[{"name":"\u001b","set":{}}]}]}`), 0)
	f.Add([]byte(`{"view":"loops","loops":[null,{"tasks":[null,{"name":"\u001b[31m","awaits":[{}]}],"held_up":[{}]}]}`), 3)
	f.Add([]byte(`{"view":"ended","time":"2026-01-01T00:00:00Z","ended":[{"ended":"0001-01-02T00:00:00Z","goroutines":[null],"timers":[{"due":"9999-01-02T00:00:00Z"}]}]}`), 80)
	f.Add([]byte(`{"groups":[{"name":"a"},{"missing":true}],"goroutines":[null,{"variables":[{"name":"a"}]}]}`), 1)
	f.Add([]byte(`{"summarised":true,"variables":[{"name":"\n"}],"groups":[{}],"notes":["\u001b"],"program":"\u001b"}`), -1)
	for _, q := range []Query{{}, {View: ViewTree}, {Group: "tenant"}} {
		b, err := json.Marshal(shop().answer(q))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b, 100)
	}
	f.Fuzz(func(t *testing.T, text []byte, width int) {
		var s Snapshot
		if len(text) > 1<<16 || json.Unmarshal(text, &s) != nil {
			return
		}
		for _, written := range []string{tableOf(t, &s, width), treeOf(t, &s, width)} {
			if !utf8.ValidString(written) || strings.ContainsFunc(written, func(r rune) bool { return r != '\n' && !strconv.IsPrint(r) }) {
				t.Errorf("%q", written)
			}
		}
	})
}

// Where there is little room, values are what people look for.
func TestValuesAreTheLastToBeCut(t *testing.T) {
	text := tableOf(t, shop().answer(Query{}), 90)
	if !strings.Contains(text, "…") || !strings.Contains(text, "tenant=acme") {
		t.Errorf("not cut, or not where it should be:\n%s", text)
	}
}
