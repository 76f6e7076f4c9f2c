package analyzer

import "golang.org/x/tools/go/analysis"

// All has every check of this package, in the order of the README.
var All = []*analysis.Analyzer{
	Token,
	Handler,
	Job,
	Once,
	Variable,
	Local,
	Lifetime,
	Profile,
	Ignore,
}

// check returns an analyzer whose findings run reports, unless they are silenced. It is not
// run for packages that have nothing to do with context variables.
func check(name, doc string, run func(*reporter)) *analysis.Analyzer {
	return &analysis.Analyzer{
		Name:     name,
		Doc:      doc,
		URL:      "https://pkg.go.dev/github.com/gocontextvars/contextvars/analyzer",
		Requires: []*analysis.Analyzer{index},
		Run: func(pass *analysis.Pass) (any, error) {
			u := pass.ResultOf[index].(*unit)
			if u == nil {
				return nil, nil
			}
			u.mu.Lock() // drivers run checks at the same time, and u remembers what it was asked
			defer u.mu.Unlock()
			run(&reporter{u, pass})
			return nil, nil
		},
	}
}

// A reporter is a unit for one check.
type reporter struct {
	*unit
	pass *analysis.Pass
}

func (r *reporter) report(at analysis.Range, message string, fixes ...analysis.SuggestedFix) {
	if r.ignored(r.pass.Analyzer.Name, at.Pos()) {
		return
	}
	r.pass.Report(analysis.Diagnostic{
		Pos: at.Pos(), End: at.End(), Message: message, SuggestedFixes: fixes,
	})
}
