package sqlvars

import (
	"context"
	"database/sql"
	"errors"
)

// InTx calls f in a transaction of db. It commits if f returns nil, and rolls back if f
// returns an error, panics or calls runtime.Goexit. The panic goes on its way with its value
// and stack. While f runs, [From] and [Tx] find the transaction on this goroutine.
//
// If a transaction of db is live here already, InTx sets a savepoint in it instead, and
// f's work is kept when f returns nil, until the outer transaction decides; otherwise
// it alone is undone.
//
// An error of f's is returned as it is, and with another one by errors.Join if it could
// not be rolled back. After a panic such an error has no way out and is lost. All others
// begin with "sqlvars:" and wrap that of package database/sql: if f or what it called has
// ended the transaction itself, sql.ErrTxDone. If it is the undoing of a savepoint that
// fails, the outer InTx will not commit, whatever its f returns.
func InTx(db *sql.DB, f func() error) error {
	checkCall(db, f == nil, "InTx")
	return inTx(context.Background(), db, nil, f)
}

// InTxContext is [InTx] with a ctx and options for the transaction; nil options are the
// default ones. When ctx is cancelled before f has returned, the transaction is rolled
// back, and InTxContext returns f's error, or else one that wraps ctx.Err(). f has to use
// ctx itself if what it does is to end early.
//
// For a nested call ctx is about the savepoint: when it is cancelled, the outer
// transaction may go on. The options of a nested call must be what the transaction has,
// since neither its isolation level nor whether it is read-only can be changed for a part
// of it: nil, or the same ReadOnly, and the same Isolation or sql.LevelDefault. Otherwise
// the call fails with an [*OptionsError] and f is not called.
func InTxContext(ctx context.Context, db *sql.DB, opts *sql.TxOptions, f func() error) error {
	if ctx == nil {
		panic("sqlvars: InTxContext was given a nil context.Context; use context.Background()")
	}
	checkCall(db, f == nil, "InTxContext")
	return inTx(ctx, db, opts, f)
}

func inTx(ctx context.Context, db *sql.DB, opts *sql.TxOptions, f func() error) error {
	l, err := open(ctx, db, opts)
	if err != nil {
		return err
	}
	returned := false
	defer func() {
		if !returned { // f panics, or ends the goroutine
			l.end(errUnwound)
		}
	}()
	live.With(l, func() { err = f() })
	returned = true
	return l.end(err)
}

// errUnwound stands for f's error where f does not return.
var errUnwound = errors.New("sqlvars: unwound")

func checkCall(db *sql.DB, noFunc bool, call string) {
	checkDB(db, call)
	if noFunc {
		panic("sqlvars: " + call + " was given a nil func")
	}
}

func checkDB(db *sql.DB, call string) {
	if db == nil {
		panic("sqlvars: " + call + " was given a nil *sql.DB")
	}
}
