package sqlvars_test

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"runtime"
	"runtime/debug"
	"strings"
	"testing"

	"github.com/gocontextvars/contextvars/sqlvars"
)

func TestInTxCommits(t *testing.T) {
	e, db := newEngine(t)
	err := sqlvars.InTx(db, func() error {
		insert(t, db, "a")
		insert(t, db, "b")
		want(t, "committed inside", e.committed(), "")
		want(t, "selected inside", selected(t, db), "a b")
		return nil
	})
	want(t, "error", err, nil)
	want(t, "committed", e.committed(), "a b")
	want(t, "log", e.took(), "BEGIN; INSERT a; INSERT b; SELECT; COMMIT")
	want(t, "connections in use", db.Stats().InUse, 0)
}

func TestInTxRollsBack(t *testing.T) {
	e, db := newEngine(t)
	err := sqlvars.InTx(db, func() error {
		insert(t, db, "a")
		return errTest
	})
	want(t, "error", err, errTest)
	want(t, "committed", e.committed(), "")
	want(t, "log", e.took(), "BEGIN; INSERT a; ROLLBACK")
	want(t, "connections in use", db.Stats().InUse, 0)
}

func panics() error { panic(errTest) }

func TestInTxPanic(t *testing.T) {
	e, db := newEngine(t)
	var p any
	var stack string
	func() {
		defer func() {
			stack = string(debug.Stack())
			p = recover()
		}()
		sqlvars.InTx(db, func() error { insert(t, db, "a"); return panics() })
	}()
	want(t, "panic", p, any(errTest))
	want(t, "its stack is there", strings.Contains(stack, "sqlvars_test.panics("), true)
	want(t, "log", e.took(), "BEGIN; INSERT a; ROLLBACK")
	wantNoTx(t, db)
}

func TestInTxGoexit(t *testing.T) {
	e, db := newEngine(t)
	elsewhere(func() {
		defer wantNoTx(t, db)
		sqlvars.InTx(db, func() error { insert(t, db, "a"); runtime.Goexit(); return nil })
		t.Error("runs on after Goexit")
	})
	want(t, "log", e.took(), "BEGIN; INSERT a; ROLLBACK")
	want(t, "connections in use", db.Stats().InUse, 0)
}

// What fails when a panic is rolled back has no way out, but the panic is not replaced.
func TestInTxPanicAndRollbackFails(t *testing.T) {
	e, db := newEngine(t)
	e.failOn("ROLLBACK", errors.New("lost"))
	want(t, "panic", panicOf(func() { sqlvars.InTx(db, panics) }), any(errTest))
}

func TestBeginFails(t *testing.T) {
	e, db := newEngine(t)
	e.failOn("BEGIN", errTest)
	err := sqlvars.InTx(db, func() error { t.Error("f is called"); return nil })
	wantError(t, err, "sqlvars: begin: ", errTest)
	want(t, "connections in use", db.Stats().InUse, 0)
}

// BeginTx tries other connections if one is broken; it is for package database/sql to do.
func TestBeginOnBrokenConnection(t *testing.T) {
	e, db := newEngine(t)
	broken := 0
	e.fail = func(statement string) error {
		if statement == "BEGIN" && broken < 2 {
			broken++
			return driver.ErrBadConn
		}
		return nil
	}
	want(t, "error", sqlvars.InTx(db, func() error { insert(t, db, "a"); return nil }), nil)
	want(t, "committed", e.committed(), "a")
}

func TestCommitFails(t *testing.T) {
	for _, failure := range []error{errTest, driver.ErrBadConn} {
		e, db := newEngine(t)
		e.failOn("COMMIT", failure)
		err := sqlvars.InTx(db, func() error { insert(t, db, "a"); return nil })
		wantError(t, err, "sqlvars: commit: ", failure)
		want(t, "committed", e.committed(), "")
		want(t, "connections in use", db.Stats().InUse, 0)
		wantNoTx(t, db)
	}
}

func TestRollbackFails(t *testing.T) {
	e, db := newEngine(t)
	failure := errors.New("lost")
	e.failOn("ROLLBACK", failure)
	err := sqlvars.InTx(db, func() error { return errTest })
	wantError(t, err, "sqlvars: rollback: lost", errTest, failure)
}

func TestConnectionBreaks(t *testing.T) {
	e, db := newEngine(t)
	e.failOn("INSERT", driver.ErrBadConn)
	err := sqlvars.InTx(db, func() error {
		_, err := sqlvars.From(db).ExecContext(context.Background(), "INSERT a")
		return err
	})
	wantError(t, err, "", driver.ErrBadConn)
	want(t, "connections in use", db.Stats().InUse, 0)
	e.fail = nil
	insert(t, db, "b") // by another connection
	want(t, "committed", e.committed(), "b")
}

func TestTransactionEndedByItsUser(t *testing.T) {
	e, db := newEngine(t)
	ends := map[string]func(*sql.Tx) error{"Rollback": (*sql.Tx).Rollback, "Commit": (*sql.Tx).Commit}
	for name, end := range ends {
		inside := func(f func() error) error {
			return sqlvars.InTx(db, func() error {
				tx, _ := sqlvars.Tx(db)
				if err := end(tx); err != nil {
					t.Errorf("%s: %v", name, err)
				}
				_, err := sqlvars.From(db).ExecContext(context.Background(), "INSERT late")
				wantError(t, err, "", sql.ErrTxDone)
				return f()
			})
		}
		wantError(t, inside(func() error { return nil }), "sqlvars: commit: ", sql.ErrTxDone)
		wantError(t, inside(func() error { return errTest }), "sqlvars: rollback: ", sql.ErrTxDone, errTest)
		want(t, "panic", panicOf(func() { inside(panics) }), any(errTest))
		err := inside(func() error {
			return sqlvars.InTx(db, func() error { t.Error("f is called"); return nil })
		})
		wantError(t, err, "sqlvars: savepoint: ", sql.ErrTxDone)
	}
	want(t, "committed", e.committed(), "")
	want(t, "connections in use", db.Stats().InUse, 0)
}

func TestContextCancelled(t *testing.T) {
	_, db := newEngine(t)
	for name, c := range map[string]struct {
		returned error
		is       []error
	}{
		"nil":       {nil, []error{context.Canceled}},
		"its error": {errTest, []error{errTest}},
	} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(context.Background())
			err := sqlvars.InTxContext(ctx, db, nil, func() error {
				cancel()
				return c.returned
			})
			wantError(t, err, "", c.is...)
			for db.Stats().InUse > 0 {
				runtime.Gosched()
			}
		})
		t.Run(name+", after database/sql has rolled back", func(t *testing.T) {
			ctx, cancel := context.WithCancel(context.Background())
			err := sqlvars.InTxContext(ctx, db, nil, func() error {
				cancel()
				for db.Stats().InUse > 0 {
					runtime.Gosched()
				}
				err := sqlvars.InTx(db, func() error { t.Error("f is called"); return nil })
				wantError(t, err, "sqlvars: savepoint: ", sql.ErrTxDone)
				return c.returned
			})
			wantError(t, err, "", c.is...)
			want(t, "is its error alone", err == c.returned, c.returned != nil)
		})
	}
	want(t, "rows", selected(t, db), "")
}

func TestContextCancelledBefore(t *testing.T) {
	e, db := newEngine(t)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	err := sqlvars.InTxContext(ctx, db, nil, func() error { t.Error("f is called"); return nil })
	wantError(t, err, "sqlvars: begin: ", context.Canceled)
	want(t, "log", e.took(), "")
}

func TestOptionsOfTransaction(t *testing.T) {
	e, db := newEngine(t)
	opts := &sql.TxOptions{Isolation: sql.LevelSerializable, ReadOnly: true}
	want(t, "error", sqlvars.InTxContext(context.Background(), db, opts, func() error { return nil }), nil)
	want(t, "log", e.took(), "BEGIN Serializable READ ONLY; COMMIT")
}

func TestInTxBadInput(t *testing.T) {
	_, db := newEngine(t)
	f := func() error { return nil }
	for message, call := range map[string]func(){
		"sqlvars: InTx was given a nil *sql.DB":        func() { sqlvars.InTx(nil, f) },
		"sqlvars: InTx was given a nil func":           func() { sqlvars.InTx(db, nil) },
		"sqlvars: InTxContext was given a nil *sql.DB": func() { sqlvars.InTxContext(context.Background(), nil, nil, f) },
		"sqlvars: InTxContext was given a nil func":    func() { sqlvars.InTxContext(context.Background(), db, nil, nil) },
		"sqlvars: InTxContext was given a nil context.Context; use context.Background()": func() {
			//lint:ignore SA1012 that is the test
			sqlvars.InTxContext(nil, db, nil, f)
		},
		"sqlvars: From was given a nil *sql.DB":       func() { sqlvars.From(nil) },
		"sqlvars: Tx was given a nil *sql.DB":         func() { sqlvars.Tx(nil) },
		"sqlvars: RequireTx was given a nil *sql.DB":  func() { sqlvars.RequireTx(nil) },
		"sqlvars: SetDialect was given a nil *sql.DB": func() { sqlvars.SetDialect(nil, sqlvars.Standard) },
		"sqlvars: SetDialect was given a Dialect without Savepoint or RollbackTo; only Release may be empty": func() {
			sqlvars.SetDialect(db, sqlvars.Dialect{Savepoint: "SAVEPOINT "})
		},
	} {
		want(t, "panic", panicOf(call), any(message))
	}
}
