// Package plugin has the checks of package analyzer for golangci-lint, as a module plugin. Name
// it in .custom-gcl.yml, and build a golangci-lint with it by "golangci-lint custom":
//
//	version: v2.15.0
//	plugins:
//	  - module: github.com/gocontextvars/contextvars/analyzer
//	    import: github.com/gocontextvars/contextvars/analyzer/plugin
//	    version: v0.1.0 # a release; not latest: golangci-lint's cache would not notice another one
//
// and turn it on in .golangci.yml, with the checks to leave out if there are any:
//
//	version: "2"
//	linters:
//	  enable: [contextvars]
//	  settings:
//	    custom:
//	      contextvars:
//	        type: module
//	        settings:
//	          disable: [lifetime]
package plugin

import (
	"fmt"
	"slices"

	"github.com/golangci/plugin-module-register/register"
	"golang.org/x/tools/go/analysis"

	"github.com/gocontextvars/contextvars/analyzer"
)

func init() { register.Plugin("contextvars", New) }

// Settings are those of the linter in .golangci.yml.
type Settings struct {
	Disable []string `json:"disable"` // names of checks
}

// New returns the linter. It fails if settings are not [Settings], or name a check that does not exist.
func New(settings any) (register.LinterPlugin, error) {
	s, err := register.DecodeSettings[Settings](settings)
	if err != nil {
		return nil, fmt.Errorf("contextvars: cannot read the settings of the linter: %w", err)
	}
	for _, name := range s.Disable {
		if !slices.ContainsFunc(analyzer.All, func(a *analysis.Analyzer) bool { return a.Name == name }) {
			return nil, fmt.Errorf("contextvars: there is no check %q to disable; see the package's README", name)
		}
	}
	return linter{s.Disable}, nil
}

type linter struct{ disable []string }

// BuildAnalyzers returns the checks.
func (l linter) BuildAnalyzers() ([]*analysis.Analyzer, error) {
	return slices.DeleteFunc(slices.Clone(analyzer.All), func(a *analysis.Analyzer) bool {
		return slices.Contains(l.disable, a.Name)
	}), nil
}

// GetLoadMode says that the checks need types.
func (l linter) GetLoadMode() string { return register.LoadModeTypesInfo }
