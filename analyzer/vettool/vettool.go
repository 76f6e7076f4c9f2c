// Package vettool is the command contextvarsvet, for programs that want to be it as well,
// under a name of their own: it speaks the protocol of go vet -vettool, and runs by itself if
// it is given packages.
package vettool

import (
	"flag"
	"os"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis/multichecker"

	"github.com/gocontextvars/contextvars/analyzer"
)

// Main runs the checks as os.Args says, and does not return. With the flag -govet it runs
// those of go vet in the same pass, which costs little more than go vet alone.
//
// It leaves a package that cannot have findings before it is read: go vet has each package
// examined that the program is made of, those of the standard library included.
func Main() {
	args := os.Args[1:]
	analyzers := analyzer.All
	switch {
	case slices.ContainsFunc(args, func(arg string) bool {
		name, value, given := strings.Cut(strings.TrimLeft(arg, "-"), "=")
		return strings.HasPrefix(arg, "-") && name == "govet" && (!given || value == "true") || arg == "-flags"
	}):
		analyzers = slices.Concat(analyzers, govet)
	case len(args) > 0 && isUnit(args[len(args)-1]) && mayBeEmpty() && skipped(args[len(args)-1]):
		os.Exit(0)
	}
	flag.Bool("govet", false, "run the checks of go vet as well, in the same pass")
	multichecker.Main(analyzers...)
}

// Asked reports whether args, without the program's name, are those with which the go command
// runs a -vettool, so that a program with commands of its own can tell it from its users.
func Asked(args []string) bool {
	return len(args) > 0 && (strings.HasPrefix(args[0], "-V=") || args[0] == "-flags" || isUnit(args[len(args)-1]))
}

func isUnit(arg string) bool { return strings.HasSuffix(arg, ".cfg") }
