package main

import (
	"cmp"
	"flag"
	"reflect"
	"slices"
	"time"

	"github.com/gocontextvars/contextvars/debugvars"
)

const psUsage = `Usage: contextvars ps [flags] URL

Ps prints the goroutines of a program that hold variables, with their values.

` + watchUsage + `
  -loops         the tasks of event loops instead of the goroutines
  -ended         requests and other work that has ended, and who still holds it
  -group NAME    the goroutines under each value of a variable
` + filterUsage

const pstreeUsage = `Usage: contextvars pstree [flags] URL

Pstree prints the goroutines that hold variables below those that have started
them.

` + watchUsage + `
  -loops         the tasks of event loops below those that wait for them
` + filterUsage

const watchUsage = `URL is HOST:PORT, a URL of the program, or that of the page with its filters, as
a browser has it; /debug/contextvars is added if it is not there. Also unix:PATH,
and https. User and password may stand before the host.

  -watch         again and again: on a terminal in place, else one after the
                 other. SIGINT (Ctrl-C) ends it, with status 0 unless the last
                 try failed
  -interval D    with -watch: how often, at least 100ms (1s)
  -timeout D     how long to wait for an answer (10s)
  -wide          lines as long as they are; else they end where the terminal does
  -json          what the program sends, as JSON; with -watch a line each time`

const filterUsage = `
Which goroutines; all that is given has to hold. -loops and -ended take none of it:

  -var FILTER    name=value: the variable has the value; name~part: its value
                 contains part, whatever the case; name: there is the variable.
                 May be given several times
  -state TEXT    the state contains it, such as "chan receive"
  -q TEXT        a variable's name or value, a function or a file contains it
  -goroutine N   the goroutine, those that it has started, and those that
                 inherited from it
  -limit N       N of them at most (500)

Exit status: 0, or 1 if nothing matches the filters, 2 for wrong usage, 3 if the
program cannot be reached or is not one with debugvars.
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
	flags.DurationVar(&o.interval, "interval", time.Second, "")
	flags.DurationVar(&o.timeout, "timeout", 10*time.Second, "")
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
	flags.Uint64Var(&o.query.Goroutine, "goroutine", 0, "")
	flags.IntVar(&o.query.Limit, "limit", 0, "")
}

func parseLook(name string, args []string) (*look, error) {
	var o lookOptions
	var flags flag.FlagSet
	lookFlags(name, &flags, &o)
	rest, err := parse(name, &flags, args)
	switch {
	case err != nil:
		return nil, err
	case len(rest) == 0:
		return nil, wrong(name, "no URL is given, such as localhost:6060")
	case len(rest) > 1:
		return nil, wrong(name, "one URL is enough, and there is %q, too", rest[1])
	case (o.loops || o.ended) && o.filters():
		return nil, wrong(name, "-loops and -ended show all there is: they go with no filter, -group or -limit")
	case o.loops && o.ended:
		return nil, wrong(name, "-loops and -ended are two views: give one")
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
	l.query.View = o.view(name, page.query.View)
	if l.query.View == debugvars.ViewGoroutines || l.query.View == debugvars.ViewTree {
		l.query = over(page.query, o.query, l.query.View)
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
	case o.ended, page == debugvars.ViewEnded && name == "ps" && !o.filters():
		return debugvars.ViewEnded
	case name == "pstree":
		return debugvars.ViewTree
	default:
		return debugvars.ViewGoroutines
	}
}

// over puts what flags say over what the page's URL says. Filters on variables add up.
func over(page, flags debugvars.Query, view string) debugvars.Query {
	return debugvars.Query{
		View:      view,
		Vars:      slices.Concat(page.Vars, flags.Vars),
		State:     cmp.Or(flags.State, page.State),
		Search:    cmp.Or(flags.Search, page.Search),
		Goroutine: cmp.Or(flags.Goroutine, page.Goroutine),
		Group:     cmp.Or(flags.Group, page.Group),
		Limit:     cmp.Or(flags.Limit, page.Limit),
	}
}
