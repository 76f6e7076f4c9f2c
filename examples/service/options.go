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
}

// parseOptions returns flag.ErrHelp for -h.
func parseOptions(args []string) (options, error) {
	o := options{requests: 20000, clients: 32}
	fs := flag.NewFlagSet("service", flag.ContinueOnError)
	fs.SetOutput(io.Discard) // main prints
	fs.IntVar(&o.requests, "n", o.requests, "")
	fs.IntVar(&o.clients, "c", o.clients, "")
	fs.BoolVar(&o.json, "json", false, "")
	fs.StringVar(&o.serve, "serve", "", "")
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
	if !given["serve"] {
		return o, nil
	}
	if _, err := net.ResolveTCPAddr("tcp", o.serve); err != nil || o.serve == "" {
		return o, fmt.Errorf("-serve is %q; it must be host:port, such as 127.0.0.1:8080", o.serve)
	}
	if !given["n"] {
		if given["c"] || given["json"] {
			return o, errors.New("-serve alone sends no requests; give -n too, or leave out -c and -json")
		}
		o.requests = 0
	}
	return o, nil
}
