// Service is an HTTP service on context variables: an order goes through handlers three layers
// deep, goroutines, a timer, a worker pool and a second service, each of which knows the
// request's id, tenant and deadline, and logs them, though nobody passes them on.
//
// Read variables.go first, then shop.go, order.go and ledgerclient.go. The rest sends
// requests, checks every value, and does the same with parameters, in plain.go, to compare; showcase.go
// and purchase.go give the page of -debug something to show.
//
// Run it with -h for the flags and exit statuses.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"os/signal"
	"strings"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// Once it is stopping, a second signal ends it at once.
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
		fmt.Fprintf(stderr, "service: %v\nservice: run it with -h to see the flags\n", err)
		return exitUsage
	}
	code, err := o.run(ctx, stdout, stderr)
	if err != nil {
		fmt.Fprintf(stderr, "service: %v\n", err)
		return exitWrong
	}
	return code
}

func (o options) run(ctx context.Context, stdout, stderr io.Writer) (code int, err error) {
	var public net.Listener
	if o.serve != "" {
		// Before the requests, so that an address that cannot be had is told at once.
		if public, err = net.Listen("tcp", o.serve); err != nil {
			return 0, fmt.Errorf("cannot serve at %s: %w", o.serve, err)
		}
		defer public.Close()
	}
	if o.debug != "" {
		page, err := startPage(o.debug, stderr)
		if err != nil {
			return 0, err
		}
		defer page.stop()
	}
	if o.requests > 0 {
		if code, err = o.compare(ctx, stdout, stderr); err != nil || ctx.Err() != nil {
			return code, err
		}
	}
	return code, o.stayUp(ctx, public, stderr)
}

// stayUp does what goes on until ctx ends, if the flags ask for such.
func (o options) stayUp(ctx context.Context, public net.Listener, stderr io.Writer) (err error) {
	var watched show
	if o.showcase() {
		s, err := startShowcase()
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, s.stop()) }()
		watched.pause = showPause
	}
	switch {
	case public != nil:
		err = serveUntil(ctx, public, stderr, watched)
	case o.showcase():
		<-ctx.Done()
	}
	return err
}

// compare sends the requests and prints the report.
func (o options) compare(ctx context.Context, stdout, stderr io.Writer) (code int, err error) {
	r, err := compare(ctx, o.requests, o.clients, noMistake, stderr)
	if err != nil {
		return 0, err
	}
	write := r.writeTable
	if o.json {
		write = r.writeJSON
	}
	if err := write(stdout); err != nil {
		return 0, fmt.Errorf("cannot print the report: %w", err)
	}
	return r.exitCode(), nil
}

// serveUntil leaves a shop up until ctx ends.
func serveUntil(ctx context.Context, l net.Listener, stderr io.Writer, watched show) error {
	t := new(tally)
	s, err := startShop(l, stderr, t, noMistake, watched)
	if err != nil {
		return err
	}
	fmt.Fprintf(stderr, "the service is up; try\n\n  curl -X POST -H '%s: me-1' -H '%s: acme' %s/orders\n\n"+
		"and stop it with Ctrl-C\n", headerRequestID, headerTenant, s.url)
	<-ctx.Done()
	s.stop()
	if wrong := t.wrong.Load(); wrong > 0 {
		return fmt.Errorf("%d wrong values, the first of them: %s", wrong, strings.Join(t.found(), "; "))
	}
	return nil
}
