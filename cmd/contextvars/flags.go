package main

import (
	"errors"
	"flag"
	"io"
	"strings"
)

// parse takes flags before, between and after the arguments, and returns these. After "--" all is
// arguments.
func parse(name string, flags *flag.FlagSet, args []string) (rest []string, err error) {
	flags.Init(name, flag.ContinueOnError)
	flags.SetOutput(io.Discard) // main prints
	for {
		before := len(args)
		if err := flags.Parse(args); err != nil {
			if errors.Is(err, flag.ErrHelp) {
				return nil, errHelp
			}
			return nil, wrong(name, "%w", err)
		}
		parsed := args[:before-flags.NArg()]
		args = flags.Args()
		if len(args) == 0 {
			return rest, nil
		}
		if len(parsed) > 0 && parsed[len(parsed)-1] == "--" {
			return append(rest, args...), nil
		}
		rest, args = append(rest, args[0]), args[1:]
	}
}

// parsed defines a flag that says what it wants; those of package flag say "parse error".
func parsed[T any](flags *flag.FlagSet, name string, value *T, read func(string) (T, error), want string) {
	flags.Func(name, "", func(s string) error {
		v, err := read(s)
		if err != nil {
			return errors.New(want)
		}
		*value = v
		return nil
	})
}

// texts is a flag that can be given several times.
type texts []string

func (t *texts) String() string { return strings.Join(*t, " ") }

func (t *texts) Set(s string) error {
	*t = append(*t, s)
	return nil
}
