package main

import "testing"

func TestJudge(t *testing.T) {
	none, one, bytes := 0.0, 1.0, 128.0
	base := measured{ns: []float64{10}, allocs: 1, bytes: 24}
	took := func(ns, allocs, size float64) measured {
		return measured{ns: []float64{ns}, allocs: allocs, bytes: size}
	}
	tests := []struct {
		what   string
		figure figure
		of     measured
		want   verdict
	}{
		{"at the limit", figure{limit: 2}, took(20, 0, 0), met},
		{"over the limit", figure{limit: 2}, took(20.1, 0, 0), missed},
		{"at the aim", figure{limit: 2, aim: 1.5}, took(15, 0, 0), aimMet},
		{"between aim and limit", figure{limit: 2, aim: 1.5}, took(16, 0, 0), met},
		{"no limit", figure{}, took(1000, 0, 0), unlimited},
		{"one allocation", figure{limit: 2, aim: 2, allocs: &one, bytes: &bytes}, took(10, 1, 128), aimMet},
		{"two allocations", figure{limit: 2, aim: 2, allocs: &one}, took(10, 2, 128), missed},
		{"too many bytes", figure{limit: 2, aim: 2, allocs: &one, bytes: &bytes}, took(10, 1, 144), missed},
		{"now and then one of the runtime's", figure{limit: 2, allocs: &none}, took(10, 0.002, 1), met},
		{"none more", figure{limit: 2, allocs: &none, beyond: true}, took(10, 1, 24), met},
		{"one more", figure{limit: 2, allocs: &none, beyond: true}, took(10, 2, 48), missed},
		{"wrong values", figure{limit: 2}, measured{ns: []float64{10}, fault: lost}, incorrect},
		{"interrupted", figure{limit: 2}, measured{}, unjudged},
	}
	for _, test := range tests {
		test.figure.to = 1
		if got := test.figure.judge([]measured{test.of, base}, full); got.Verdict != test.want {
			t.Errorf("%s: %s, want %s", test.what, got.Verdict, test.want)
		}
	}
}

func TestQuickJudgesNoSpeed(t *testing.T) {
	slow := []measured{{ns: []float64{100}}, {ns: []float64{1}}}
	if got := (figure{to: 1, limit: 2}).judge(slow, quick).Verdict; got != unjudged {
		t.Errorf("%s, want %s", got, unjudged)
	}
}

// The table "Figures to reach" is the project's; the limits must not move by accident.
func TestLimits(t *testing.T) {
	want := map[string][2]float64{
		"Get among 1 / call not inlined":                      {4, 2},
		"Get among 8, set first / call":                       {4, 2},
		"Get among 8, set last / call":                        {4, 2},
		"Get among 1000, set first / call":                    {4, 2},
		"Get among 64, set last / call":                       {13, 6},
		"Get among 1000, set last / call":                     {13, 6},
		"Get / context.Value one deep":                        {0.75, 0.5},
		"the same, if a pointer is the ctx's key":             {0, 0},
		"Set + Restore / context.WithValue":                   {2.2, 1.3},
		"Set + Restore among 1000, set first / among 1":       {10, 0},
		"Set + Restore among 1000, set last / among 1":        {10, 0},
		"Context.Run of nothing / Set + Restore":              {2, 0},
		"CopyContext of 1 / Set + Restore":                    {1, 0},
		"CopyContext of 8 / Set + Restore":                    {1, 0},
		"CopyContext of 64 / Set + Restore":                   {1, 0},
		"CopyContext of 1000 / Set + Restore":                 {1, 0},
		"go with 8 variables, one Get of the first / bare go": {1.2, 0},
		"go with 8 variables, one Get of the last / bare go":  {1.2, 0},
	}
	found := 0
	for _, g := range allFigures() {
		for _, f := range g.figures {
			if l, ok := want[f.what]; !ok || l != [2]float64{f.limit, f.aim} {
				t.Errorf("%s: at most %v, aim %v; want %v", f.what, f.limit, f.aim, l)
			}
			if f.of >= len(g.subjects) || f.to >= len(g.subjects) || f.of == f.to {
				t.Errorf("%s compares %d with %d of %d", f.what, f.of, f.to, len(g.subjects))
			}
			found++
		}
	}
	if found != len(want) {
		t.Errorf("%d figures, want %d", found, len(want))
	}
}
