package rivervars_test

import (
	"context"
	"errors"
	"path/filepath"
	"testing"
	"time"

	"github.com/riverqueue/river"

	"github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/contrib/rivervars"
	"github.com/gocontextvars/contextvars/internal/matrix"
	"github.com/gocontextvars/contextvars/wire"
)

// matrixTest sees what docs/matrix.md says. Each of its methods returns what was seen, with our help or without.
type matrixTest struct{ testing.TB }

func TestMatrix(t *testing.T) {
	m := matrixTest{t}
	row := func(where string, sees func(help bool) string, help string) matrix.Row {
		return matrix.Row{Where: where, Module: "github.com/riverqueue/river", Without: sees(false), With: sees(true), Help: help}
	}
	without, with := places(t, nil), places(t, rivervars.New(wire.Trusted()))
	place := func(where, place, help string) matrix.Row {
		return row(where, func(help bool) string {
			got := choose(help, with, without)[place]
			for len(got) > 0 && got[len(got)-1] == '!' { // hooks add these
				got = got[:len(got)-1]
			}
			return got
		}, help)
	}
	periodic, constructor := m.periodic()
	matrix.Check(t, "contrib/rivervars",
		row("`Work` of a job that `Insert` has inserted", m.insert, "`Plugin`"),
		row("the same, by `InsertTx`, in a transaction", m.insertTx, "`Plugin`"),
		row("`Work` of a job that another process has inserted", m.process, "`Plugin`"),
		row("`Work`, at the attempt after one that has set the variable and failed", m.retry, "`Plugin`"),
		row("`Work`, after a snooze", m.snooze, "`Plugin`"),
		row("`Work` of a scheduled job", m.scheduled, "`Plugin`"),
		row("`Work` of a unique job that was inserted twice", m.unique, "`Plugin`"),
		row("`Work` of a job that a job has inserted", m.chain, "`Plugin`"),
		row("`Work` of a periodic job", periodic, "`Start`"),
		row("constructor of a periodic job", constructor, "`Start`"),
		place("hook `WorkBegin`", "plugin WorkBegin", "`Plugin`"),
		place("hook `WorkEnd`", "plugin WorkEnd", "`Plugin`"),
		place("`Timeout` of a worker", "Timeout", "`Plugin`"),
		place("`NextRetry` of a worker", "NextRetry", "`Worker`"),
		place("middleware of a worker", "the worker's middleware", "`Worker`"),
		place("`ErrorHandler`", "HandleError", "`Plugin.ErrorHandler`"),
		place("`RetryPolicy`", "RetryPolicy", "`Plugin.RetryPolicy`"),
		row("with a job's row, what the job has set", m.reply, "`Plugin.ExtractReply`"),
		row("the client's own goroutines", m.goroutines, "`Start`"),
	)
}

func choose[T any](help bool, with, without T) T {
	if help {
		return with
	}
	return without
}

func (m matrixTest) plugin(help bool) *rivervars.Plugin {
	if help {
		return rivervars.New(wire.Trusted())
	}
	return nil
}

// worked starts a client by the starter, has insert insert a job, and returns what that sees at the last of so many attempts.
func (m matrixTest) worked(help bool, attempts int, between error, insert func(d database[sqlTx], client *river.Client[sqlTx])) (last string) {
	saw, d, n := make(chan string, attempts), sqlite(m), 0
	client := newClient(m, d, m.plugin(help), &taskWorker{work: func(context.Context, *river.Job[task]) error {
		saw <- sees()
		who.Set("what the last attempt left")
		if n++; n < attempts {
			return between
		}
		return nil
	}})
	who.With("the starter's", func() { check(m, client.Start(context.Background())) })
	defer stop(m, client)
	insert(d, client)
	for range attempts {
		last = take(m, saw)
	}
	return last
}

func (m matrixTest) insert(help bool) string {
	return m.worked(help, 1, nil, func(_ database[sqlTx], client *river.Client[sqlTx]) { insert(m, client, "the inserter's", nil) })
}

func (m matrixTest) insertTx(help bool) string {
	return m.worked(help, 1, nil, func(d database[sqlTx], client *river.Client[sqlTx]) {
		who.With("the inserter's", func() { check(m, insertBy(m.Context(), client, d, 3, task{})) })
	})
}

func (m matrixTest) retry(help bool) string {
	return m.worked(help, 2, errors.New("fails"), func(_ database[sqlTx], client *river.Client[sqlTx]) { insert(m, client, "the inserter's", nil) })
}

func (m matrixTest) snooze(help bool) string {
	return m.worked(help, 2, river.JobSnooze(time.Millisecond), func(_ database[sqlTx], client *river.Client[sqlTx]) {
		insert(m, client, "the inserter's", nil)
	})
}

func (m matrixTest) process(help bool) string {
	path := filepath.Join(m.TempDir(), "river.db")
	client := newClient(m, sqliteAt(m, path), m.plugin(help), &taskWorker{})
	insert(m, client, "the inserter's", nil)
	return inOtherProcess(m, path, help)
}

// later inserts before the client is started.
func (m matrixTest) later(help bool, opts *river.InsertOpts, inserters ...string) string {
	saw := make(chan string, 1)
	client := newClient(m, sqlite(m), m.plugin(help), &taskWorker{work: looks(saw)})
	for _, as := range inserters {
		who.With(as, func() {
			_, err := client.Insert(m.Context(), task{}, opts)
			check(m, err)
		})
	}
	who.With("the starter's", func() { check(m, client.Start(context.Background())) })
	defer stop(m, client)
	return take(m, saw)
}

func (m matrixTest) scheduled(help bool) string {
	return m.later(help, &river.InsertOpts{ScheduledAt: time.Now().Add(time.Millisecond)}, "the inserter's")
}

func (m matrixTest) unique(help bool) string {
	return m.later(help, &river.InsertOpts{UniqueOpts: river.UniqueOpts{ByArgs: true}}, "the first inserter's", "the second inserter's")
}

func (m matrixTest) chain(help bool) string {
	saw := make(chan string, 1)
	client := newClient(m, sqlite(m), m.plugin(help), &taskWorker{work: func(ctx context.Context, job *river.Job[task]) error {
		if job.Args.N == 1 {
			saw <- sees()
			return nil
		}
		_, err := river.ClientFromContext[sqlTx](ctx).Insert(ctx, task{N: 1}, nil)
		return err
	}})
	who.With("the starter's", func() { check(m, client.Start(context.Background())) })
	defer stop(m, client)
	insert(m, client, "the first inserter's", nil)
	return take(m, saw)
}

// periodic returns what a periodic job sees, and what its constructor does.
func (m matrixTest) periodic() (work, constructor func(help bool) string) {
	withoutConstructor, without := periodic(m, nil, plainStart)
	withConstructor, with := periodic(m, m.plugin(true), rivervars.Start[sqlTx])
	return func(help bool) string { return choose(help, with, without) },
		func(help bool) string { return choose(help, withConstructor, withoutConstructor) }
}

func (m matrixTest) reply(help bool) (saw string) {
	p := m.plugin(help)
	job := replied(m, p, func(*river.Job[task]) error { cost.Set("the job's"); return nil })
	contextvars.Detach(func() {
		if help {
			p.ExtractReply(job)
		}
		saw = cost.GetOr("nothing")
	})
	return saw
}

func (m matrixTest) goroutines(help bool) string {
	return choose(startedBy(m, sqlite(m), choose(help, rivervars.Start[sqlTx], plainStart)), "they hold the starter's", "they hold nothing")
}
