package main

import (
	"cmp"
	"errors"
	"flag"
	"reflect"
	"slices"
	"strconv"
	"time"

	"github.com/gocontextvars/contextvars/debugvars"
)

const psUsage = `Usage: contextvars ps [flags] URL

Ps prints the goroutines of a program that hold variables, with their values.

` + watchUsage + `
  -loops         the tasks of event loops instead of the goroutines
  -ended         requests and other work that has ended, and who still holds it
  -group NAME    the goroutines under each value of a variable

Which goroutines; all that is given has to hold. -ended lists the work that one of
them holds; -loops takes none of it:
` + filterUsage

const pstreeUsage = `Usage: contextvars pstree [flags] URL

Pstree prints the goroutines that hold variables below those that have started
them.

` + watchUsage + `
  -loops         the tasks of event loops below those that wait for them

Which goroutines; all that is given has to hold. -loops takes none of it:
` + filterUsage

const watchUsage = `URL is HOST:PORT, a URL of the program, or that of the page with its filters, as
a browser has it. /debug/contextvars is added to its path if it is not there; if
there is nothing (404), the path is taken as it is: debugvars.Handler may be served
at any. Also unix:PATH, and https. User and password may stand before the host.

  -watch         again and again: on a terminal in place, else one after the
                 other. SIGINT (Ctrl-C) ends it, with status 0 unless the last
                 try failed
  -interval D    with -watch: how often, at least 100ms (1s)
  -timeout D     how long to wait for an answer (10s)
  -wide          lines as long as they are; else they end where the terminal does
  -json          what the program sends, as JSON; with -watch a line each time`

const filterUsage = `
  -var FILTER    name=value: the variable has the value; name~part: its value
                 contains part, whatever the case; name: there is the variable.
                 May be given several times
  -state TEXT    the state contains it, such as "chan receive"
  -q TEXT        a variable's name or value, a function or a file contains it
  -goroutine N   the goroutine, those that it has started, and those that
                 inherited from it
  -limit N       N of them at most (500)

Exit status: 0, or 1 if nothing matches the filters, 2 for wrong usage, 3 if the
program cannot be reached, is not one with debugvars, or has too many goroutines to
know what -state and -goroutine ask for.
`

func ps(t *terminal, args []string) error     { return psOrPstree(t, "ps", args) }
func pstree(t *terminal, args []string) error { return psOrPstree(t, "pstree", args) }

func psOrPstree(t *terminal, name string, args []string) error {
	l, err := parseLook(name, args)
	if err != nil {
		return err
	}
	if l.watch {
		return l.again(t)
	}
	return l.once(t)
}

// lookOptions are the flags of ps and pstree.
type lookOptions struct {
	query        debugvars.Query
	loops, ended bool
	json, watch  bool
	wide         bool
	interval     time.Duration
	timeout      time.Duration
}

func lookFlags(name string, flags *flag.FlagSet, o *lookOptions) {
	flags.BoolVar(&o.watch, "watch", false, "")
	const aDuration = "give a duration, such as 2s or 500ms"
	parsed(flags, "interval", &o.interval, time.ParseDuration, aDuration)
	parsed(flags, "timeout", &o.timeout, time.ParseDuration, aDuration)
	flags.BoolVar(&o.wide, "wide", false, "")
	flags.BoolVar(&o.json, "json", false, "")
	flags.BoolVar(&o.loops, "loops", false, "")
	if name == "ps" {
		flags.BoolVar(&o.ended, "ended", false, "")
		flags.StringVar(&o.query.Group, "group", "", "")
	}
	flags.Var((*texts)(&o.query.Vars), "var", "")
	flags.StringVar(&o.query.State, "state", "", "")
	flags.StringVar(&o.query.Search, "q", "", "")
	parsed(flags, "goroutine", &o.query.Goroutine, goroutineID, "give the number of a goroutine")
	parsed(flags, "limit", &o.query.Limit, strconv.Atoi, "give a number of goroutines")
}

func goroutineID(s string) (uint64, error) {
	id, err := strconv.ParseUint(s, 10, 64)
	if id == 0 && err == nil {
		err = errors.New("they count from 1 on")
	}
	return id, err
}

func parseLook(name string, args []string) (*look, error) {
	o := lookOptions{interval: time.Second, timeout: 10 * time.Second}
	var flags flag.FlagSet
	lookFlags(name, &flags, &o)
	rest, err := parse(name, &flags, args)
	given := map[string]bool{}
	flags.Visit(func(f *flag.Flag) { given[f.Name] = true })
	switch {
	case err != nil:
		return nil, err
	case len(rest) == 0:
		return nil, wrong(name, "no URL is given, such as localhost:6060")
	case len(rest) > 1:
		return nil, wrong(name, "one URL is enough, and there is %q, too", rest[1])
	case o.loops && o.ended:
		return nil, wrong(name, "-loops and -ended are two views: give one")
	case o.loops && o.filters():
		return nil, wrong(name, "-loops shows all tasks there are: it goes with no filter, -group or -limit")
	case o.ended && o.query.Group != "":
		return nil, wrong(name, "-ended has the goroutines under the work that has ended: it does not go with -group")
	case given["interval"] && !o.watch:
		return nil, wrong(name, "-interval says how often -watch looks: give -watch, too")
	case o.interval < 100*time.Millisecond:
		return nil, wrong(name, "-interval %v: give at least 100ms", o.interval)
	case o.timeout <= 0:
		return nil, wrong(name, "-timeout %v: give more than 0", o.timeout)
	case o.query.Limit < 0:
		return nil, wrong(name, "-limit %d: give a number of goroutines", o.query.Limit)
	}
	page, err := parseTarget(rest[0])
	if err != nil {
		return nil, wrong(name, "%w", err)
	}
	l := &look{client: newClient(page, o.timeout), tree: name == "pstree", wide: o.wide, json: o.json, watch: o.watch, interval: o.interval}
	view := o.view(name, page.query.View)
	if view != debugvars.ViewLoops {
		l.query = over(page.query, o.query, view)
	}
	l.query.View = view
	if _, err := debugvars.ParseQuery(l.query.Values()); err != nil {
		return nil, wrong(name, "%w", err)
	}
	return l, nil
}

// filters reports whether there is a flag that chooses goroutines.
func (o *lookOptions) filters() bool { return !reflect.DeepEqual(o.query, debugvars.Query{}) }

// view is what the flags say, or else the page's URL, as far as the command can show that.
func (o *lookOptions) view(name, page string) string {
	switch {
	case o.loops, page == debugvars.ViewLoops && !o.ended && !o.filters():
		return debugvars.ViewLoops
	case o.ended, page == debugvars.ViewEnded && name == "ps" && o.query.Group == "":
		return debugvars.ViewEnded
	case name == "pstree":
		return debugvars.ViewTree
	default:
		return debugvars.ViewGoroutines
	}
}

// over puts what flags say over what the page's URL says. Filters on variables add up. What a view does not
// show in groups is not asked for in groups.
func over(page, flags debugvars.Query, view string) debugvars.Query {
	q := debugvars.Query{
		View:      view,
		Vars:      slices.Concat(page.Vars, flags.Vars),
		State:     cmp.Or(flags.State, page.State),
		Search:    cmp.Or(flags.Search, page.Search),
		Goroutine: cmp.Or(flags.Goroutine, page.Goroutine),
		Group:     cmp.Or(flags.Group, page.Group),
		Limit:     cmp.Or(flags.Limit, page.Limit),
	}
	if view == debugvars.ViewEnded {
		q.Group = ""
	}
	return q
}
