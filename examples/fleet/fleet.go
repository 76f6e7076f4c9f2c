package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"time"
)

// fleet is all that runs: the front with its engine, and the workers.
type fleet struct {
	options
	tally  *tally
	engine engine
	team   *team
	front  *front
}

// run does what this program is for. It returns no report if it could not even start.
func (o options) run(ctx context.Context, stderr io.Writer) (*report, error) {
	trap := o.requests / 2
	f := &fleet{options: o, tally: &tally{trap: trap}}
	began := time.Now()
	err := f.start(ctx, stderr)
	if err == nil {
		began = time.Now()
		err = f.work(ctx, stderr)
	}
	seconds := time.Since(began).Seconds()
	f.stop()
	if err != nil && ctx.Err() == nil {
		return nil, err
	}
	return f.report(seconds, ctx.Err() != nil), nil
}

func (f *fleet) start(ctx context.Context, stderr io.Writer) error {
	if err := f.startEngine(ctx); err != nil {
		return err
	}
	c := f.engine.worker()
	c.Mistake = f.mistake
	var err error
	if f.team, err = startTeam(f.workers, c, f.tally.trap, f.tally, stderr); err != nil {
		return err
	}
	f.front, err = startFront(f.engine, f.tally.trap, f.mistake)
	return err
}

func (f *fleet) startEngine(ctx context.Context) error {
	if f.temporal != "" {
		e, err := startTemporal(ctx, f.options, f.tally)
		if err != nil {
			return err
		}
		f.engine = e
		return nil
	}
	e, err := startNATS(ctx, f.options, f.tally)
	if err != nil {
		return err
	}
	f.engine = e
	return nil
}

// settling is how long the last jobs may take once all requests are answered.
const settling = time.Minute

// work sends the requests, and returns when all is done, when a worker has ended by itself,
// or when ctx ends.
func (f *fleet) work(ctx context.Context, stderr io.Writer) error {
	ctx, fail := context.WithCancelCause(ctx)
	defer fail(nil)
	go func() {
		select {
		case err := <-f.team.failed:
			fail(err)
		case <-ctx.Done():
		}
	}()
	p := startProgress(stderr, f.status)
	defer p.stop()
	l := newLoad(f.clients, f.front.url, f.tally)
	defer l.close()
	l.send(ctx, f.requests)
	if ctx.Err() == nil {
		ctx, cancel := context.WithTimeout(ctx, settling)
		defer cancel()
		if err := f.engine.settle(ctx); err != nil && context.Cause(ctx) == context.DeadlineExceeded {
			f.tally.note("%v", err)
		} else if err != nil {
			return err
		}
	}
	return context.Cause(ctx)
}

func (f *fleet) stop() {
	if f.front != nil {
		f.front.stop()
	}
	if f.team != nil {
		f.team.stop()
	}
	if f.engine != nil {
		f.engine.close()
	}
}

// status is for the progress.
func (f *fleet) status() string {
	killed := ""
	if name := f.team.killedName(); name != "" {
		killed = ", " + name + " was killed"
	}
	return fmt.Sprintf("%s of %s jobs answered by %d workers%s; %s delivered again, %s wrong values, %s failed",
		thousands(f.tally.answered.Load()), thousands(int64(f.requests)), f.team.alive.Load(), killed,
		thousands(f.tally.redelivered.Load()), thousands(f.tally.wrong.Load()), thousands(f.tally.failed.Load()))
}

// report is for after stop, when nobody counts any more.
func (f *fleet) report(seconds float64, stopped bool) *report {
	t := f.tally
	findings, lines := t.found()
	r := &report{
		Engine:      f.options.engine(),
		Workers:     f.workers,
		Sent:        t.sent.Load(),
		Answered:    t.answered.Load(),
		Failed:      t.failed.Load(),
		Duplicates:  t.duplicates.Load(),
		Redelivered: t.redelivered.Load(),
		Repeated:    t.repeated.Load(),
		Lines:       t.lines.Load(),
		Checked:     t.checked.Load(),
		Wrong:       t.wrong.Load(),
		Seconds:     seconds,
		Stopped:     stopped,
		Findings:    append([]string{}, findings...), // [], not null
		Sample:      valuesOf(t.trap).Request,
		SampleLines: append([]json.RawMessage{}, lines...),
	}
	if f.team != nil {
		r.Killed = f.team.killedName()
	}
	if f.engine != nil {
		r.Once, r.More = f.engine.effects()
	}
	if !stopped { // else they were given up
		r.Lost = r.Sent - r.Once - r.More
	}
	return r
}
