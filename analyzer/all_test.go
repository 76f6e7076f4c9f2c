package analyzer

import (
	"testing"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/analysistest"
)

func TestAllIsValid(t *testing.T) {
	if err := analysis.Validate(All); err != nil {
		t.Error(err)
	}
	found := -1 // Ignore
	for _, a := range All {
		if a != Ignore && !checks[a.Name] {
			t.Errorf("%s cannot be silenced", a.Name)
		}
		found++
	}
	if found != len(checks) {
		t.Errorf("%d checks can be silenced, and there are %d", len(checks), found)
	}
}

func TestNothingIsFoundWithoutVariables(t *testing.T) {
	analysistest.Run(t, tree, together(All...), "plain")
}

func TestFacts(t *testing.T) { analysistest.Run(t, tree, index, "library") }

// together returns a check that does what several do: analysistest wants to see all findings of a
// file at once, and loads packages again for each check.
func together(checks ...*analysis.Analyzer) *analysis.Analyzer {
	return &analysis.Analyzer{
		Name:     "together",
		Doc:      "several checks",
		Requires: []*analysis.Analyzer{index},
		Run: func(pass *analysis.Pass) (any, error) {
			for _, a := range checks {
				one := *pass
				one.Analyzer = a
				if _, err := a.Run(&one); err != nil {
					return nil, err
				}
			}
			return nil, nil
		},
	}
}
