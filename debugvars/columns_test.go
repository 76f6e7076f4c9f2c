package debugvars

import (
	"strings"
	"testing"
)

func TestColumnsThatAreLeftOut(t *testing.T) {
	for _, c := range []struct {
		width       int
		want, never []string
	}{
		{0, []string{"SET AT", "CREATED BY", "tenant=acme", "where it was set"}, []string{"…"}},
		{100, []string{"SET AT", "CREATED BY"}, []string{"…"}},
		{80, []string{"CREATED BY", "tenant=acme"}, []string{"SET AT", "…"}},
		{60, []string{"tenant=acme", "STANDS AT"}, []string{"SET AT", "CREATED BY", "…"}},
		{50, []string{"GOROUTINE", "tenant=acme", "STANDS AT", "…"}, []string{"SET AT", "CREATED BY"}},
		// Nothing else helps.
		{28, []string{"GOROUTI…", "STANDS …"}, []string{"SET AT", "CREATED BY"}},
	} {
		table := columns{titles: []string{"GOROUTINE", "VARIABLES", "SET AT", "STANDS AT", "CREATED BY"}, widely: 1, spare: []int{2, 4}}
		table.add("7", "request=r-1, tenant=acme", "where it was set", "main.work work.go:7", "main.main main.go")
		var b strings.Builder
		table.write(&b, c.width)
		mustHave(t, b.String(), c.want...)
		for _, part := range c.never {
			if strings.Contains(b.String(), part) {
				t.Errorf("%d wide, there is %q in\n%s", c.width, part, b.String())
			}
		}
	}
}

func TestLongPartsOfAListAreCutFirst(t *testing.T) {
	const list = "at=settle, deadline=2026-11-23T00:16:52Z, request=r-000006, tenant=acme"
	for n, want := range map[int]string{
		100: list,
		71:  list,
		70:  "at=settle, deadline=2026-11-23T00:16:5…, request=r-000006, tenant=acme",
		58:  "at=settle, deadline=2026-1…, request=r-000006, tenant=acme",
		40:  "at=sett…, deadlin…, request…, tenant=…",
		30:  "at=se…, deadl…, reque…, tenan…",
		29:  "at=settle, deadline=2026-11-…",
	} {
		if got := shortenList(list, n); got != want {
			t.Errorf("%d: %s, want %s", n, got, want)
		}
	}
}
