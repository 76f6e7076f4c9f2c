package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/gocontextvars/contextvars/dump"
)

const dumpUsage = `Usage: contextvars dump [flags] FILE

Dump prints the goroutines of a dump, grouped by the value of a label, those that
are alike in one line. FILE is - for standard input. It may have more than one
dump, and other lines of a log: what a panic or kill -QUIT writes, runtime.Stack,
or a goroutine profile with debug=1 or debug=2. Variables made with
contextvars.Label are labels, and "go doc github.com/gocontextvars/contextvars/dump"
says when they are in a dump.

  -by NAME       group by this label; without it, by the one that most goroutines
                 have. "" is for no groups
  -tree          the goroutines below those that have started them
  -json          all that was read, as JSON; with -by in groups
  -var FILTER    name=value: the label has the value; name~part: its value
                 contains part, whatever the case; name: there is the label. May
                 be given several times, then all have to hold
  -label FILTER  the same

What was not read is noted on standard error, but for the registers in a crash.

Exit status: 0, or 1 if nothing matches the filters or there is no such label, 2
for wrong usage, 3 if the file cannot be read or has no dump in it, 4 if it was
cut or is damaged: what could be read is printed.
`

// A reading is what dump has been asked for.
type reading struct {
	file    string
	by      string
	chosen  bool // by, by the user
	tree    bool
	json    bool
	filters []dump.Filter
}

func readDump(t *terminal, args []string) error {
	r, err := parseReading(args)
	if err != nil {
		return err
	}
	f, readErr := r.read()
	if len(f.Dumps) == 0 {
		if readErr != nil {
			return fail(exitUnreachable, "dump: %w", readErr)
		}
		return fail(exitUnreachable, "dump: %s has %d lines, and no dump of goroutines", r.file, f.Lines)
	}
	writeNotes(t, f)
	writeErr := r.write(t.out, f)
	if err := damage(f, readErr); err != nil {
		return fail(exitPartial, "dump: %s: %w", r.file, err)
	}
	return writeErr
}

func dumpFlags(flags *flag.FlagSet, r *reading, filters *texts) {
	flags.StringVar(&r.by, "by", "", "")
	flags.BoolVar(&r.tree, "tree", false, "")
	flags.BoolVar(&r.json, "json", false, "")
	flags.Var(filters, "var", "")
	flags.Var(filters, "label", "")
}

func parseReading(args []string) (*reading, error) {
	r := new(reading)
	var filters texts
	var flags flag.FlagSet
	dumpFlags(&flags, r, &filters)
	rest, err := parse("dump", &flags, args)
	flags.Visit(func(f *flag.Flag) { r.chosen = r.chosen || f.Name == "by" })
	switch {
	case err != nil:
		return nil, err
	case len(rest) == 0:
		return nil, wrong("dump", "no file is given; - is for standard input")
	case len(rest) > 1:
		return nil, wrong("dump", "one file is enough, and there is %q, too", rest[1])
	case r.tree && (r.json || r.by != ""):
		return nil, wrong("dump", "-tree goes with neither -json nor -by")
	}
	r.file = rest[0]
	for _, text := range filters {
		r.filters = append(r.filters, labelFilter(text))
	}
	return r, nil
}

// labelFilter reads what -var is given as package debugvars does for variables, whose names may have
// any characters in them.
func labelFilter(text string) dump.Filter {
	return func(g *dump.Goroutine) bool {
		return slices.ContainsFunc(g.Labels, func(l dump.Label) bool {
			rest, ok := strings.CutPrefix(text, l.Key)
			switch {
			case !ok || rest == "":
				return ok
			case rest[0] == '=':
				return l.Value == rest[1:]
			case rest[0] == '~':
				return strings.Contains(strings.ToLower(l.Value), strings.ToLower(rest[1:]))
			}
			return false // another label, with a longer name
		})
	}
}

// read returns what could be read, whatever the error.
func (r *reading) read() (*dump.File, error) {
	in := io.Reader(os.Stdin)
	if r.file != "-" {
		file, err := os.Open(r.file)
		if err != nil {
			return new(dump.File), err
		}
		defer file.Close()
		in = file
	}
	return dump.Parse(in)
}

// write writes the goroutines that the filters choose. An error is that there are none.
func (r *reading) write(w io.Writer, f *dump.File) error {
	keys := keys(f)
	if r.by != "" && !slices.ContainsFunc(keys, func(k dump.Key) bool { return k.Key == r.by }) {
		return fail(exitFound, "dump: no goroutine has the label %q; there are: %s", r.by, labels(keys))
	}
	chosen := *f
	chosen.Dumps = []*dump.Dump{} // in JSON a list, also if it is empty
	for _, d := range f.Dumps {
		if d = d.Filter(r.filters...); len(d.Goroutines) > 0 || len(r.filters) == 0 {
			chosen.Dumps = append(chosen.Dumps, d)
		}
	}
	var err error
	switch {
	case r.json:
		err = r.writeJSON(w, &chosen)
	case len(chosen.Dumps) > 0:
		err = r.writeText(w, &chosen)
	}
	if err == nil && len(chosen.Dumps) == 0 {
		return fail(exitFound, "dump: nothing matches the filters; there are the labels %s", labels(keys))
	}
	return err
}

// writeNotes says what was not read. That a crash has registers, and sends signals to its threads, is nothing to
// tell a person.
func writeNotes(t *terminal, f *dump.File) {
	notes := slices.DeleteFunc(slices.Clone(f.Notes), func(n dump.Note) bool {
		return n.Kind == dump.Registers || n.Kind == dump.Signal
	})
	const most = 20
	for _, n := range notes[:min(len(notes), most)] {
		t.note(n.String())
	}
	if more := len(notes) - most; more > 0 || f.OmittedNotes > 0 {
		t.note(fmt.Sprintf("and %d notes more, which -json has as far as there was room", max(more, 0)+f.OmittedNotes))
	}
}

// damage returns an error if something is missing that should be there. Other lines of a log
// are none.
func damage(f *dump.File, readErr error) error {
	if readErr != nil {
		return fmt.Errorf("it could not be read to its end: %w", readErr)
	}
	for _, n := range f.Notes {
		switch n.Kind {
		case dump.Truncated, dump.TooLong, dump.TooMany, dump.Odd:
			return errors.New("a part could not be read: " + n.String())
		}
	}
	return nil
}
