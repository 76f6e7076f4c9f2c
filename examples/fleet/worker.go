package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"time"

	"github.com/gocontextvars/contextvars/slogvars"
)

// workerEnv is the environment variable that makes a worker of this program. It is not a
// flag, since URLs may have passwords, and everybody may see the flags of a process.
const workerEnv = "FLEET_WORKER"

// A workerConfig is what workerEnv holds.
type workerConfig struct {
	Name     string         `json:"name"`
	NATS     *natsNames     `json:"nats,omitempty"`
	Temporal *temporalNames `json:"temporal,omitempty"`
	Store    string         `json:"store,omitempty"` // of the embedded server
	Mistake  mistake        `json:"mistake,omitempty"`
}

// A worker is a process that works off jobs. It logs to its standard output, which the
// front reads.
type worker struct {
	name    string
	log     *slog.Logger
	mistake mistake
}

// The lines that a worker logs of a job.
const (
	lineWorking  = "working"
	linePriced   = "priced"
	lineHeld     = "held"     // not acknowledged: it waits to be killed
	lineDone     = "done"     // with an effect
	lineRepeated = "repeated" // it was done before, and has no effect now
)

// wordToEnd is what the front writes to the standard input of a worker before it closes that. If
// it ends without, the front was killed.
const wordToEnd = "end"

// workerMain runs a worker until its standard input ends. That is when the front says so by
// closing it, or has ended, in whichever way. If it was killed, the workers clean up.
func workerMain(config string, stdin io.Reader, stdout, stderr io.Writer) int {
	// Ctrl-C goes to all processes of a terminal. The front tells its workers when to end.
	signal.Ignore(os.Interrupt)
	var c workerConfig
	if err := json.Unmarshal([]byte(config), &c); err != nil {
		fmt.Fprintf(stderr, "fleet: %s is set to what is no worker's configuration: %v\n", workerEnv, err)
		return exitUsage
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	defer close(ended)
	go func() {
		if word, _ := io.ReadAll(stdin); string(word) != wordToEnd && c.Store != "" {
			removeStore(c.Store) // all workers may do that at once
		}
		cancel()
		select {
		case <-ended:
		case <-time.After(10 * time.Second): // whatever it is that hangs, no worker is left behind
			os.Exit(exitStopped)
		}
	}()
	lines := slogvars.NewHandler(slog.NewJSONHandler(stdout, nil), requestID, tenant)
	w := &worker{c.Name, slog.New(lines).With("worker", c.Name), c.Mistake}
	if err := w.run(ctx, c); err != nil && ctx.Err() == nil {
		fmt.Fprintf(stderr, "fleet: %s: %v\n", w.name, err)
		return exitWrong
	}
	return exitOK
}

func (w *worker) run(ctx context.Context, c workerConfig) error {
	switch {
	case c.NATS != nil:
		return w.runNATS(ctx, *c.NATS)
	case c.Temporal != nil:
		return w.runTemporal(ctx, *c.Temporal)
	}
	return fmt.Errorf("%s names no engine", workerEnv)
}

// work is the work itself. It knows the request from the variables alone, and so does the
// goroutine that it starts. What it sets goes back with the result.
func (w *worker) work(j job, delivery uint64) {
	w.log.Info(lineWorking, "number", j.Number, "delivery", delivery)
	price := make(chan int)
	go func() {
		w.say(linePriced, j)
		price <- priceOf(j.Number, tenant.GetOr(""))
	}()
	cost.Set(<-price)
	workedBy.Set(w.name)
}

// atOnce is how many jobs a worker works on at the same time.
const atOnce = 8

// hold waits for the end, which is sudden.
func (w *worker) hold(ctx context.Context, j job) error {
	w.say(lineHeld, j)
	<-ctx.Done()
	return ctx.Err()
}

func (w *worker) say(line string, j job) { w.log.Info(line, "number", j.Number) }
