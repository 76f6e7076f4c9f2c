package debugvars

import "testing"

func TestWhoOneMayBe(t *testing.T) {
	for _, c := range []struct {
		ids                     []uint64
		inText, onPage, inTable string
	}{
		{nil, "?", "number not known", "2 × ?"},
		{[]uint64{11}, "11?", "11 ?", "2 × (11?)"},
		{[]uint64{12, 11}, "11 or 12", "11 or 12", "2 × (11 or 12)"},
		{[]uint64{12, 13, 11}, "11, 12 or 13", "11 , 12 or 13", "2 × (11, 12 or 13)"},
		{[]uint64{5, 4, 3, 2, 1}, "1, 2, 3, 4 or 5", "1 , 2 , 3 , 4 or 5", "2 × (1, 2, 3, 4 or 5)"},
		{[]uint64{6, 5, 4, 3, 2, 1}, "one of 6: 1, 2, 3, ...", "one of 6: 1 , 2 , 3 , ...", "2 × (one of 6: 1, 2, 3, ...)"},
	} {
		g := &Goroutine{OneOf: c.ids}
		if got := g.who(); got != c.inText {
			t.Errorf("%v: %s, want %s", c.ids, got, c.inText)
		}
		if got := (&kin{example: g, count: 2}).who(); got != c.inTable {
			t.Errorf("two of %v: %s, want %s", c.ids, got, c.inTable)
		}
		p := page{snapshot: &Snapshot{}}
		p.writeWho(g)
		if got := text(string(p.b)); got != c.onPage {
			t.Errorf("%v on the page: %s, want %s", c.ids, got, c.onPage)
		}
	}
}
