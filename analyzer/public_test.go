package analyzer

import (
	"os"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/checker"
	"golang.org/x/tools/go/packages"
)

// Code that does not use context variables gives no findings, even if the checks look at all of it,
// which they do here: they leave it at once otherwise.
func TestPublicModules(t *testing.T) {
	if testing.Short() {
		t.Skip("reads large modules from source")
	}
	regardless = true
	defer func() { regardless = false }()
	for _, tt := range []struct {
		dir     string // of a module that requires it
		pattern string
		atLeast int // packages
	}{
		{".", "net/http", 50},
		{".", "golang.org/x/tools/go/analysis/multichecker", 20},
		{"../contrib/grpcvars", "google.golang.org/grpc", 40},
		{"../contrib/natsvars", "github.com/nats-io/nats-server/v2/server", 10},
	} {
		t.Run(tt.pattern, func(t *testing.T) {
			if _, err := os.Stat(tt.dir); err != nil {
				t.Skipf("not in the repository of contextvars: %v", err)
			}
			found := 0
			graph := analyze(t, tt.dir, tt.pattern)
			for act := range graph.All() {
				if act.Err != nil {
					t.Errorf("%v: %v", act, act.Err)
				}
				for _, d := range act.Diagnostics {
					t.Errorf("%s: %s: %s", act.Package.Fset.Position(d.Pos), act.Analyzer.Name, d.Message)
				}
				if act.Analyzer == index {
					found++
				}
			}
			if found < tt.atLeast {
				t.Errorf("only %d packages were read", found)
			}
		})
	}
}

// analyze runs all checks on the packages of a pattern, and on all that they import.
func analyze(t *testing.T, dir, pattern string) *checker.Graph {
	t.Helper()
	roots, err := packages.Load(&packages.Config{
		Mode: packages.LoadAllSyntax | packages.NeedModule,
		Dir:  dir,
		Env:  append(os.Environ(), "GOWORK=off"),
	}, pattern)
	if err != nil {
		t.Fatal(err)
	}
	var all []*packages.Package
	packages.Visit(roots, nil, func(p *packages.Package) {
		for _, err := range p.Errors {
			if !strings.Contains(err.Msg, "unsafe") {
				t.Fatal(err)
			}
		}
		if p.PkgPath != "unsafe" {
			all = append(all, p)
		}
	})
	// Profile is right about nats-server, which gives its goroutines labels and has no variables to
	// lose. Package vettool has a test where it is not asked.
	checks := slices.DeleteFunc(slices.Clone(All), func(a *analysis.Analyzer) bool { return a == Profile })
	graph, err := checker.Analyze([]*analysis.Analyzer{together(checks...), index}, all, nil)
	if err != nil {
		t.Fatal(err)
	}
	return graph
}
