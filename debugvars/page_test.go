package debugvars

import (
	"fmt"
	"io"
	"net/http"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"
)

// body is the page for a query and a snapshot.
func body(t testing.TB, query Query, s *Snapshot) string {
	t.Helper()
	b, err := io.ReadAll(served(t, http.MethodGet, query, s).Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// text is what is left of HTML without its tags.
func text(html string) string {
	return strings.Join(strings.Fields(regexp.MustCompile(`<[^>]*>`).ReplaceAllString(html, " ")), " ")
}

func mustHave(t *testing.T, s string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(s, part) {
			t.Errorf("there is no %q in\n%s", part, s)
		}
	}
}

func TestPageAllowsOnlyItself(t *testing.T) {
	header := served(t, http.MethodGet, Query{}, sample()).Header
	rules := header.Get("Content-Security-Policy")
	mustHave(t, rules, "default-src 'none'", "script-src 'self'", "style-src 'self'", "connect-src 'self'", "img-src 'self'",
		"base-uri 'none'", "form-action 'self'", "frame-ancestors 'none'")
	if strings.Contains(rules, "unsafe") {
		t.Error(rules)
	}
	if got := header.Get("Content-Type"); got != "text/html; charset=utf-8" {
		t.Error(got)
	}
	for _, name := range []string{"Cross-Origin-Opener-Policy", "Cross-Origin-Embedder-Policy"} {
		if header.Get(name) == "" {
			t.Error("no", name)
		}
	}
}

func TestPageHasNothingInline(t *testing.T) {
	for _, view := range views {
		html := body(t, Query{View: view.name}, sample())
		if found := regexp.MustCompile(`(?i)<style| style=| on[a-z]+="|javascript:|<script>|https?://`).FindString(html); found != "" {
			t.Errorf("%s: %q", view.name, found)
		}
	}
}

func TestPageOfHead(t *testing.T) {
	got, full := served(t, http.MethodHead, Query{}, sample()), body(t, Query{}, sample())
	if b, _ := io.ReadAll(got.Body); len(b) > 0 {
		t.Errorf("%d bytes of a body", len(b))
	}
	if got.Header.Get("Content-Length") != fmt.Sprint(len(full)) {
		t.Errorf("says %s bytes, and has %d", got.Header.Get("Content-Length"), len(full))
	}
}

func TestPageIsBalanced(t *testing.T) {
	for _, view := range views {
		for _, group := range []string{"", "tenant"} {
			p := page{query: Query{View: view.name, Group: group, Goroutine: 17}, snapshot: sample()}
			p.write()
			if len(p.tags) > 0 {
				t.Errorf("%s: left open: %v", view.name, p.tags)
			}
		}
	}
}

// Without its script the page is a table and a form.
func TestPageIsAPlainTable(t *testing.T) {
	html := body(t, Query{}, sample())
	mustHave(t, html, `<html lang="en">`, `<form method="get"`, `<table class="goroutines"`, `<th scope="row"`, `>Apply</button>`)
	if n := strings.Count(html, `<tr data-key="g`) + strings.Count(html, `<tr data-key="one of`); n != 4 {
		t.Errorf("%d rows, not 4", n)
	}
	mustHave(t, text(html),
		"4 of 1,234 goroutines hold variables",
		"The look took 1.2 ms , and stopped the program for 56 µs",
		"17 chan receive for 3 min POST /orders , work 3 began 9 s ago",
		"request = r-000017 set at withrequest.go:61 , 4 s ago",
		"secret = (redacted)", "tenant = acme",
		"inherited from 17",
		"one of 6: 30 , 31 , 32 , ...",
		"orders.settle settle.go:44", "orders.confirm confirm.go:17 in 1",
		"/src/shop/orders/price.go:30", // in the stack
		"task fetch request", "such as profiler labels",
		"POST /ended , work 2 ended 20 s ago",
		"1 goroutine has its number not known.")
	for _, script := range []string{`class="live" hidden`, `data-script`} {
		mustHave(t, html, script)
	}
}

func TestPageLinks(t *testing.T) {
	html := body(t, Query{View: ViewTree, Vars: []string{"tenant=bell", "request"}, Limit: 50, Search: "x"}, sample())
	mustHave(t, html,
		`href="?limit=50&amp;q=x&amp;var=request&amp;var=tenant%3Dacme&amp;view=tree"`, // one filter on a variable in place of another
		`href="?goroutine=17&amp;limit=50&amp;view=tree"`,                              // no filter hides whom one follows
		`href="?limit=50&amp;view=tree">Clear filters`,
		`value="tenant=bell"`, `value="request"`)
	if strings.Contains(html, "secret%3D") {
		t.Error("one can filter by a redacted value")
	}
}

func TestPageOfGroups(t *testing.T) {
	s := sample()
	s.Goroutines[3].Variables = s.Goroutines[3].Variables[:2]
	got := text(body(t, Query{Group: "tenant"}, s))
	order := []string{"tenant = acme 2 goroutines", " 17 chan", " 18 chan", "tenant = bell 1 goroutine", " 40 chan", "tenant not set 1 goroutine", "one of"}
	rest := got
	for _, part := range order {
		_, after, ok := strings.Cut(rest, part)
		if !ok {
			t.Fatalf("%q is not where it should be in\n%s", part, got)
		}
		rest = after
	}
}

func TestPageSaysHowManyGroupsItLeavesOut(t *testing.T) {
	mustHave(t, text(body(t, Query{Group: "tenant", Limit: 1}, sample())), "There are 2 more values.")
}

func TestPageSaysHowManyItLeavesOut(t *testing.T) {
	s := sample()
	s.Matching = 3000
	html := body(t, Query{}, s)
	mustHave(t, text(html), "These are 4 of 3,000 goroutines.")
	mustHave(t, html, `href="?limit=2000">Show 2000`)
}

func TestPageOfTree(t *testing.T) {
	html := body(t, Query{View: ViewTree}, sample())
	mustHave(t, text(html), "1 IO wait", "has started 3 17 chan receive", "has started 1 18 chan receive")
	if strings.Count(html, "<ul class=\"tree\"") != 3 {
		t.Error("not three lists:\n", html)
	}
}

func TestPageOfADeepTree(t *testing.T) {
	node := &Node{Goroutine: sampleGoroutine(1000, "deep")}
	for id := uint64(999); id > 0; id-- {
		node = &Node{Goroutine: sampleGoroutine(id, "deep"), Started: []*Node{node}}
	}
	s := sample()
	s.Tree = []*Node{node}
	html := body(t, Query{View: ViewTree}, s)
	if n := strings.Count(html, "<ul class=\"tree\""); n != deepest {
		t.Errorf("%d levels", n)
	}
	mustHave(t, text(html), fmt.Sprintf("has started 1: follow %d", deepest))
}

func TestPageOfLoops(t *testing.T) {
	html := body(t, Query{View: ViewLoops}, sample())
	mustHave(t, html, `id="loop1-task5"`, `href="#loop1-task5"`, `href="#loop1-task6"`)
	mustHave(t, text(html),
		"Event loop 1 State running Tasks 2 Ready 2 Timers 1 Operations 3",
		"fetch waiting in Sleep on 40 a future crawl request",
		"made by orders.crawl", "crawl waiting fetch nobody none",
		"Event loop 2 State waits to be run", "does not give the loop back", "example.org/shop/orders.spin", "held up for 3 s")
	if strings.Contains(html, "<form") {
		t.Error("there are filters, which do nothing here")
	}
}

func TestPageOfEndedWork(t *testing.T) {
	mustHave(t, text(body(t, Query{View: ViewEnded}, sample())),
		"POST /ended , work 2 ended 20 s ago , after 40 s; still held by 1 goroutine and 3 timers or bound functions",
		"AfterFunc in 5 s made by orders.remind", "AfterDone was due 1 s ago", "Bind not known")
}

// Variables of one name are offered once, and told apart where they are listed.
func TestPageOfVariablesWithOneName(t *testing.T) {
	s := sample()
	s.Variables = []VariableInfo{{Name: "same", Type: "int"}, {Name: "same", Type: "string"}, {Name: "tenant"}}
	s.Goroutines = []*Goroutine{{ID: 1, Variables: []Variable{{Name: "same", Value: "1"}, {Name: "same", Value: "2"}, {Name: "tenant"}}}}
	html := body(t, Query{}, s)
	for part, want := range map[string]int{
		`<option value="same" data-key="same">`: 1, `<option value="same=" data-key="same">`: 1,
		`<tr data-key="same">`: 1, `<tr data-key="same 2">`: 1, `<li data-key="same">`: 1, `<li data-key="same 2">`: 1,
		`<tr data-key="tenant">`: 1, `<li data-key="tenant">`: 1,
	} {
		if n := strings.Count(html, part); n != want {
			t.Errorf("%d of %s, want %d", n, part, want)
		}
	}
}

func TestValuesOfEndedWorkFilterIt(t *testing.T) {
	mustHave(t, body(t, Query{View: ViewEnded}, sample()), `href="?var=tenant%3Dacme&amp;view=ended"`)
	mustHave(t, body(t, Query{View: ViewLoops}, sample()), `href="?var=tenant%3Dbell"`)
}

func TestPageOfNothing(t *testing.T) {
	for view, want := range map[string]string{
		"": "No goroutine holds a variable.", ViewTree: "No goroutine holds a variable.",
		ViewLoops: "no event loop", ViewEnded: "Nothing holds",
	} {
		mustHave(t, text(body(t, Query{View: view}, &Snapshot{Time: sampleTime})), want)
	}
	mustHave(t, text(body(t, Query{State: "select"}, &Snapshot{})), "No goroutine matches the filters.")
}

func TestPageOfTooMany(t *testing.T) {
	s := sample()
	s.Variables[0].Values = maxValues
	s.Goroutines, s.Summarised, s.Total, s.Shown, s.Notes = nil, true, 100_000, 0, []string{"There are too many."}
	html := body(t, Query{Group: "tenant"}, s)
	mustHave(t, text(html), "4 of 100,000 goroutines", "There are too many.", "tenant = acme 2 goroutines", "Group by request", "10,000 or more", "Goroutines by tenant")
	mustHave(t, html, `<details class="overview" data-key="variables" open="">`)
	if strings.Contains(html, `<tr data-key="g`) {
		t.Error("there are rows of goroutines")
	}
}

func TestAssetsAreFoundFromWhereverThePageIs(t *testing.T) {
	for from, want := range map[string]string{
		"/debug/contextvars": "contextvars/assets/", "/inside/vars": "vars/assets/", "/inside/vars/": "assets/",
	} {
		if got := assetsSeenFrom(from); got != want {
			t.Errorf("from %s: %s", from, got)
		}
	}
}

// fill puts text into each string that v leads to, and something into whatever is empty.
func fill(v reflect.Value, text string, depth int) {
	switch v.Kind() {
	case reflect.String:
		v.SetString(text)
	case reflect.Pointer:
		if depth > 0 {
			v.Set(reflect.New(v.Type().Elem()))
			fill(v.Elem(), text, depth-1)
		}
	case reflect.Slice:
		if depth > 4 { // so that what is in it is whole
			v.Set(reflect.MakeSlice(v.Type(), 1, 1))
			fill(v.Index(0), text, depth-1)
		}
	case reflect.Struct:
		if v.Type() != reflect.TypeFor[time.Time]() {
			for i := range v.NumField() {
				fill(v.Field(i), text, depth-1)
			}
		}
	case reflect.Uint64, reflect.Int:
		if v.CanInt() {
			v.SetInt(7)
		} else {
			v.SetUint(7)
		}
	}
}

// Whatever a program calls its variables, goroutines, tasks and work, and whatever their values are: it is text.
func TestPageOfHostileTexts(t *testing.T) {
	for _, hostile := range []string{
		`"><script>alert(1)</script>`, `'><img src=x onerror=alert(1)>`, "</script></table></title><!--", "\xff\xfe<b>\x00",
		`javascript:alert(1)`, "\u202egpj.exe",
	} {
		var s Snapshot
		fill(reflect.ValueOf(&s).Elem(), hostile, 12)
		for _, view := range views {
			q := Query{View: view.name, Vars: []string{hostile}, State: hostile, Search: hostile, Group: hostile}
			html := body(t, q, &s)
			q.Vars, q.State, q.Search, q.Group = []string{"x"}, "x", "x", "x"
			var plain Snapshot
			fill(reflect.ValueOf(&plain).Elem(), "x", 12)
			tags := regexp.MustCompile(`<!?/?[a-z]*`)
			if got, want := tags.FindAllString(html, -1), tags.FindAllString(body(t, q, &plain), -1); !reflect.DeepEqual(got, want) {
				t.Errorf("%s: %q makes other elements of the page:\n%s", view.name, hostile, html)
			}
			for _, never := range []string{`href="javascript`, "\xff", "\x00", "\u202e<"} {
				if strings.Contains(html, never) {
					t.Errorf("%s: %q brings %q", view.name, hostile, never)
				}
			}
		}
	}
}

// There are allocations for what links differ in, and none for texts.
func TestPageOf500RowsAllocatesLittle(t *testing.T) {
	s := sampleRows(500)
	if n := testing.AllocsPerRun(5, func() { p := page{snapshot: s}; p.write() }); n > 500*40 {
		t.Errorf("%.0f allocations", n)
	}
}

func BenchmarkPageOf500Rows(b *testing.B) {
	s := sampleRows(500)
	b.ReportAllocs()
	for b.Loop() {
		p := page{snapshot: s}
		p.write()
	}
}
