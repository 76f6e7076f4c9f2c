package main

// A figure is a ratio that this package has to reach.
type figure struct {
	what       string
	of, to     int     // subjects of the group: of's time in units of to's
	limit, aim float64 // aim is 0 where there is none
	// allocs and bytes are the most that of may allocate, more than to does
	// if beyond is set; nil: any.
	allocs, bytes *float64
	beyond        bool
}

// A figureGroup is measured together, sample by sample. Only what has to be compared is
// together: what one subject leaves to the garbage collector, the next may pay for.
type figureGroup struct {
	name     string // for -run
	subjects []subject
	figures  []figure
}

func mine(k kind, size, target int) subject {
	return subject{ours, ours.name, k, setting{size, target}}
}

func allFigures() []figureGroup {
	none, one, bytes := 0.0, 1.0, 128.0
	return []figureGroup{
		{
			name: "Figures/Get",
			subjects: []subject{
				{call, call.name, get, setting{1, 0}},
				mine(get, 1, 0), mine(get, 8, 0), mine(get, 8, 7), mine(get, poolSize, 0),
				mine(get, 64, 63), mine(get, poolSize, poolSize-1),
				{std, std.name, get, setting{1, 0}},
				{stdPointer, stdPointer.name, get, setting{1, 0}},
			},
			figures: []figure{
				{what: "Get among 1 / call not inlined", of: 1, limit: 4, aim: 2, allocs: &none},
				{what: "Get among 8, set first / call", of: 2, limit: 4, aim: 2, allocs: &none},
				{what: "Get among 8, set last / call", of: 3, limit: 4, aim: 2, allocs: &none},
				{what: "Get among 1000, set first / call", of: 4, limit: 4, aim: 2, allocs: &none},
				{what: "Get among 64, set last / call", of: 5, limit: 13, aim: 6},
				{what: "Get among 1000, set last / call", of: 6, limit: 13, aim: 6},
				{what: "Get / context.Value one deep", of: 1, to: 7, limit: 0.75, aim: 0.5},
				{what: "the same, if a pointer is the ctx's key", of: 1, to: 8},
			},
		},
		{
			name: "Figures/Set",
			subjects: []subject{
				{std, std.name, set, setting{1, 0}},
				mine(set, 1, 0),
			},
			figures: []figure{
				{what: "Set + Restore / context.WithValue", of: 1, limit: 2.2, aim: 1.3, allocs: &one, bytes: &bytes},
			},
		},
		{
			name: "Figures/SetAmongMany",
			subjects: []subject{
				mine(set, 1, 0), mine(set, poolSize, 0), mine(set, poolSize, poolSize-1),
			},
			figures: []figure{
				{what: "Set + Restore among 1000, set first / among 1", of: 1, limit: 10},
				{what: "Set + Restore among 1000, set last / among 1", of: 2, limit: 10},
			},
		},
		{
			name: "Figures/Context",
			subjects: []subject{
				mine(set, 1, 0), mine(run, 1, 0),
				mine(copyContext, 1, 0), mine(copyContext, 8, 0), mine(copyContext, 64, 0), mine(copyContext, poolSize, 0),
			},
			figures: []figure{
				{what: "Context.Run of nothing / Set + Restore", of: 1, limit: 2},
				{what: "CopyContext of 1 / Set + Restore", of: 2, limit: 1},
				{what: "CopyContext of 8 / Set + Restore", of: 3, limit: 1},
				{what: "CopyContext of 64 / Set + Restore", of: 4, limit: 1},
				{what: "CopyContext of 1000 / Set + Restore", of: 5, limit: 1},
			},
		},
		{
			name: "Figures/Go",
			subjects: []subject{
				{bareGo, bareGo.name, spawn, setting{8, 0}},
				mine(spawn, 8, 0), mine(spawn, 8, 7),
			},
			figures: []figure{
				{what: "go with 8 variables, one Get of the first / bare go", of: 1, limit: 1.2, allocs: &none, beyond: true},
				{what: "go with 8 variables, one Get of the last / bare go", of: 2, limit: 1.2, allocs: &none, beyond: true},
			},
		},
	}
}

// A verdict says what became of a figure.
type verdict string

const (
	aimMet    verdict = "met, aim too"
	met       verdict = "met"
	missed    verdict = "MISSED"
	unlimited verdict = "no limit"
	unjudged  verdict = "not judged" // -quick, or interrupted
	incorrect verdict = "WRONG"      // the values were; the speed does not matter
)

// allocTolerance is for what the runtime itself allocates now and then while
// allocations are counted.
const allocTolerance = 0.05

// judge compares what was measured with what is to be reached.
func (f figure) judge(group []measured, e effort) figureResult {
	of, to := group[f.of], group[f.to]
	r := figureResult{What: f.what, Limit: f.limit, Aim: f.aim, Allocs: of.allocs, Bytes: of.bytes}
	if f.beyond {
		r.Allocs, r.Bytes = of.allocs-to.allocs, of.bytes-to.bytes
	}
	var ok bool
	r.Ratio, ok = of.over(to)
	switch {
	case of.fault != "" || to.fault != "":
		r.Verdict = incorrect
	case !ok || e.length == 0:
		r.Verdict = unjudged
	case f.limit == 0:
		r.Verdict = unlimited
	case f.limit < r.Ratio.Median || over(r.Allocs, f.allocs) || over(r.Bytes, f.bytes):
		r.Verdict = missed
	case f.aim > 0 && r.Ratio.Median <= f.aim:
		r.Verdict = aimMet
	default:
		r.Verdict = met
	}
	if f.allocs != nil {
		r.Most = most(f.allocs, f.bytes, f.beyond)
	}
	return r
}

func over(have float64, limit *float64) bool { return limit != nil && have > *limit+allocTolerance }
