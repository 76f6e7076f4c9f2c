package sqlvars

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"

	"github.com/gocontextvars/contextvars"
)

// live is the innermost InTx here, of any db.
var live = contextvars.New[*level]("sqlvars.live", contextvars.Local())

// A transaction is what all the levels of one have in common. Only whoever has it in live
// touches it.
type transaction struct {
	db        *sql.DB
	tx        *sql.Tx
	opts      sql.TxOptions
	dialect   Dialect
	innermost *level // the last one that is open; they end in the opposite order
	names     int    // of savepoints, so far
}

// A level is one InTx: a transaction, or a savepoint in it.
type level struct {
	*transaction
	ctx    context.Context
	around *level // what was live when it began, of any db
	below  *level // of the same transaction, nil for the transaction itself
	name   string // of the savepoint
	// broken says why what is done in this level must not be kept.
	broken error
	closed bool // no longer open
	ended  bool // f is over; usually at the same time
}

// String is for people and tools that show what a Context holds, from any goroutine.
func (l *level) String() string {
	if l.name == "" {
		return "transaction"
	}
	return "savepoint " + l.name
}

// liveIn returns the innermost level of db here, nil if there is none.
func liveIn(db *sql.DB) *level {
	l := live.Get()
	// Tasks that share a Context may leave there what another one has ended.
	for l != nil && (l.ended || l.db != db) {
		l = l.around
	}
	return l
}

func open(ctx context.Context, db *sql.DB, opts *sql.TxOptions) (*level, error) {
	if l := liveIn(db); l != nil {
		return l.savepoint(ctx, opts)
	}
	return begin(ctx, db, opts)
}

func begin(ctx context.Context, db *sql.DB, opts *sql.TxOptions) (*level, error) {
	t := &transaction{db: db, dialect: dialectOf(db)}
	if opts != nil {
		t.opts = *opts
	}
	var err error
	contextvars.Lend(func() { t.tx, err = db.BeginTx(ctx, opts) })
	if err != nil {
		return nil, fmt.Errorf("sqlvars: begin: %w", err)
	}
	t.innermost = &level{transaction: t, ctx: ctx, around: live.Get()}
	return t.innermost, nil
}

func (l *level) savepoint(ctx context.Context, opts *sql.TxOptions) (*level, error) {
	if err := l.fits(opts); err != nil {
		return nil, err
	}
	if l.innermost != l {
		return nil, errStillOpen
	}
	l.names++
	s := &level{transaction: l.transaction, ctx: ctx, around: live.Get(), below: l,
		name: "contextvars_" + strconv.Itoa(l.names)}
	if err := s.exec(ctx, s.dialect.Savepoint); err != nil {
		return nil, fmt.Errorf("sqlvars: savepoint: %w", err)
	}
	s.innermost = s
	return s, nil
}

// These are about two who have one transaction and take turns: a generator of
// contextvars.Isolate and its consumer, or tasks that share a Context.
var (
	errStillOpen = errors.New("sqlvars: a nested InTx of a generator, or of a task in the same Context, is " +
		"still open; it has to end before InTx is called, or ends, outside of it")
	errOutlived = errors.New("sqlvars: the InTx around this one has ended before it, and rolled back")
)

// end keeps or undoes what the level has done, after f has returned err.
func (l *level) end(err error) error {
	l.ended = true
	// Goroutines that f has started may hold the level as long as they live.
	defer func() { l.transaction, l.ctx, l.below, l.broken = nil, nil, nil, nil }()
	if l.closed {
		return join(errOutlived, err) // and all of it is undone already
	}
	alone := l.close()
	switch {
	case err != nil:
	case !alone:
		err = errStillOpen
	case l.broken != nil:
		err = fmt.Errorf("sqlvars: not kept, since part of it could not be undone: %w", l.broken)
	default:
		var ended bool
		if ended, err = l.keep(); ended {
			return err
		}
	}
	return join(err, l.undo())
}

// close takes the level, and what is open on top of it, from those that are open. It returns
// false if that was not the level alone.
func (l *level) close() (alone bool) {
	alone = l.innermost == l
	for !l.closed {
		l.innermost.closed = true
		l.innermost = l.innermost.below
	}
	return alone
}

// keep commits the transaction, or releases the savepoint. It returns true if that has put
// an end to it, and false if it has to be undone.
func (l *level) keep() (ended bool, err error) {
	if l.below == nil {
		contextvars.Lend(func() { err = l.tx.Commit() })
		if err == nil {
			return true, nil
		}
		if e := l.ctx.Err(); e != nil && !errors.Is(err, e) {
			err = errors.Join(e, err) // it is by chance which of the two Commit returns
		}
		return true, fmt.Errorf("sqlvars: commit: %w", err)
	}
	if err := l.ctx.Err(); err != nil {
		return false, fmt.Errorf("sqlvars: savepoint not kept: %w", err)
	}
	if l.dialect.Release == "" {
		return true, nil
	}
	if err := l.exec(context.WithoutCancel(l.ctx), l.dialect.Release); err != nil {
		return false, fmt.Errorf("sqlvars: release of a savepoint: %w", err)
	}
	return true, nil
}

// undo rolls back the transaction, or what was done since the savepoint.
func (l *level) undo() (err error) {
	if l.below == nil {
		contextvars.Lend(func() { err = l.tx.Rollback() })
		if errors.Is(err, sql.ErrTxDone) && l.ctx.Err() != nil {
			return nil // package database/sql has rolled back
		}
		if err != nil {
			err = fmt.Errorf("sqlvars: rollback: %w", err)
		}
		return err
	}
	// Also and in particular when ctx is cancelled.
	ctx := context.WithoutCancel(l.ctx)
	broken := l.below.broken
	l.below.broken = errUnwound // if the driver panics
	switch err := l.exec(ctx, l.dialect.RollbackTo); {
	case errors.Is(err, sql.ErrTxDone):
		l.below.broken = broken
		return nil // there is nothing left to undo, as the outermost InTx is going to say
	case err != nil:
		err = fmt.Errorf("sqlvars: rollback to a savepoint: %w", err)
		l.below.broken = err
		return err
	}
	l.below.broken = broken
	if l.dialect.Release != "" {
		if err := l.exec(ctx, l.dialect.Release); err != nil {
			return fmt.Errorf("sqlvars: release of a savepoint that was rolled back to: %w", err)
		}
	}
	return nil
}

func (l *level) exec(ctx context.Context, statement string) (err error) {
	contextvars.Lend(func() { _, err = l.tx.ExecContext(ctx, statement+l.name) })
	return err
}

// join is errors.Join that leaves an error as it is that is alone.
func join(err, also error) error {
	if also == nil {
		return err
	}
	return errors.Join(err, also)
}
