package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/gocontextvars/contextvars/contrib/natsvars"
)

// natsEngine has two streams. One is the queue of jobs, from which a job is gone when a
// worker has acknowledged it. The other one is the ledger: its entries are the effects of
// the jobs, and go back to the front. It takes one entry for each job and no more, so that
// a job that is done again, since nobody knows that it was done, has no effect.
type natsEngine struct {
	broker  *broker // nil if there is one already
	conn    *natsvars.Conn
	js      jetstream.JetStream
	publish jetstream.Publisher
	queue   jetstream.Consumer
	ledger  jetstream.ConsumeContext
	names   natsNames
	tally   *tally
	arrived atomic.Uint64 // entries of the ledger

	mu      sync.Mutex
	waiting map[int]chan jetstream.Msg
	entries map[int]int // how many there are in the ledger of each job
}

// natsNames are those of one run. Other runs at the same time have others.
type natsNames struct {
	URL string `json:"url"`
	Run string `json:"run"`
}

func (n natsNames) jobs() string            { return "FLEET_" + n.Run + "_JOBS" }
func (n natsNames) ledger() string          { return "FLEET_" + n.Run + "_LEDGER" }
func (n natsNames) job(number int) string   { return fmt.Sprintf("fleet.%s.jobs.%d", n.Run, number) }
func (n natsNames) entry(number int) string { return fmt.Sprintf("fleet.%s.ledger.%d", n.Run, number) }

const (
	// workersName is the consumer that all workers share.
	workersName = "workers"
	// ackWait is after what time a job is given to another worker.
	ackWait = 2 * time.Second
)

func startNATS(ctx context.Context, o options, t *tally) (_ *natsEngine, err error) {
	e := &natsEngine{
		names:   natsNames{o.nats, rand.Text()[:10]},
		tally:   t,
		waiting: make(map[int]chan jetstream.Msg),
		entries: make(map[int]int),
	}
	defer func() {
		if err != nil {
			e.close()
		}
	}()
	if e.names.URL == "" {
		if e.broker, err = startBroker(); err != nil {
			return nil, err
		}
		e.names.URL = e.broker.url
	}
	nc, err := natsvars.Connect(e.names.URL, nats.Name("fleet front"))
	if err != nil {
		return nil, fmt.Errorf("cannot connect to NATS: %w", err)
	}
	e.conn = natsvars.New(nc, ours)
	if e.js, err = jetstream.New(nc); err != nil {
		return nil, err
	}
	e.publish = e.conn.Publisher(e.js)
	if o.mistake == plainPublisher {
		e.publish = e.js
	}
	if err := e.makeStreams(ctx); err != nil {
		return nil, fmt.Errorf("cannot make the streams: %w", err)
	}
	return e, nil
}

func (e *natsEngine) makeStreams(ctx context.Context) error {
	jobs, err := e.js.CreateStream(ctx, jetstream.StreamConfig{
		Name:      e.names.jobs(),
		Subjects:  []string{strings.Replace(e.names.job(0), ".0", ".*", 1)},
		Retention: jetstream.WorkQueuePolicy,
	})
	if err != nil {
		return err
	}
	if e.queue, err = jobs.CreateConsumer(ctx, jetstream.ConsumerConfig{
		Durable:   workersName,
		AckPolicy: jetstream.AckExplicitPolicy,
		AckWait:   ackWait,
	}); err != nil {
		return err
	}
	if _, err := e.js.CreateStream(ctx, jetstream.StreamConfig{
		Name:     e.names.ledger(),
		Subjects: []string{strings.Replace(e.names.entry(0), ".0", ".*", 1)},
	}); err != nil {
		return err
	}
	entries, err := e.js.OrderedConsumer(ctx, e.names.ledger(), jetstream.OrderedConsumerConfig{})
	if err != nil {
		return err
	}
	e.ledger, err = e.conn.Consumer(entries).Consume(e.handleEntry)
	return err
}

// do publishes the job, and waits for its entry in the ledger. Each tenth job is published
// twice, as by somebody who has not got the answer to the first time: the stream takes one
// of them.
func (e *natsEngine) do(ctx context.Context, j job) error {
	data, err := json.Marshal(j)
	if err != nil {
		return err
	}
	entry := make(chan jetstream.Msg, 1)
	e.mu.Lock()
	e.waiting[j.Number] = entry
	e.mu.Unlock()
	times := 1
	if j.Number%10 == 0 {
		times = 2
	}
	for range times {
		ack, err := e.publish.Publish(ctx, e.names.job(j.Number), data, jetstream.WithMsgID(strconv.Itoa(j.Number)))
		if err != nil {
			return err
		}
		if ack.Duplicate {
			e.tally.duplicates.Add(1)
		}
	}
	select {
	case m := <-entry:
		ours.ExtractReply(natsvars.Header(m.Headers()))
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// handleEntry is called for each entry, with the variables of the job that made it.
func (e *natsEngine) handleEntry(m jetstream.Msg) {
	number, err := strconv.Atoi(m.Subject()[strings.LastIndexByte(m.Subject(), '.')+1:])
	if err != nil {
		e.tally.unexpected("entry of the ledger under %s", m.Subject())
		return
	}
	e.tally.check("entry of the ledger", number, current())
	e.mu.Lock()
	defer e.mu.Unlock()
	defer e.arrived.Add(1)
	e.entries[number]++
	if entry, ok := e.waiting[number]; ok {
		delete(e.waiting, number)
		entry <- m
	}
}

// settle waits until all jobs are acknowledged, also the one that was done, but whose
// worker was killed before it said so, and until all entries of the ledger have arrived
// here.
func (e *natsEngine) settle(ctx context.Context) error {
	for {
		info, err := e.queue.Info(ctx)
		if err != nil {
			return err
		}
		if info.NumPending == 0 && info.NumAckPending == 0 {
			return e.settleLedger(ctx)
		}
		if err := pause(ctx); err != nil {
			return fmt.Errorf("%d jobs are not acknowledged: %w", info.NumPending+uint64(info.NumAckPending), err)
		}
	}
}

func (e *natsEngine) settleLedger(ctx context.Context) error {
	s, err := e.js.Stream(ctx, e.names.ledger())
	if err != nil {
		return err
	}
	there := s.CachedInfo().State.Msgs
	for e.arrived.Load() < there {
		if err := pause(ctx); err != nil {
			return fmt.Errorf("%d of %d entries of the ledger have arrived: %w", e.arrived.Load(), there, err)
		}
	}
	return nil
}

// pause is between two looks at what nothing tells about.
func pause(ctx context.Context) error {
	select {
	case <-time.After(50 * time.Millisecond):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (e *natsEngine) effects() (once, more int64) {
	e.mu.Lock()
	defer e.mu.Unlock()
	return countEffects(e.entries)
}

func (e *natsEngine) worker() workerConfig {
	c := workerConfig{NATS: &e.names}
	if e.broker != nil {
		c.Store = e.broker.store
	}
	return c
}

func (e *natsEngine) close() {
	// The run may have been stopped, and still cleans up.
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if e.ledger != nil {
		e.ledger.Stop()
	}
	if e.js != nil {
		for _, name := range []string{e.names.jobs(), e.names.ledger()} {
			if err := e.js.DeleteStream(ctx, name); err != nil && !errors.Is(err, jetstream.ErrStreamNotFound) {
				e.tally.note("stream %s was not deleted: %v", name, err)
			}
		}
	}
	if e.conn != nil {
		e.conn.Close()
	}
	if e.broker != nil {
		e.broker.stop()
	}
}
