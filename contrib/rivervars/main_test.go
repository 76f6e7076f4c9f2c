package rivervars_test

import (
	"context"
	"database/sql"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	"github.com/riverqueue/river/rivermigrate"
	"github.com/riverqueue/river/rivertype"
	"go.uber.org/goleak"
	_ "modernc.org/sqlite"

	"github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/contrib/rivervars"
	"github.com/gocontextvars/contextvars/wire"
)

var (
	who  = contextvars.New[string]("who", wire.Travels(wire.AllHops))
	hop  = contextvars.New[string]("hop", wire.Travels(wire.OneHop))
	cost = contextvars.New[string]("cost", wire.Travels(wire.Back))
	// home does not travel.
	home = contextvars.New[string]("home")
	// payload tells by a weak pointer whether it is still held.
	payload = contextvars.New[*value]("payload")
)

type value struct{ _ [64]byte }

func TestMain(m *testing.M) {
	if path := os.Getenv(otherProcess); path != "" {
		work(path)
		return
	}
	goleak.VerifyTestMain(m)
}

// patience ends a test that would wait for ever.
const patience = 60 * time.Second

// task is the arguments of the jobs of most tests.
type task struct {
	N    int
	Want string
}

func (task) Kind() string { return "task" }

// taskWorker works them; what is nil is as in river.WorkerDefaults.
type taskWorker struct {
	work       func(context.Context, *river.Job[task]) error
	timeout    func() time.Duration
	nextRetry  func() time.Time
	middleware func() []rivertype.WorkerMiddleware
}

func (w *taskWorker) Work(ctx context.Context, job *river.Job[task]) error { return w.work(ctx, job) }

func (w *taskWorker) Timeout(*river.Job[task]) (d time.Duration) {
	if w.timeout != nil {
		d = w.timeout()
	}
	return d
}

// NextRetry is at once, so that no test waits for River's own policy.
func (w *taskWorker) NextRetry(*river.Job[task]) time.Time {
	if w.nextRetry != nil {
		return w.nextRetry()
	}
	return time.Now()
}

func (w *taskWorker) Middleware(*rivertype.JobRow) (all []rivertype.WorkerMiddleware) {
	if w.middleware != nil {
		all = w.middleware()
	}
	return all
}

// database is one with River's tables.
type database[TTx any] struct {
	driver riverdriver.Driver[TTx]
	begin  func(context.Context) (tx TTx, commit func(context.Context) error, err error)
	exec   func(ctx context.Context, statement string) error
}

// sqlite opens a new database in a file.
func sqlite(t testing.TB) database[*sql.Tx] {
	t.Helper()
	return sqliteAt(t, filepath.Join(t.TempDir(), "river.db"))
}

func sqliteAt(t testing.TB, path string) database[*sql.Tx] {
	t.Helper()
	var db *sql.DB
	contextvars.Detach(func() { // its goroutines are not what we test
		var err error
		db, err = openSQLite(path)
		check(t, err)
	})
	t.Cleanup(func() { db.Close() })
	d := database[*sql.Tx]{
		driver: riversqlite.New(db),
		begin: func(ctx context.Context) (*sql.Tx, func(context.Context) error, error) {
			tx, err := db.BeginTx(ctx, nil)
			return tx, func(context.Context) error { return tx.Commit() }, err
		},
		exec: func(ctx context.Context, statement string) error {
			_, err := db.ExecContext(ctx, statement)
			return err
		},
	}
	migrate(t, d.driver)
	return d
}

func openSQLite(path string) (*sql.DB, error) {
	name := url.URL{Scheme: "file", OmitHost: true, Path: path, RawQuery: "_pragma=busy_timeout(10000)&_pragma=synchronous(off)"}
	db, err := sql.Open("sqlite", name.String())
	if err == nil {
		db.SetMaxOpenConns(1) // as River's driver wants it
	}
	return db, err
}

// postgresAddress is that of a database that the tests may fill and empty.
const postgresAddress = "RIVERVARS_POSTGRES"

// postgres connects to a database whose address is given.
func postgres(t testing.TB) database[pgx.Tx] {
	t.Helper()
	address := os.Getenv(postgresAddress)
	if address == "" {
		t.Skip("no Postgres: give the address of an empty database in " + postgresAddress)
	}
	var pool *pgxpool.Pool
	contextvars.Detach(func() {
		var err error
		pool, err = pgxpool.New(t.Context(), address)
		check(t, err)
	})
	t.Cleanup(pool.Close)
	d := database[pgx.Tx]{
		driver: riverpgxv5.New(pool),
		begin: func(ctx context.Context) (pgx.Tx, func(context.Context) error, error) {
			tx, err := pool.Begin(ctx)
			if err != nil {
				return nil, nil, err
			}
			return tx, tx.Commit, nil
		},
		exec: func(ctx context.Context, statement string) error {
			_, err := pool.Exec(ctx, statement)
			return err
		},
	}
	migrate(t, d.driver)
	check(t, d.exec(t.Context(), "TRUNCATE river_job"))
	return d
}

func migrate[TTx any](t testing.TB, driver riverdriver.Driver[TTx]) {
	t.Helper()
	migrator, err := rivermigrate.New(driver, &rivermigrate.Config{Logger: quiet})
	check(t, err)
	_, err = migrator.Migrate(t.Context(), rivermigrate.DirectionUp, nil)
	check(t, err)
}

// quiet is for jobs that fail, as they shall.
var quiet = slog.New(slog.DiscardHandler)

// newClient returns a client that is not started, with our help if p is not nil.
func newClient[TTx any](t testing.TB, d database[TTx], p *rivervars.Plugin, w *taskWorker, change ...func(*river.Config)) *river.Client[TTx] {
	t.Helper()
	workers := river.NewWorkers()
	config := &river.Config{
		Queues:            map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: 8}},
		Workers:           workers,
		Logger:            quiet,
		FetchCooldown:     river.FetchCooldownMin,
		FetchPollInterval: 20 * time.Millisecond,
	}
	if p == nil {
		river.AddWorker(workers, river.Worker[task](w))
	} else {
		river.AddWorker(workers, rivervars.Worker(p, river.Worker[task](w)))
		config.Plugins = []rivertype.Plugin{p}
	}
	for _, c := range change {
		c(config)
	}
	client, err := river.NewClient(d.driver, config)
	check(t, err)
	return client
}

// started starts the client until the test ends.
func started[TTx any](t testing.TB, client *river.Client[TTx]) {
	t.Helper()
	check(t, rivervars.Start(context.Background(), client))
	t.Cleanup(func() { stop(t, client) })
}

func stop[TTx any](t testing.TB, client *river.Client[TTx]) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	check(t, client.Stop(ctx))
}

// insert inserts a job where who is as given.
func insert[TTx any](t testing.TB, client *river.Client[TTx], as string, opts *river.InsertOpts) (r *rivertype.JobInsertResult) {
	t.Helper()
	who.With(as, func() {
		var err error
		r, err = client.Insert(context.Background(), task{Want: as}, opts)
		check(t, err)
	})
	return r
}

// row reads a job.
func row[TTx any](t testing.TB, client *river.Client[TTx], id int64) *rivertype.JobRow {
	t.Helper()
	job, err := client.JobGet(context.Background(), id)
	check(t, err)
	return job
}

// looks returns a work function that tells what it sees.
func looks(saw chan<- string) func(context.Context, *river.Job[task]) error {
	return func(context.Context, *river.Job[task]) error {
		saw <- sees()
		return nil
	}
}

// sees is what the running code sees of who.
func sees() string { return who.GetOr("nothing") }

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// take returns what comes next.
func take[T any](t testing.TB, from <-chan T) (v T) {
	t.Helper()
	select {
	case v = <-from:
	case <-time.After(patience):
		t.Fatal("nothing came")
	}
	return v
}

func want[T comparable](t testing.TB, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

// held reports whether something is still not gone when it had time to go.
func held(gone func() bool) bool {
	for end := time.Now().Add(time.Second); ; time.Sleep(time.Millisecond) { // nothing tells when a goroutine has gone on
		runtime.GC()
		if gone() {
			return false
		}
		if time.Now().After(end) {
			return true
		}
	}
}

// both runs a test with both databases.
func both(t *testing.T, sqlite, postgres func(*testing.T)) {
	t.Run("SQLite", sqlite)
	t.Run("Postgres", postgres)
}
