package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
)

// Exit statuses.
const (
	exitOK      = 0
	exitWrong   = 1
	exitUsage   = 2
	exitStopped = 130
)

const usage = `Fleet starts a front, a NATS server with JetStream, and worker processes, and sends HTTP
requests, each of which becomes a job. Request ids and tenants are in context variables
only. One worker is killed in the middle. Every value is checked.

Usage: go run ./examples/fleet [flags]

  -n N            send N requests (10000, with -temporal 500)
  -c N            with N clients at once, 1 to 1000 (64)
  -workers N      work in N processes, 2 to 100 (4)
  -nats URL       use the NATS server or cluster there, such as nats://127.0.0.1:4222, in
                  place of one of its own; the streams have names of their own, and
                  are deleted at the end
  -temporal ADDR  do the same jobs as workflows on the Temporal server there, such as
                  127.0.0.1:7233, in the namespace TEMPORAL_NAMESPACE (default)
  -json           print the report as JSON

The report goes to standard output, progress to standard error.

Exit status (go run itself makes 1 of any but 0):
  0    all values were right, and every job was done once
  1    there were wrong values, or failed requests, or jobs that were lost or done twice,
       or something could not be started
  2    the flags were wrong
  130  stopped by SIGINT or SIGTERM; all values until then were right
`

type options struct {
	requests int
	clients  int
	workers  int
	nats     string
	temporal string
	json     bool
	mistake  mistake
}

// A mistake is one that a user of the library can make. The tests make each, to show that
// this program finds it.
type mistake int

const (
	noMistake       mistake = iota
	plainPublisher          // the front publishes by the library alone
	plainConsumer           // a worker consumes by the library alone
	unsentReply             // a worker does not write what goes back
	unguardedEffect         // a worker does not look whether a job was done already
	withoutHandler          // the front's handler is not in httpvars.Handler
	trustingFront           // the front takes its clients' word for it
)

// parseOptions returns flag.ErrHelp for -h.
func parseOptions(args []string) (options, error) {
	o := options{requests: 10000, clients: 64, workers: 4}
	fs := flag.NewFlagSet("fleet", flag.ContinueOnError)
	fs.SetOutput(io.Discard) // run prints
	fs.IntVar(&o.requests, "n", o.requests, "")
	fs.IntVar(&o.clients, "c", o.clients, "")
	fs.IntVar(&o.workers, "workers", o.workers, "")
	fs.StringVar(&o.nats, "nats", "", "")
	fs.StringVar(&o.temporal, "temporal", "", "")
	fs.BoolVar(&o.json, "json", false, "")
	if err := fs.Parse(args); err != nil {
		return o, err
	}
	given := map[string]bool{}
	fs.Visit(func(f *flag.Flag) { given[f.Name] = true })
	if given["temporal"] && !given["n"] {
		o.requests = 500
	}
	switch {
	case fs.NArg() > 0:
		return o, fmt.Errorf("unexpected argument %q; there are only flags", fs.Arg(0))
	case o.requests < 1 || o.requests > maxRequests:
		return o, fmt.Errorf("-n is %d; it must be 1 to %d", o.requests, maxRequests)
	case o.clients < 1 || o.clients > maxClients:
		return o, fmt.Errorf("-c is %d; it must be 1 to %d", o.clients, maxClients)
	case o.workers < 2 || o.workers > maxWorkers:
		return o, fmt.Errorf("-workers is %d; it must be 2 to %d, since one of them is killed", o.workers, maxWorkers)
	case given["nats"] && o.nats == "":
		return o, errors.New("-nats is empty; it must be a URL such as nats://127.0.0.1:4222")
	case given["temporal"] && o.temporal == "":
		return o, errors.New("-temporal is empty; it must be host:port, such as 127.0.0.1:7233")
	case given["temporal"] && given["nats"]:
		return o, errors.New("-nats and -temporal do not go together; give one of them")
	}
	return o, nil
}

// engine names what brings jobs to workers.
func (o options) engine() string {
	if o.temporal != "" {
		return "temporal"
	}
	return "nats"
}

// Limits of the flags: file descriptors, processes, and what is kept of each job until the
// end.
const (
	maxClients  = 1000
	maxWorkers  = 100
	maxRequests = 10_000_000
)
