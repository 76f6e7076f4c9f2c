package main

import (
	"context"
	"encoding/json"
	"io"
	"net"
	"runtime/metrics"
	"slices"
	"time"
)

// A variant is one of the two programs that are compared: the shop with
// variables, or the one with parameters.
type variant struct {
	tally      *tally
	log        *logbook
	server     *server
	load       *load
	rates      []float64 // requests per second, a round each
	goroutines uint64
	sample     []json.RawMessage // all log lines of one request
	sampleID   string
}

type startFunc func(net.Listener, io.Writer, *tally) (*server, error)

func startVariant(clients int, start startFunc) (*variant, error) {
	l, err := loopback()
	if err != nil {
		return nil, err
	}
	v := &variant{tally: new(tally), log: new(logbook)}
	if v.server, err = start(l, v.log, v.tally); err != nil {
		l.Close()
		return nil, err
	}
	v.load = newLoad(clients, v.server.url, v.tally)
	return v, nil
}

func (v *variant) stop() {
	v.load.close()
	v.server.stop()
}

// round sends the requests numbered from first to before end. Only the sending is timed; the log
// is checked afterwards.
func (v *variant) round(ctx context.Context, first, end int) {
	began, goroutines := time.Now(), goroutinesCreated()
	answered := v.tally.requests.Load()
	claims := v.load.send(ctx, first, end)
	if answered = v.tally.requests.Load() - answered; answered > 0 {
		v.rates = append(v.rates, float64(answered)/time.Since(began).Seconds())
	}
	v.goroutines += goroutinesCreated() - goroutines

	id := numbered(first, time.Time{}).ID
	if sample := v.tally.checkLog(v.log.take(), claims, id); len(sample) > 0 {
		v.sample, v.sampleID = sample, id
	}
}

// goroutinesCreated is how many goroutines the process has started so far, including those of
// net/http and of timers.
func goroutinesCreated() uint64 {
	s := []metrics.Sample{{Name: "/sched/goroutines-created:goroutines"}}
	metrics.Read(s)
	if s[0].Value.Kind() != metrics.KindUint64 {
		return 0 // metrics may be taken out of Go
	}
	return s[0].Value.Uint64()
}

// compare does what this program is for, and tells progress how far it is.
func compare(ctx context.Context, requests, clients int, m mistake, progress io.Writer) (*report, error) {
	c, err := startComparison(requests, clients, m)
	if err != nil {
		return nil, err
	}
	p := startProgress(progress, c.progress)
	finished := c.run(ctx)
	p.stop()
	c.stop()
	return c.report(!finished), nil
}

// A comparison sends the same requests to both variants, a round to one and a round to the
// other, so that both get their share of whatever else the machine is doing.
type comparison struct {
	requests  int
	variables *variant
	plain     *variant
}

func startComparison(requests, clients int, m mistake) (*comparison, error) {
	variables, err := startVariant(clients, func(l net.Listener, out io.Writer, t *tally) (*server, error) {
		return startShop(l, out, t, m, show{})
	})
	if err != nil {
		return nil, err
	}
	plain, err := startVariant(clients, startPlainShop)
	if err != nil {
		variables.stop()
		return nil, err
	}
	return &comparison{requests, variables, plain}, nil
}

func (c *comparison) stop() {
	c.variables.stop()
	c.plain.stop()
}

// run returns when all is done, or soon after the end of ctx, and then false.
func (c *comparison) run(ctx context.Context) (finished bool) {
	size := roundSize(c.requests)
	turn := []*variant{c.variables, c.plain}
	for first := 0; first < c.requests; first += size {
		for _, v := range turn {
			end := min(first+size, c.requests)
			if v.round(ctx, first, end); v.tally.ended() < int64(end) {
				return false
			}
		}
		turn[0], turn[1] = turn[1], turn[0] // being first may be an advantage
	}
	return true
}

// roundSize makes twenty rounds, but no tiny ones, and none whose log would fill the memory.
func roundSize(requests int) int { return min(max((requests+19)/20, 100), 2000) }

// median is robust against rounds that something else disturbed.
func median(of []float64) float64 {
	if len(of) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(of))
	return (sorted[len(sorted)/2] + sorted[(len(sorted)-1)/2]) / 2
}
