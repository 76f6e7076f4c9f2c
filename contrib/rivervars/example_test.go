package rivervars_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	"github.com/riverqueue/river/rivermigrate"
	"github.com/riverqueue/river/rivertype"
	_ "modernc.org/sqlite"

	"github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/contrib/rivervars"
	"github.com/gocontextvars/contextvars/wire"
)

var (
	tenant = contextvars.New[string]("tenant", wire.Travels(wire.AllHops))
	pages  = contextvars.New[int]("pages", wire.Travels(wire.Back))
)

type invoice struct {
	Number int
}

func (invoice) Kind() string { return "invoice" }

type invoiceWorker struct {
	river.WorkerDefaults[invoice]
}

func (*invoiceWorker) NextRetry(*river.Job[invoice]) time.Time { return time.Now() }

func (*invoiceWorker) Work(_ context.Context, job *river.Job[invoice]) error {
	fmt.Printf("invoice %d for %s, attempt %d\n", job.Args.Number, tenant.Get(), job.Attempt)
	if job.Attempt == 1 {
		return errors.New("the printer is busy")
	}
	pages.Set(3)
	return nil
}

// opened makes a database with River's tables, for the examples.
func opened() (db *sql.DB, remove func()) {
	dir, err := os.MkdirTemp("", "rivervars")
	if err != nil {
		log.Fatal(err)
	}
	if db, err = openSQLite(filepath.Join(dir, "river.db")); err != nil {
		log.Fatal(err)
	}
	migrator, err := rivermigrate.New(riversqlite.New(db), &rivermigrate.Config{Logger: quiet})
	if err != nil {
		log.Fatal(err)
	}
	if _, err := migrator.Migrate(context.Background(), rivermigrate.DirectionUp, nil); err != nil {
		log.Fatal(err)
	}
	return db, func() {
		db.Close()
		os.RemoveAll(dir)
	}
}

func Example() {
	db, remove := opened()
	defer remove()
	ctx := context.Background()

	vars := rivervars.New(wire.NewPeer("jobs", wire.Send(tenant, pages), wire.Accept(tenant, pages)))
	workers := river.NewWorkers()
	river.AddWorker(workers, &invoiceWorker{})
	client, err := river.NewClient(riversqlite.New(db), &river.Config{
		Plugins: []rivertype.Plugin{vars},
		Queues:  map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: 1}},
		Workers: workers,
		Logger:  quiet,
	})
	if err != nil {
		log.Fatal(err)
	}
	events, cancel := client.Subscribe(river.EventKindJobCompleted)
	defer cancel()
	if err := rivervars.Start(ctx, client); err != nil {
		log.Fatal(err)
	}
	defer client.Stop(ctx)

	tenant.With("acme", func() {
		tx, err := db.BeginTx(ctx, nil)
		if err != nil {
			log.Fatal(err)
		}
		if _, err := client.InsertTx(ctx, tx, invoice{Number: 7}, nil); err != nil {
			log.Fatal(err)
		}
		if err := tx.Commit(); err != nil {
			log.Fatal(err)
		}
	})

	done := <-events
	vars.Context(done.Job).Run(func() {
		vars.ExtractReply(done.Job)
		fmt.Println(tenant.Get(), "has got", pages.Get(), "pages")
	})
	// Output:
	// invoice 7 for acme, attempt 1
	// invoice 7 for acme, attempt 2
	// acme has got 3 pages
}
