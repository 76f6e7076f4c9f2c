package sqlvars_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/gocontextvars/contextvars/sqlvars"
)

// within calls f in a transaction that commits, and returns the error of InTx.
func within(db *sql.DB, f func()) error {
	return sqlvars.InTx(db, func() error { f(); return nil })
}

func TestNestedIsKept(t *testing.T) {
	e, db := newEngine(t)
	err := within(db, func() {
		insert(t, db, "a")
		outer, _ := sqlvars.Tx(db)
		want(t, "nested", within(db, func() {
			insert(t, db, "b")
			inner, _ := sqlvars.Tx(db)
			want(t, "Tx inside", inner, outer)
		}), nil)
		insert(t, db, "c")
	})
	want(t, "error", err, nil)
	want(t, "committed", e.committed(), "a b c")
	want(t, "log", e.took(), "BEGIN; INSERT a; SAVEPOINT contextvars_1; INSERT b; "+
		"RELEASE SAVEPOINT contextvars_1; INSERT c; COMMIT")
}

func TestNestedIsUndone(t *testing.T) {
	for name, fail := range map[string]func(db *sql.DB, f func() error){
		"error": func(db *sql.DB, f func() error) {
			want(t, "nested", sqlvars.InTx(db, f), errTest)
		},
		"panic": func(db *sql.DB, f func() error) {
			want(t, "panic", panicOf(func() { sqlvars.InTx(db, func() error { panic(f()) }) }), any(errTest))
		},
	} {
		t.Run(name, func(t *testing.T) {
			e, db := newEngine(t)
			err := within(db, func() {
				insert(t, db, "a")
				fail(db, func() error { insert(t, db, "b"); return errTest })
				want(t, "selected", selected(t, db), "a")
				insert(t, db, "c")
			})
			want(t, "error", err, nil)
			want(t, "committed", e.committed(), "a c")
			want(t, "log", e.took(), "BEGIN; INSERT a; SAVEPOINT contextvars_1; INSERT b; "+
				"ROLLBACK TO SAVEPOINT contextvars_1; RELEASE SAVEPOINT contextvars_1; SELECT; INSERT c; COMMIT")
		})
	}
}

func TestNestedGoexit(t *testing.T) {
	e, db := newEngine(t)
	elsewhere(func() {
		within(db, func() { within(db, runtime.Goexit) })
	})
	want(t, "log", e.took(), "BEGIN; SAVEPOINT contextvars_1; "+
		"ROLLBACK TO SAVEPOINT contextvars_1; RELEASE SAVEPOINT contextvars_1; ROLLBACK")
}

func TestOuterUndoesNested(t *testing.T) {
	e, db := newEngine(t)
	err := sqlvars.InTx(db, func() error {
		within(db, func() { insert(t, db, "a") })
		return errTest
	})
	want(t, "error", err, errTest)
	want(t, "committed", e.committed(), "")
}

func TestSavepointsHaveNamesOfTheirOwn(t *testing.T) {
	e, db := newEngine(t)
	within(db, func() {
		within(db, func() { within(db, func() {}) })
		within(db, func() {})
	})
	want(t, "log", e.took(), "BEGIN; SAVEPOINT contextvars_1; SAVEPOINT contextvars_2; "+
		"RELEASE SAVEPOINT contextvars_2; RELEASE SAVEPOINT contextvars_1; "+
		"SAVEPOINT contextvars_3; RELEASE SAVEPOINT contextvars_3; COMMIT")
}

func TestSideBySide(t *testing.T) {
	e1, db1 := newEngine(t)
	e2, db2 := newEngine(t)
	err := within(db1, func() {
		insert(t, db1, "a")
		insert(t, db2, "itself")
		err := sqlvars.InTx(db2, func() error {
			insert(t, db1, "b")
			insert(t, db2, "x")
			within(db1, func() { insert(t, db1, "c") })
			return errTest
		})
		want(t, "the other one's error", err, errTest)
		_, ok := sqlvars.Tx(db2)
		want(t, "the other one is live", ok, false)
		insert(t, db1, "d")
	})
	want(t, "error", err, nil)
	want(t, "committed", e1.committed(), "a b c d")
	want(t, "committed in the other", e2.committed(), "itself")
	want(t, "log", e1.took(), "BEGIN; INSERT a; INSERT b; SAVEPOINT contextvars_1; INSERT c; "+
		"RELEASE SAVEPOINT contextvars_1; INSERT d; COMMIT")
}

func TestSavepointFails(t *testing.T) {
	e, db := newEngine(t)
	err := within(db, func() {
		e.failOn("SAVEPOINT", errTest)
		err := sqlvars.InTx(db, func() error { t.Error("f is called"); return nil })
		wantError(t, err, "sqlvars: savepoint: ", errTest)
		e.fail = nil
		want(t, "nested", within(db, func() { insert(t, db, "a") }), nil)
	})
	want(t, "error", err, nil)
	want(t, "committed", e.committed(), "a")
}

// What cannot be released is undone, and the outer transaction goes on.
func TestReleaseFails(t *testing.T) {
	e, db := newEngine(t)
	err := within(db, func() {
		failures := 0
		e.fail = func(statement string) error {
			if statement == "RELEASE SAVEPOINT contextvars_1" && failures == 0 {
				failures++
				return errTest
			}
			return nil
		}
		wantError(t, within(db, func() { insert(t, db, "a") }), "sqlvars: release of a savepoint: ", errTest)
		insert(t, db, "b")
	})
	want(t, "error", err, nil)
	want(t, "committed", e.committed(), "b")
}

func TestReleaseAfterRollbackFails(t *testing.T) {
	e, db := newEngine(t)
	failure := errors.New("lost")
	err := within(db, func() {
		e.failOn("RELEASE", failure)
		err := sqlvars.InTx(db, func() error { insert(t, db, "a"); return errTest })
		wantError(t, err, "sqlvars: release of a savepoint that was rolled back to: lost", errTest, failure)
		insert(t, db, "b")
	})
	want(t, "error", err, nil)
	want(t, "committed", e.committed(), "b")
}

// Where a nested one cannot be undone, the one around it must not be kept, whatever
// it returns; if that can be undone, all is well again.
func TestRollbackToSavepointFails(t *testing.T) {
	failure := errors.New("lost")
	for name, nested := range map[string]func(t *testing.T, db *sql.DB){
		"error": func(t *testing.T, db *sql.DB) {
			err := sqlvars.InTx(db, func() error { insert(t, db, "b"); return errTest })
			wantError(t, err, "sqlvars: rollback to a savepoint: lost", errTest, failure)
		},
		"panic": func(t *testing.T, db *sql.DB) {
			want(t, "panic", panicOf(func() {
				within(db, func() { insert(t, db, "b"); panics() })
			}), any(errTest))
		},
	} {
		t.Run(name+" in the outermost", func(t *testing.T) {
			e, db := newEngine(t)
			e.failOn("ROLLBACK TO", failure)
			err := within(db, func() { insert(t, db, "a"); nested(t, db) })
			wantError(t, err, "sqlvars: not kept, since part of it could not be undone: ", failure)
			want(t, "committed", e.committed(), "")
		})
		t.Run(name+" in a nested one", func(t *testing.T) {
			e, db := newEngine(t)
			err := within(db, func() {
				insert(t, db, "a")
				e.failOn("ROLLBACK TO SAVEPOINT contextvars_2", failure)
				err := within(db, func() { insert(t, db, "c"); nested(t, db) })
				wantError(t, err, "sqlvars: not kept", failure)
			})
			want(t, "error", err, nil)
			want(t, "committed", e.committed(), "a")
		})
	}
}

// The same if the driver panics, and somebody recovers.
func TestRollbackToSavepointPanics(t *testing.T) {
	e, db := newEngine(t)
	e.fail = func(statement string) error {
		if strings.HasPrefix(statement, "ROLLBACK TO") {
			panic(errTest)
		}
		return nil
	}
	err := within(db, func() {
		insert(t, db, "a")
		want(t, "panic", panicOf(func() {
			sqlvars.InTx(db, func() error { insert(t, db, "b"); return errors.New("undo this") })
		}), any(errTest))
	})
	wantError(t, err, "sqlvars: not kept, since part of it could not be undone: ")
	want(t, "committed", e.committed(), "")
}

// Who ends the transaction in a nested InTx ends it for all.
func TestTransactionEndedInNested(t *testing.T) {
	for name, returned := range map[string]error{"nil": nil, "error": errTest} {
		t.Run(name, func(t *testing.T) {
			e, db := newEngine(t)
			err := within(db, func() {
				err := sqlvars.InTx(db, func() error {
					tx, _ := sqlvars.Tx(db)
					want(t, "Rollback", tx.Rollback(), nil)
					return returned
				})
				if returned != nil {
					want(t, "nested", err, returned) // since there is nothing left to undo
				} else {
					wantError(t, err, "sqlvars: release of a savepoint: ", sql.ErrTxDone)
				}
			})
			wantError(t, err, "sqlvars: commit: ", sql.ErrTxDone)
			want(t, "log", e.took(), "BEGIN; SAVEPOINT contextvars_1; ROLLBACK")
		})
	}
}

func TestContextOfNestedCancelled(t *testing.T) {
	e, db := newEngine(t)
	for name, returned := range map[string]error{"nil": nil, "error": errTest} {
		t.Run(name, func(t *testing.T) {
			err := within(db, func() {
				ctx, cancel := context.WithCancel(context.Background())
				err := sqlvars.InTxContext(ctx, db, nil, func() error {
					insert(t, db, "a")
					cancel()
					return returned
				})
				if returned != nil {
					want(t, "nested", err, returned)
				} else {
					wantError(t, err, "sqlvars: savepoint not kept: ", context.Canceled)
				}
				err = sqlvars.InTxContext(ctx, db, nil, func() error { t.Error("f is called"); return nil })
				wantError(t, err, "sqlvars: savepoint: ", context.Canceled)
				insert(t, db, name)
			})
			want(t, "error", err, nil)
		})
	}
	want(t, "committed", len(e.committed()), len("nil error"))
}

func TestOptionsOfNested(t *testing.T) {
	serializable, readOnly := sql.TxOptions{Isolation: sql.LevelSerializable}, sql.TxOptions{ReadOnly: true}
	both := sql.TxOptions{Isolation: sql.LevelSerializable, ReadOnly: true}
	for i, c := range []struct {
		have, want *sql.TxOptions
		says       string // "" if they fit
	}{
		{nil, nil, ""},
		{nil, &sql.TxOptions{}, ""},
		{&both, nil, ""},
		{&both, &both, ""},
		{&both, &readOnly, ""},
		{&serializable, &sql.TxOptions{}, ""},
		{nil, &serializable, "isolation level Serializable in a transaction with Default"},
		{&serializable, &sql.TxOptions{Isolation: sql.LevelReadCommitted},
			"isolation level Read Committed in a transaction with Serializable"},
		{nil, &readOnly, "ReadOnly true in a transaction with ReadOnly false"},
		{&both, &serializable, "ReadOnly false in a transaction with ReadOnly true"},
	} {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			_, db := newEngine(t)
			err := sqlvars.InTxContext(context.Background(), db, c.have, func() error {
				called := false
				err := sqlvars.InTxContext(context.Background(), db, c.want, func() error { called = true; return nil })
				want(t, "f is called", called, c.says == "")
				if c.says == "" {
					want(t, "nested", err, nil)
					return nil
				}
				var optionsError *sqlvars.OptionsError
				wantError(t, err, "sqlvars: a nested InTxContext asks for "+c.says)
				want(t, "is an OptionsError", errors.As(err, &optionsError), true)
				want(t, "Want", optionsError.Want, *c.want)
				return nil
			})
			want(t, "error", err, nil)
		})
	}
}

func TestDialects(t *testing.T) {
	for name, c := range map[string]struct {
		dialect      sqlvars.Dialect
		kept, undone string
	}{
		"Standard": {sqlvars.Standard, "SAVEPOINT contextvars_1; INSERT a; RELEASE SAVEPOINT contextvars_1",
			"SAVEPOINT contextvars_2; INSERT b; ROLLBACK TO SAVEPOINT contextvars_2; RELEASE SAVEPOINT contextvars_2"},
		"SQLServer": {sqlvars.SQLServer, "SAVE TRANSACTION contextvars_1; INSERT a",
			"SAVE TRANSACTION contextvars_2; INSERT b; ROLLBACK TRANSACTION contextvars_2"},
		"Oracle": {sqlvars.Oracle, "SAVEPOINT contextvars_1; INSERT a",
			"SAVEPOINT contextvars_2; INSERT b; ROLLBACK TO SAVEPOINT contextvars_2"},
	} {
		t.Run(name, func(t *testing.T) {
			e, db := newEngine(t)
			sqlvars.SetDialect(db, sqlvars.Oracle) // the last call counts
			sqlvars.SetDialect(db, c.dialect)
			_, other := newEngine(t)
			sqlvars.SetDialect(other, sqlvars.Dialect{Savepoint: "x", RollbackTo: "y"})
			err := within(db, func() {
				want(t, "nested", within(db, func() { insert(t, db, "a") }), nil)
				err := sqlvars.InTx(db, func() error { insert(t, db, "b"); return errTest })
				want(t, "nested", err, errTest)
			})
			want(t, "error", err, nil)
			want(t, "log", e.took(), "BEGIN; "+c.kept+"; "+c.undone+"; COMMIT")
			want(t, "committed", e.committed(), "a")
		})
	}
}
