package sqlvars

import (
	"context"
	"database/sql"
	"errors"

	"github.com/gocontextvars/contextvars"
)

// A Querier is what a *sql.DB and a *sql.Tx have in common.
type Querier interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
	PrepareContext(ctx context.Context, query string) (*sql.Stmt, error)
}

// From returns the transaction of db that is live here, or else db itself, for
// functions that are right with either. Ask at each use, and do not keep or hand on what it
// returns: it is about this goroutine, and a transaction that has ended fails with
// sql.ErrTxDone.
//
// It costs a small allocation. Each call lends its context to goroutines that package
// database/sql or the driver may start in it (contextvars.Lend), so that no connection
// holds the values of whoever used it first. The driver's code that runs on this
// goroutine sees the variables as ever. What is called on the rows and statements that
// they return has no such help: if the db was given a lifetime for connections, the first
// one that is given back starts a goroutine, which may be in Close of rows.
func From(db *sql.DB) Querier {
	checkDB(db, "From")
	if l := liveIn(db); l != nil {
		return lending{l.tx}
	}
	return lending{db}
}

// Tx returns the transaction of db that is live here, and false if there is none. Leave
// it to [InTx] to end it: if it is committed or rolled back otherwise, InTx returns an
// error that wraps sql.ErrTxDone.
func Tx(db *sql.DB) (*sql.Tx, bool) {
	checkDB(db, "Tx")
	if l := liveIn(db); l != nil {
		return l.tx, true
	}
	return nil, false
}

// ErrNoTx is what [RequireTx] fails with.
var ErrNoTx = errors.New("sqlvars: no transaction of this *sql.DB is live here; call it inside of InTx(db, ...), " +
	"on the same goroutine: one that was started there, a bound function or a task has no part in the " +
	"transaction, and has to call InTx itself, or hand its results to the goroutine that has it")

// RequireTx is [Tx] for functions that are wrong without a transaction: it fails with
// [ErrNoTx] if there is none.
func RequireTx(db *sql.DB) (*sql.Tx, error) {
	checkDB(db, "RequireTx")
	if l := liveIn(db); l != nil {
		return l.tx, nil
	}
	return nil, ErrNoTx
}

// lending is a Querier whose goroutines hold nothing of the caller's.
type lending struct{ q Querier }

func (l lending) ExecContext(ctx context.Context, query string, args ...any) (r sql.Result, err error) {
	contextvars.Lend(func() { r, err = l.q.ExecContext(ctx, query, args...) })
	return r, err
}

func (l lending) QueryContext(ctx context.Context, query string, args ...any) (r *sql.Rows, err error) {
	contextvars.Lend(func() { r, err = l.q.QueryContext(ctx, query, args...) })
	return r, err
}

func (l lending) QueryRowContext(ctx context.Context, query string, args ...any) (r *sql.Row) {
	contextvars.Lend(func() { r = l.q.QueryRowContext(ctx, query, args...) })
	return r
}

func (l lending) PrepareContext(ctx context.Context, query string) (s *sql.Stmt, err error) {
	contextvars.Lend(func() { s, err = l.q.PrepareContext(ctx, query) })
	return s, err
}
