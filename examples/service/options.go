package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
)

// Exit statuses.
const (
	exitOK      = 0
	exitWrong   = 1
	exitUsage   = 2
	exitStopped = 130
)

const usage = `Service runs an HTTP service whose requests carry their id, tenant and deadline in
context variables only, sends it requests, and checks every value that it sees.

Usage: go run ./examples/service [flags]

  -n N         send N requests (20000)
  -c N         with N clients at once, 1 to 1000 (32)
  -json        print the report as JSON
  -serve ADDR  leave the service up at ADDR, such as 127.0.0.1:8080, for use with
               curl, until SIGINT or SIGTERM; no requests are sent unless -n is given, too
  -debug ADDR  show all variables on a page at ADDR, such as 127.0.0.1:6060; unless -n is
               given, too, a shop that takes its time is kept busy for that, until
               SIGINT or SIGTERM. Whoever reaches ADDR can read the values

The report goes to standard output, progress and the log of -serve to standard error.

Exit status (go run itself makes 1 of any but 0):
  0    all values were right
  1    there were wrong values or failed requests, or the service could not be started
  2    the flags were wrong
  130  stopped by SIGINT or SIGTERM before all requests were sent; the report is
       of what was done, and all values in it were right
`

type options struct {
	requests int
	clients  int
	json     bool
	serve    string
	debug    string
}

// showcase says that the page of -debug is to have something to show.
func (o options) showcase() bool { return o.debug != "" && o.requests == 0 }

// parseOptions returns flag.ErrHelp for -h.
func parseOptions(args []string) (options, error) {
	o := options{requests: 20000, clients: 32}
	fs := flag.NewFlagSet("service", flag.ContinueOnError)
	fs.SetOutput(io.Discard) // main prints
	fs.IntVar(&o.requests, "n", o.requests, "")
	fs.IntVar(&o.clients, "c", o.clients, "")
	fs.BoolVar(&o.json, "json", false, "")
	fs.StringVar(&o.serve, "serve", "", "")
	fs.StringVar(&o.debug, "debug", "", "")
	if err := fs.Parse(args); err != nil {
		return o, err
	}

	given := map[string]bool{}
	fs.Visit(func(f *flag.Flag) { given[f.Name] = true })
	switch {
	case fs.NArg() > 0:
		return o, fmt.Errorf("unexpected argument %q; there are only flags", fs.Arg(0))
	case o.requests < 1:
		return o, fmt.Errorf("-n is %d; it must be 1 or more", o.requests)
	case o.clients < 1 || o.clients > maxClients:
		return o, fmt.Errorf("-c is %d; it must be 1 to %d", o.clients, maxClients)
	}
	if err := checkAddress("serve", o.serve, given["serve"]); err != nil {
		return o, err
	}
	if err := checkAddress("debug", o.debug, given["debug"]); err != nil {
		return o, err
	}
	if (given["serve"] || given["debug"]) && !given["n"] {
		if given["c"] || given["json"] {
			return o, errors.New("-serve or -debug alone compares nothing; give -n too, or leave out -c and -json")
		}
		o.requests = 0
	}
	return o, nil
}

func checkAddress(name, address string, given bool) error {
	if !given {
		return nil
	}
	if _, err := net.ResolveTCPAddr("tcp", address); err != nil || address == "" {
		return fmt.Errorf("-%s is %q; it must be host:port, such as 127.0.0.1:8080", name, address)
	}
	return nil
}
