package main

import (
	"context"
	"database/sql"
	"errors"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	"github.com/riverqueue/river/rivermigrate"
	"github.com/riverqueue/river/rivertype"

	"github.com/gocontextvars/contextvars/contrib/rivervars"
	"github.com/gocontextvars/contextvars/wire"
)

// Jobs that are inserted one by one, worked, and waited for all together, since a queue that polls is late with
// one. That they are completed, which River writes for some hundred at once, is not in the time.
var riverJob = comparison{
	name:   "river",
	title:  "River job inserted and worked, SQLite, 4 variables",
	length: 100 * time.Millisecond,
	sides: []side{
		{"river", func(b *bed) (loop, error) {
			b.carry(four)
			return riverJobs(b, func() bool { return true }, nil)
		}},
		{"rivervars", func(b *bed) (loop, error) {
			c := b.carry(four)
			return riverJobs(b, c.arrived, rivervars.New(wire.Trusted()))
		}},
	},
}

type job struct{}

func (job) Kind() string { return "job" }

type jobWorker struct {
	river.WorkerDefaults[job]
	work func()
}

func (w *jobWorker) Work(context.Context, *river.Job[job]) error { w.work(); return nil }

func riverJobs(b *bed, arrived func() bool, p *rivervars.Plugin) (loop, error) {
	ctx, quiet := context.Background(), slog.New(slog.DiscardHandler)
	driver, err := b.riverDriver(ctx, quiet)
	if err != nil {
		return nil, err
	}
	worked := make(chan bool, mostJobs)
	w := &jobWorker{work: func() { worked <- arrived() }}
	config := &river.Config{
		Queues:            map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: 100}},
		Workers:           river.NewWorkers(),
		Logger:            quiet,
		FetchCooldown:     river.FetchCooldownMin,
		FetchPollInterval: river.FetchPollIntervalMin,
	}
	river.AddWorker(config.Workers, river.Worker[job](w))
	if p != nil {
		config.Plugins = []rivertype.Plugin{p}
	}
	client, err := river.NewClient(driver, config)
	if err != nil {
		return nil, err
	}
	completed, unsubscribe := client.SubscribeConfig(&river.SubscribeConfig{
		ChanSize: mostJobs, Kinds: []river.EventKind{river.EventKindJobCompleted, river.EventKindJobFailed},
	})
	b.atEnd(unsubscribe)
	if err := rivervars.Start(ctx, client); err != nil {
		return nil, err
	}
	b.atEnd(func() { client.Stop(ctx) })
	inserted := 0
	b.after(func() {
		for ; inserted > 0; inserted-- {
			<-completed
		}
	})
	return func(n int) (right int, err error) {
		if n > mostJobs {
			return 0, errors.New("more jobs at once than there is room for")
		}
		for range n {
			if _, err := client.Insert(ctx, job{}, nil); err != nil {
				return 0, err
			}
			inserted++
		}
		for range n {
			if <-worked {
				right++
			}
		}
		return right, nil
	}, nil
}

// mostJobs are in a sample: River drops events that nobody has room for.
const mostJobs = 10_000

// riverDriver makes a database with River's tables in a directory of its own.
func (b *bed) riverDriver(ctx context.Context, quiet *slog.Logger) (*riversqlite.Driver, error) {
	dir, err := os.MkdirTemp("", "integrations")
	if err != nil {
		return nil, err
	}
	b.atEnd(func() { os.RemoveAll(dir) })
	name := url.URL{
		Scheme: "file", OmitHost: true, Path: filepath.Join(dir, "river.db"),
		RawQuery: "_pragma=busy_timeout(10000)&_pragma=synchronous(off)",
	}
	db, err := sql.Open("sqlite", name.String())
	if err != nil {
		return nil, err
	}
	driver := riversqlite.New(b.openDB(db))
	migrator, err := rivermigrate.New(driver, &rivermigrate.Config{Logger: quiet})
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	_, err = migrator.Migrate(ctx, rivermigrate.DirectionUp, nil)
	return driver, err
}
