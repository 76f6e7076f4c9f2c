package sqlvars_test

import (
	"context"
	"database/sql"
	"fmt"
	"iter"
	"strings"
	"testing"

	"github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/asyncio"
	"github.com/gocontextvars/contextvars/sqlvars"
)

func wantNoTx(t *testing.T, db *sql.DB) {
	t.Helper()
	tx, ok := sqlvars.Tx(db)
	want(t, "Tx", tx, nil)
	want(t, "Tx, ok", ok, false)
	_, err := sqlvars.RequireTx(db)
	want(t, "RequireTx", err, sqlvars.ErrNoTx)
}

func TestLiveHere(t *testing.T) {
	_, db := newEngine(t)
	_, other := newEngine(t)
	wantNoTx(t, db)
	within(db, func() {
		tx, ok := sqlvars.Tx(db)
		want(t, "Tx, ok", ok && tx != nil, true)
		required, err := sqlvars.RequireTx(db)
		want(t, "RequireTx", required, tx)
		want(t, "RequireTx, error", err, nil)
		wantNoTx(t, other)
	})
	wantNoTx(t, db)
}

// Whoever has a context of his own has no part in the transaction: From is the db, and InTx
// is a transaction of its own.
func TestNotLiveElsewhere(t *testing.T) {
	for name, run := range map[string]func(f func()){
		"goroutine": elsewhere,
		"Go": func(f func()) {
			done := make(chan bool)
			contextvars.Go(func() { defer close(done); f() })
			<-done
		},
		"goroutine of Lend": func(f func()) { contextvars.Lend(func() { elsewhere(f) }) },
		"bound function":    func(f func()) { contextvars.Bind(f)() },
		"Detach":            contextvars.Detach,
		"copy":              func(f func()) { contextvars.CopyContext().Run(f) },
		"task": func(f func()) {
			asyncio.Run(func() (any, error) { f(); return nil, nil })
		},
		"task started by a task": func(f func()) {
			asyncio.Run(func() (any, error) {
				return asyncio.CreateTask(func() (any, error) { f(); return nil, nil }).Await()
			})
		},
	} {
		t.Run(name, func(t *testing.T) {
			e, db := newEngine(t)
			err := sqlvars.InTx(db, func() error {
				insert(t, db, "a")
				called := false
				run(func() {
					called = true
					wantNoTx(t, db)
					want(t, "selected", selected(t, db), "")
					insert(t, db, "b")
					want(t, "its own transaction", within(db, func() { insert(t, db, "c") }), nil)
					wantNoTx(t, db)
				})
				want(t, "called", called, true)
				want(t, "committed", e.committed(), "b c")
				_, ok := sqlvars.Tx(db)
				want(t, "is live afterwards", ok, true)
				return errTest
			})
			want(t, "error", err, errTest)
			want(t, "committed", e.committed(), "b c")
		})
	}
}

func TestErrNoTxSaysWhatToDo(t *testing.T) {
	for _, text := range []string{"sqlvars: ", "InTx(db", "goroutine"} {
		want(t, text, strings.Contains(sqlvars.ErrNoTx.Error(), text), true)
	}
}

// A task has a transaction that it began itself, and others do not, however they take turns.
func TestTasksHaveTheirOwn(t *testing.T) {
	e, db := newEngine(t)
	work := func(name string, end error) func() (any, error) {
		return func() (any, error) {
			return nil, sqlvars.InTx(db, func() error {
				for range 3 {
					insert(t, db, name)
					before, _ := sqlvars.Tx(db)
					asyncio.Sleep(0)
					after, _ := sqlvars.Tx(db)
					want(t, name+": the transaction after a turn", after, before)
					within(db, func() { asyncio.Sleep(0); insert(t, db, name) })
				}
				return end
			})
		}
	}
	_, err := asyncio.Run(func() (any, error) {
		a, b := asyncio.CreateTask(work("a", nil)), asyncio.CreateTask(work("b", errTest))
		_, errB := b.Await()
		want(t, "b", errB, errTest)
		return a.Await()
	})
	want(t, "a", err, nil)
	want(t, "committed", e.committed(), "a a a a a a")
}

// Tools may show what a Context holds at any time.
func TestShownByTools(t *testing.T) {
	_, db := newEngine(t)
	c := contextvars.NewContext()
	show := func() (s string) {
		elsewhere(func() {
			for v, value := range c.All() {
				s += fmt.Sprint(v.Name(), ": ", value)
			}
		})
		return s
	}
	c.Run(func() {
		within(db, func() {
			want(t, "shown", show(), "sqlvars.live: transaction")
			within(db, func() { want(t, "shown, nested", show(), "sqlvars.live: savepoint contextvars_1") })
		})
		want(t, "shown afterwards", show(), "")
	})
}

// What From has returned is about the transaction, and of no use after it.
func TestFromIsKeptTooLong(t *testing.T) {
	_, db := newEngine(t)
	var q sqlvars.Querier
	within(db, func() { q = sqlvars.From(db) })
	_, err := q.ExecContext(context.Background(), "INSERT a")
	wantError(t, err, "", sql.ErrTxDone)
}

func TestQuerier(t *testing.T) {
	e, db := newEngine(t)
	ctx := context.Background()
	use := func() {
		q := sqlvars.From(db)
		_, err := q.ExecContext(ctx, "INSERT a")
		want(t, "ExecContext", err, nil)
		var word string
		want(t, "QueryRowContext", q.QueryRowContext(ctx, "SELECT").Scan(&word), nil)
		want(t, "word", word, "a")
		want(t, "QueryContext", selected(t, db) != "", true)
		s, err := q.PrepareContext(ctx, "INSERT b")
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		_, err = s.ExecContext(ctx)
		want(t, "statement", err, nil)
	}
	within(db, use)
	use()
	want(t, "committed", e.committed(), "a b a b")
}

// The driver's code on the caller's goroutine sees the caller's variables.
func TestDriverSeesTheCaller(t *testing.T) {
	e, db := newEngine(t)
	defer user.Set("ann").Restore()
	within(db, func() {
		insert(t, db, "a")
		within(db, func() {})
	})
	want(t, "log", e.took(), "BEGIN by ann; INSERT a by ann; SAVEPOINT contextvars_1 by ann; "+
		"RELEASE SAVEPOINT contextvars_1 by ann; COMMIT by ann")
}

// generator yields inside of a nested InTx, and hands out its error.
func generator(t *testing.T, db *sql.DB, err *error) iter.Seq[int] {
	return contextvars.Isolate(func(yield func(int) bool) {
		*err = within(db, func() {
			insert(t, db, "a")
			yield(1)
			insert(t, db, "a")
		})
	})
}

func TestGeneratorHasItsConsumers(t *testing.T) {
	e, db := newEngine(t)
	var inner error
	err := within(db, func() {
		for range generator(t, db, &inner) {
			insert(t, db, "b")
		}
		want(t, "nested", within(db, func() { insert(t, db, "c") }), nil)
	})
	want(t, "error", err, nil)
	want(t, "the generator's error", inner, nil)
	want(t, "committed", e.committed(), "a b a c")
	want(t, "log", e.took(), "BEGIN; SAVEPOINT contextvars_1; INSERT a; INSERT b; INSERT a; "+
		"RELEASE SAVEPOINT contextvars_1; SAVEPOINT contextvars_2; INSERT c; RELEASE SAVEPOINT contextvars_2; COMMIT")
}

func TestPulledGeneratorHasNone(t *testing.T) {
	_, db := newEngine(t)
	within(db, func() {
		next, stop := contextvars.IsolatePull(func(func(int) bool) { wantNoTx(t, db) })
		defer stop()
		next()
	})
}

// Savepoints end in the opposite order. What would break it fails, instead of undoing or
// keeping what is another one's.

func TestConsumerBeginsWhileGeneratorIsIn(t *testing.T) {
	e, db := newEngine(t)
	var inner error
	err := within(db, func() {
		for range generator(t, db, &inner) {
			err := sqlvars.InTx(db, func() error { t.Error("f is called"); return nil })
			wantError(t, err, "sqlvars: a nested InTx of a generator")
		}
	})
	want(t, "error", err, nil)
	want(t, "the generator's error", inner, nil)
	want(t, "committed", e.committed(), "a a")
}

// Tasks with one Context have one transaction, if they ask for it.
func TestTasksWithOneContext(t *testing.T) {
	waitFor := func(done *bool) {
		for !*done {
			asyncio.Sleep(0)
		}
	}
	for _, nested := range []bool{false, true} {
		t.Run(fmt.Sprint("nested: ", nested), func(t *testing.T) {
			e, db := newEngine(t)
			c := contextvars.NewContext()
			var aIsIn, bIsIn, aIsOut, bIsOut bool
			a := func() error {
				defer func() { aIsOut = true }()
				return sqlvars.InTx(db, func() error {
					insert(t, db, "a")
					aIsIn = true
					waitFor(&bIsIn)
					return nil
				})
			}
			b := func() error {
				defer func() { bIsOut = true }()
				waitFor(&aIsIn)
				return sqlvars.InTx(db, func() error {
					insert(t, db, "b")
					bIsIn = true
					waitFor(&aIsOut)
					return nil
				})
			}
			_, err := asyncio.Run(func() (any, error) {
				taskA := asyncio.Go(func() error {
					if !nested {
						wantError(t, a(), "or of a task in the same Context, is still open")
						return nil
					}
					return within(db, func() {
						insert(t, db, "outer")
						wantError(t, a(), "or of a task in the same Context, is still open")
						waitFor(&bIsOut)
						want(t, "nested afterwards", within(db, func() { insert(t, db, "c") }), nil)
					})
				}, asyncio.WithContext(c))
				_, err := asyncio.Go(b, asyncio.WithContext(c)).Await()
				wantError(t, err, "sqlvars: the InTx around this one has ended before it, and rolled back")
				return taskA.Await()
			})
			want(t, "error", err, nil)
			want(t, "committed", e.committed(), map[bool]string{true: "outer c"}[nested])
			c.Run(func() { wantNoTx(t, db) })
			want(t, "connections in use", db.Stats().InUse, 0)
		})
	}
}
