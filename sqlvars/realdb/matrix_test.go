package realdb

import (
	"database/sql"
	"testing"

	"github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/internal/matrix"
	"github.com/gocontextvars/contextvars/sqlvars"
)

// What there is without help: the transaction in a variable that is not Local.
var plainTx = contextvars.New[*sql.Tx]("tx")

// seen returns what is seen of the table by way of q.
func seen(t *testing.T, q sqlvars.Querier) string {
	if s := words(t, q); s != "" {
		return s
	}
	return "nothing"
}

// begun calls f in a transaction that has written something, in both ways.
func begun(t *testing.T, db *sql.DB, f func() (without, with string)) (without, with string) {
	const word = "the transaction's"
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tx.Exec("INSERT INTO sqlvars_test_words (word) VALUES ($1)", word); err != nil {
		t.Fatal(err)
	}
	plainTx.With(tx, func() { without, _ = f() })
	tx.Rollback()
	sqlvars.InTx(db, func() error {
		insert(t, db, word)
		_, with = f()
		return errTest
	})
	return without, with
}

func TestMatrix(t *testing.T) {
	db := openSQLite(t)
	const module = "modernc.org/sqlite"
	row := func(where, help string, f func() (without, with string)) matrix.Row {
		without, with := begun(t, db, f)
		return matrix.Row{Where: where, Module: module, Without: without, With: with, Help: help}
	}
	inGoroutine := func(f func() (string, string)) (without, with string) {
		done := make(chan bool)
		go func() { defer close(done); without, with = f() }()
		<-done
		return without, with
	}
	ofPlain := func() sqlvars.Querier {
		if tx := plainTx.Get(); tx != nil {
			return tx
		}
		return db
	}
	matrix.Check(t, "sqlvars/realdb",
		row("what a function reads of the db, called in a transaction that has written", "`sqlvars.From`",
			func() (string, string) { return seen(t, db), seen(t, sqlvars.From(db)) }),
		row("what a goroutine reads that was started in it, by way of a transaction in a variable", "`sqlvars.InTx`",
			func() (string, string) {
				return inGoroutine(func() (string, string) { return seen(t, ofPlain()), seen(t, sqlvars.From(db)) })
			}),
		nestedRow(t, db, module),
	)
}

// nestedRow is about what is left of a function that has failed, when its caller has handled
// that and committed.
func nestedRow(t *testing.T, db *sql.DB, module string) matrix.Row {
	r := matrix.Row{Where: "what is left of a function's writes that has failed, when its caller commits all the same",
		Module: module, Help: "`sqlvars.InTx` in both"}
	failing := func(q sqlvars.Querier) error {
		if _, err := q.ExecContext(ctx, "INSERT INTO sqlvars_test_words (word) VALUES ($1)", "the function's"); err != nil {
			t.Error(err)
		}
		return errTest
	}
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		t.Fatal(err)
	}
	want(t, "failing", failing(tx), errTest)
	want(t, "Commit", tx.Commit(), nil)
	r.Without = seen(t, db)
	if _, err := db.Exec("DELETE FROM sqlvars_test_words"); err != nil {
		t.Fatal(err)
	}
	err = within(db, func() {
		want(t, "nested", sqlvars.InTx(db, func() error { return failing(sqlvars.From(db)) }), errTest)
	})
	want(t, "InTx", err, nil)
	r.With = seen(t, db)
	return r
}
