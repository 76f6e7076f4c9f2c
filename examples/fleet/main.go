// Fleet works off jobs in several processes: a front takes HTTP requests and publishes a
// job for each, worker processes work them off, and the results come back to the requests
// that wait for them. Each request has an id and a tenant in context variables, which cross
// NATS with the job; what a worker has cost and who it was comes back in variables, too. In
// the middle one worker is killed. JetStream delivers its jobs again, to others, and
// nothing is lost or mixed.
//
// Read variables.go first, then front.go, nats.go and worker.go. The rest starts and kills
// processes, sends requests, and checks every value.
//
// Run it with -h for the flags and exit statuses.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	if text, ok := os.LookupEnv(workerEnv); ok {
		os.Exit(workerMain(text, os.Stdin, os.Stdout, os.Stderr))
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// Once it is stopping, a second signal ends it at once. The workers notice.
	context.AfterFunc(ctx, stop)
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	o, err := parseOptions(args)
	if errors.Is(err, flag.ErrHelp) {
		fmt.Fprint(stdout, usage)
		return exitOK
	}
	if err != nil {
		fmt.Fprintf(stderr, "fleet: %v\nfleet: run it with -h to see the flags\n", err)
		return exitUsage
	}
	r, err := o.run(ctx, &lockedWriter{w: stderr})
	if err == nil {
		write := r.writeTable
		if o.json {
			write = r.writeJSON
		}
		if err = write(stdout); err != nil {
			err = fmt.Errorf("cannot print the report: %w", err)
		}
	}
	if err != nil {
		fmt.Fprintf(stderr, "fleet: %v\n", err)
		return exitWrong
	}
	return r.exitCode()
}
