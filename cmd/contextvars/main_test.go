package main

import (
	"flag"
	"strings"
	"testing"
)

// No flag is missing in the texts for users, and none stands there that there is not.
func TestUsageHasTheFlags(t *testing.T) {
	for name, c := range commands {
		if name == "vet" {
			continue // it has none of its own
		}
		told := map[string]bool{}
		for line := range strings.Lines(c.usage) {
			if rest, ok := strings.CutPrefix(line, "  -"); ok {
				flag, _, _ := strings.Cut(rest, " ")
				told[strings.TrimSpace(flag)] = true
			}
		}
		flags := new(flag.FlagSet)
		switch name {
		case "ps", "pstree":
			lookFlags(name, flags, new(lookOptions))
		case "dump":
			dumpFlags(flags, new(reading), new(texts))
		}
		flags.VisitAll(func(f *flag.Flag) {
			if !told[f.Name] {
				t.Errorf("%s: there is no word on -%s", name, f.Name)
			}
			delete(told, f.Name)
		})
		for flag := range told {
			t.Errorf("%s: there is no -%s", name, flag)
		}
	}
}

func TestUsageFits(t *testing.T) {
	texts := []string{usage}
	for _, c := range commands {
		texts = append(texts, c.usage)
	}
	for _, text := range texts {
		for line := range strings.Lines(text) {
			if len(line) > 85 {
				t.Errorf("%d columns: %s", len(line), line)
			}
		}
	}
}

func TestFlagsMayStandAnywhere(t *testing.T) {
	for _, tt := range []struct{ given, rest, vars string }{
		{"-v a -v b url", "url", "a b"},
		{"url -v a --v=b", "url", "a b"},
		{"-v a url -v b more", "url more", "a b"},
		{"-v a -- -v b", "-v b", "a"},
		{"url -- -v", "url -v", ""},
		{"- -v a", "-", "a"},
		{"", "", ""},
	} {
		var vars texts
		var flags flag.FlagSet
		flags.Var(&vars, "v", "")
		rest, err := parse("ps", &flags, strings.Fields(tt.given))
		if err != nil || strings.Join(rest, " ") != tt.rest || vars.String() != tt.vars {
			t.Errorf("%q: %q, -v %q, %v", tt.given, rest, vars, err)
		}
	}
}

func TestGoVetsArguments(t *testing.T) {
	for given, want := range map[string]string{
		"./...":            "vet -vettool=T -govet ./...",
		"-govet=false .":   "vet -vettool=T -govet=false .",
		"-C dir -json .":   "vet -C dir -vettool=T -govet -json .",
		"--C=dir .":        "vet --C=dir -vettool=T -govet .",
		"-C":               "vet -C -vettool=T -govet",
		"-CONST":           "vet -vettool=T -govet -CONST",
		"":                 "vet -vettool=T -govet",
		"-tags x -job . .": "vet -vettool=T -govet -tags x -job . .",
	} {
		if got := strings.Join(goVet("T", strings.Fields(given)), " "); got != want {
			t.Errorf("%q becomes %q and not %q", given, got, want)
		}
	}
}
