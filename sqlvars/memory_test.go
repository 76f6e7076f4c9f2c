package sqlvars_test

import (
	"context"
	"database/sql"
	"runtime"
	"strings"
	"testing"
	"time"
	"weak"

	"github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/sqlvars"
)

// thing is large enough not to share an allocation with anything.
type thing struct{ _ [128]*int }

var held = contextvars.New[*thing]("held")

// with calls f where held is set to a thing that nobody else holds.
//
//go:noinline
func with(f func()) weak.Pointer[thing] {
	p := new(thing)
	w := weak.Make(p)
	defer held.Set(p).Restore()
	f()
	return w
}

func wantFree(t *testing.T, what string, isFree func() bool) {
	t.Helper()
	for range 200 {
		runtime.GC()
		if isFree() {
			return
		}
		time.Sleep(time.Millisecond) // finalizers and the sweep run in between
	}
	t.Errorf("%s: is still held", what)
}

// startsGoroutines has each connection, and each of these statements, start a goroutine that
// lives as long as the test, as drivers might.
func (e *engine) startsGoroutines(t *testing.T, statements ...string) {
	end := make(chan bool)
	t.Cleanup(func() { close(end) })
	start := func() { go func() { <-end }() }
	e.connected = start
	e.fail = func(statement string) error {
		for _, s := range statements {
			if strings.HasPrefix(statement, s) {
				start()
			}
		}
		return nil
	}
}

// What package database/sql and the driver start for a transaction or a call of From's
// holds nothing of the caller's: here a connection's goroutine, and the one that closes
// connections that are too old. That is started when a connection is given back, which
// for a query is in Close of the rows.
func TestConnectionsHoldNothing(t *testing.T) {
	ctx := context.Background()
	for name, c := range map[string]struct {
		use   func(t *testing.T, db *sql.DB)
		query bool
	}{
		"InTx":         {func(t *testing.T, db *sql.DB) { within(db, func() {}) }, false},
		"InTx, undone": {func(t *testing.T, db *sql.DB) { sqlvars.InTx(db, func() error { return errTest }) }, false},
		"InTx, nested": {func(t *testing.T, db *sql.DB) {
			within(db, func() {
				within(db, func() {})
				sqlvars.InTx(db, func() error { return errTest })
			})
		}, false},
		"ExecContext":  {func(t *testing.T, db *sql.DB) { insert(t, db, "a") }, false},
		"QueryContext": {func(t *testing.T, db *sql.DB) { selected(t, db) }, true},
		"QueryRowContext": {func(t *testing.T, db *sql.DB) {
			sqlvars.From(db).QueryRowContext(ctx, "SELECT").Scan()
		}, true},
		"PrepareContext": {func(t *testing.T, db *sql.DB) {
			if s, err := sqlvars.From(db).PrepareContext(ctx, "SELECT"); err == nil {
				s.Close()
			}
		}, false},
	} {
		t.Run(name, func(t *testing.T) {
			e, db := newEngine(t)
			if !c.query {
				db.SetConnMaxLifetime(time.Hour)
			}
			e.startsGoroutines(t, "BEGIN", "SAVEPOINT", "RELEASE", "ROLLBACK", "COMMIT", "INSERT", "SELECT")
			w := with(func() { c.use(t, db) })
			wantFree(t, "the caller's value", func() bool { return w.Value() == nil })
			want(t, "connections", db.Stats().OpenConnections, 1)
		})
	}
}

// Goroutines that f starts are f's, and inherit as ever.
func TestGoroutinesOfFInherit(t *testing.T) {
	_, db := newEngine(t)
	defer user.Set("ann").Restore()
	let, got := make(chan bool), make(chan string)
	within(db, func() {
		go func() { <-let; got <- user.Get() }()
	})
	close(let)
	want(t, "the goroutine sees", <-got, "ann")
}

// A transaction that is over is not held by goroutines that were started in it.
func TestTransactionIsLetGo(t *testing.T) {
	_, db := newEngine(t)
	end := make(chan bool)
	defer close(end)
	var w weak.Pointer[sql.Tx]
	within(db, func() {
		tx, _ := sqlvars.Tx(db)
		w = weak.Make(tx)
		go func() { user.Get(); <-end }()
	})
	wantFree(t, "the transaction", func() bool { return w.Value() == nil })
}

// SetDialect keeps no DB alive.
func TestDialectIsLetGo(t *testing.T) {
	w := func() weak.Pointer[sql.DB] {
		db := sql.OpenDB(&engine{})
		sqlvars.SetDialect(db, sqlvars.Oracle)
		db.Close()
		return weak.Make(db)
	}()
	wantFree(t, "the DB", func() bool { return w.Value() == nil })
}
