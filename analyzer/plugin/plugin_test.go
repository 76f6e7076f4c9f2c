package plugin

import (
	"strings"
	"testing"

	"github.com/golangci/plugin-module-register/register"

	"github.com/gocontextvars/contextvars/analyzer"
)

// built asks for the checks as golangci-lint does.
func built(t *testing.T, settings any) map[string]bool {
	t.Helper()
	make, err := register.GetPlugin("contextvars")
	if err != nil {
		t.Fatal(err)
	}
	linter, err := make(settings)
	if err != nil {
		t.Fatal(err)
	}
	if mode := linter.GetLoadMode(); mode != register.LoadModeTypesInfo {
		t.Errorf("load mode %q", mode)
	}
	list, err := linter.BuildAnalyzers()
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{}
	for _, a := range list {
		names[a.Name] = true
	}
	return names
}

func TestAll(t *testing.T) {
	if got := built(t, nil); len(got) != len(analyzer.All) {
		t.Errorf("got %v", got)
	}
}

func TestDisable(t *testing.T) {
	got := built(t, map[string]any{"disable": []any{"once", "lifetime"}})
	if len(got) != len(analyzer.All)-2 || got["once"] || got["lifetime"] {
		t.Errorf("got %v", got)
	}
}

func TestBadSettings(t *testing.T) {
	for name, settings := range map[string]any{
		"no check":       map[string]any{"disable": []any{"tokens"}},
		"another type":   map[string]any{"disable": 1},
		"unknown fields": map[string]any{"enable": []any{"token"}},
	} {
		if _, err := New(settings); err == nil || !strings.HasPrefix(err.Error(), "contextvars: ") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
