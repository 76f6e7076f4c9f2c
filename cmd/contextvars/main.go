// Command contextvars shows the context variables of running programs and of goroutine dumps,
// and checks packages for mistakes with them.
//
//	contextvars ps localhost:6060        the goroutines that hold variables
//	contextvars pstree localhost:6060    the same, below those that have started them
//	contextvars dump crash.txt           a goroutine dump, grouped by a variable
//	contextvars vet ./...                go vet, with the checks for context variables
//
// "contextvars help" says more, and what the exit statuses mean. The programs have to
// serve what package debugvars registers.
package main

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/gocontextvars/contextvars/analyzer/vettool"
)

const usage = `Contextvars shows the context variables of running programs and of goroutine
dumps, and checks packages for mistakes with them.

Usage: contextvars COMMAND [flags] [arguments]

  ps URL            the goroutines of a program that hold variables
  pstree URL        the same, below those that have started them
  dump FILE         a goroutine dump, grouped by a variable
  vet [packages]    go vet, with the checks for context variables
  version           the version of this command
  help [COMMAND]    this text, or that of a command

The program at URL has to serve what package debugvars registers.

Exit status:
  0    all is well
  1    ps, pstree and dump: nothing matches the filters; vet: it found something,
       or a package cannot be built
  2    the command was not given rightly
  3    the program cannot be reached, is not one with debugvars, or has too many
       goroutines to know what is asked for; the file cannot be read or has no dump
       in it; there is no go command that fits
  4    dump: a part of the text could not be read; the rest is printed
`

// A command is what the first argument names.
type command struct {
	usage string
	run   func(t *terminal, args []string) error
}

var commands = map[string]command{
	"ps":      {psUsage, ps},
	"pstree":  {pstreeUsage, pstree},
	"dump":    {dumpUsage, readDump},
	"vet":     {vetUsage, vet},
	"version": {versionUsage, version},
}

func main() {
	args := os.Args[1:]
	// A dump may be in a file whose name looks as those that the go command gives to its tools.
	if !isCommand(args) && vettool.Asked(args) {
		vettool.Main()
	}
	t := newTerminal(os.Stdout, os.Stderr)
	os.Exit(t.report(run(t, args)))
}

func isCommand(args []string) bool {
	if len(args) == 0 {
		return false
	}
	_, known := commands[args[0]]
	return known || args[0] == "help"
}

func run(t *terminal, args []string) error {
	if len(args) == 0 {
		return wrong("", "no command is given: ps, pstree, dump or vet")
	}
	name, args := args[0], args[1:]
	if name == "help" || name == "-h" || name == "-help" || name == "--help" {
		return help(t, args)
	}
	c, ok := commands[name]
	if !ok {
		return wrong("", "there is no command %q", name)
	}
	err := c.run(t, args)
	if errors.Is(err, errHelp) {
		_, err = io.WriteString(t.out, c.usage)
	}
	return err
}

func help(t *terminal, args []string) error {
	text := usage
	if len(args) > 0 {
		c, ok := commands[args[0]]
		if !ok {
			return wrong("", "there is no command %q", args[0])
		}
		text = c.usage
	}
	_, err := fmt.Fprint(t.out, text)
	return err
}
