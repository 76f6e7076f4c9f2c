package main

import (
	"context"
	"encoding/json"
	"errors"
	"sync"
	"sync/atomic"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/gocontextvars/contextvars/contrib/natsvars"
)

// natsWorker is the side of a worker.
type natsWorker struct {
	*worker
	conn    *natsvars.Conn
	publish jetstream.Publisher
	names   natsNames
	holding atomic.Bool // it has got the trap
	running sync.WaitGroup
	places  chan bool
}

// runNATS works until ctx ends.
func (w *worker) runNATS(ctx context.Context, names natsNames) error {
	nc, err := natsvars.Connect(names.URL, nats.Name("fleet "+w.name), nats.MaxReconnects(-1))
	if err != nil {
		return err
	}
	defer nc.Close()
	js, err := jetstream.New(nc)
	if err != nil {
		return err
	}
	queue, err := js.Consumer(ctx, names.jobs(), workersName)
	if err != nil {
		return err
	}
	n := &natsWorker{worker: w, conn: natsvars.New(nc, ours), names: names, places: make(chan bool, atOnce)}
	n.publish = n.conn.Publisher(js)
	if w.mistake != plainConsumer {
		queue = n.conn.Consumer(queue)
	}
	jobs, err := queue.Consume(func(m jetstream.Msg) { n.start(ctx, m) }, jetstream.PullMaxMessages(4*atOnce))
	if err != nil {
		return err
	}
	<-ctx.Done()
	jobs.Stop()
	nc.Close() // so that the handler is not called any more, whatever has become of the server
	<-jobs.Closed()
	n.running.Wait()
	return nil
}

// start starts a goroutine for a job. It inherits the variables that came with it.
func (w *natsWorker) start(ctx context.Context, m jetstream.Msg) {
	select {
	case w.places <- true:
	case <-ctx.Done():
		return
	}
	w.running.Go(func() {
		defer func() { <-w.places }()
		if err := w.handle(ctx, m); err != nil && ctx.Err() == nil {
			w.log.Error("failed", "error", err) // it is delivered again
		}
	})
}

func (w *natsWorker) handle(ctx context.Context, m jetstream.Msg) error {
	var j job
	if err := json.Unmarshal(m.Data(), &j); err != nil {
		return err
	}
	meta, err := m.Metadata()
	if err != nil {
		return err
	}
	w.work(j, meta.NumDelivered)
	trapped := j.Trap && meta.NumDelivered == 1
	if !trapped && w.holding.Load() {
		return w.hold(ctx, j)
	}
	done, err := w.enter(ctx, j)
	if err != nil {
		return err
	}
	if trapped {
		w.holding.Store(true)
		return w.hold(ctx, j)
	}
	w.say(done, j)
	return m.Ack()
}

// enter makes an entry in the ledger, unless the job has one. The variables of the request
// go with it, as with all that is published, and those that go back.
func (w *natsWorker) enter(ctx context.Context, j job) (done string, err error) {
	m := nats.NewMsg(w.names.entry(j.Number))
	if w.mistake != unsentReply {
		ours.InjectReply(natsvars.Header(m.Header))
	}
	guard := []jetstream.PublishOpt{jetstream.WithExpectLastSequencePerSubject(0)}
	if w.mistake == unguardedEffect {
		guard = nil
	}
	_, err = w.publish.PublishMsg(ctx, m, guard...)
	if api, ok := errors.AsType[*jetstream.APIError](err); ok && api.ErrorCode == jetstream.JSErrCodeStreamWrongLastSequence {
		return lineRepeated, nil
	}
	return lineDone, err
}
