package main

import (
	"errors"
	gover "go/version"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
)

const vetUsage = `Usage: contextvars vet [flags] [packages]

Vet is go vet of the packages, with the checks for context variables beside its
own, in one pass. It takes go vet's flags and those of the checks:

  -job=false     leaves a check out; -job runs it alone. The checks are token,
                 handler, job, once, variable, local, lifetime, profile, ignore,
                 and those of go vet
  -govet=false   leaves go vet's own checks out
  -fix           makes the repairs that are mechanical; with -diff it shows them
  -json          the findings as JSON; then the exit status is 0
  -c N           N lines of context for each finding
  -tags, -C, ... build flags

It needs the go command, of a Go release that is not newer than the one that this
command is built with.

Exit status: 0, or 1 if it finds something or a package cannot be built, 2 for
wrong usage, 3 without a go command, or with one of a newer Go release than this
command is built with.
`

// vet runs the go command with this program as the tool: that loads packages faster than a tool can by itself,
// and remembers results.
func vet(t *terminal, args []string) error {
	if slices.ContainsFunc(args, asksForHelp) {
		return errHelp
	}
	self, err := os.Executable()
	if err != nil {
		return fail(exitUnreachable, "vet: where this program is cannot be told: %w", err)
	}
	if err := checkRelease(args[:leading(args)]); err != nil {
		return err
	}
	cmd := exec.Command("go", goVet(self, args)...)
	said := &vetErrors{out: t.err, tool: filepath.Clean(self)}
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, t.out, said
	err = cmd.Run()
	said.flush()
	var exit *exec.ExitError
	switch {
	case errors.As(err, &exit):
		return &failure{status: max(exit.ExitCode(), exitFound)} // go vet has said what there is
	case err != nil:
		return fail(exitUnreachable, "vet: the go command cannot be run: %w", err)
	}
	return nil
}

// checkRelease refuses packages of a newer Go release than this program is built with: it could read none of them, and
// the go command would say so for each package of the standard library.
func checkRelease(leading []string) error {
	out, err := exec.Command("go", slices.Concat([]string{"env"}, leading, []string{"GOVERSION"})...).Output()
	if errors.Is(err, exec.ErrNotFound) {
		return fail(exitUnreachable, "vet: the go command cannot be run: %w", err)
	}
	used, built := strings.TrimSpace(string(out)), runtime.Version()
	if err == nil && gover.Compare(gover.Lang(used), gover.Lang(built)) > 0 {
		return fail(exitUnreachable, "vet: the go command is of %s, and this program is built with %s, which is older: build it anew with that go command", used, built)
	}
	return nil // go vet says what else is wrong
}

func asksForHelp(arg string) bool { return arg == "-h" || arg == "-help" || arg == "--help" }

// goVet returns the arguments of the go command.
func goVet(tool string, args []string) []string {
	n := leading(args)
	ours := []string{"-vettool=" + tool}
	if !slices.ContainsFunc(args, func(arg string) bool { return strings.HasPrefix(strings.TrimLeft(arg, "-"), "govet=") }) {
		ours = append(ours, "-govet")
	}
	return slices.Concat([]string{"vet"}, args[:n], ours, args[n:])
}

// leading is how many arguments have to stand before all others: those of -C.
func leading(args []string) int {
	if len(args) == 0 {
		return 0
	}
	name, _, joined := strings.Cut(args[0], "=")
	switch {
	case name != "-C" && name != "--C":
		return 0
	case joined:
		return 1
	}
	return min(2, len(args))
}
