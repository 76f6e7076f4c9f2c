package realdb

import (
	"context"
	"database/sql"
	"errors"
	"runtime"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/gocontextvars/contextvars/sqlvars"
)

func TestEnds(t *testing.T) {
	each(t, func(t *testing.T, db *sql.DB) {
		for _, c := range []struct {
			word string
			end  func() error
			kept bool
		}{
			{"kept", func() error { return nil }, true},
			{"error", func() error { return errTest }, false},
			{"panic", func() error { panic(errTest) }, false},
			{"Goexit", func() error { runtime.Goexit(); return nil }, false},
		} {
			before := words(t, db)
			done := make(chan bool)
			go func() {
				defer close(done)
				defer func() { recover() }()
				sqlvars.InTx(db, func() error {
					insert(t, db, c.word)
					want(t, "seen inside", strings.HasSuffix(words(t, sqlvars.From(db)), c.word), true)
					return c.end()
				})
			}()
			<-done
			want(t, c.word, words(t, db) != before, c.kept)
		}
		want(t, "words", words(t, db), "kept")
	})
}

func TestNested(t *testing.T) {
	each(t, func(t *testing.T, db *sql.DB) {
		err := within(db, func() {
			insert(t, db, "a")
			want(t, "nested", within(db, func() {
				insert(t, db, "b")
				want(t, "nested twice", sqlvars.InTx(db, func() error { insert(t, db, "c"); return errTest }), errTest)
				insert(t, db, "d")
			}), nil)
			want(t, "panic", panicOf(func() {
				within(db, func() {
					insert(t, db, "e")
					within(db, func() { insert(t, db, "f") })
					panic(errTest)
				})
			}), any(errTest))
			want(t, "seen inside", words(t, sqlvars.From(db)), "a b d")
			insert(t, db, "g")
		})
		want(t, "error", err, nil)
		want(t, "words", words(t, db), "a b d g")
	})
}

// A statement that fails in a nested transaction leaves the outer one usable. In PostgreSQL
// it is the savepoint that does it.
func TestStatementFails(t *testing.T) {
	each(t, func(t *testing.T, db *sql.DB) {
		err := within(db, func() {
			insert(t, db, "a")
			err := sqlvars.InTx(db, func() error {
				insert(t, db, "b")
				return tryInsert(db, "a") // words are unique
			})
			want(t, "nested fails", err != nil, true)
			insert(t, db, "c")
		})
		want(t, "error", err, nil)
		want(t, "words", words(t, db), "a c")
	})
}

// PostgreSQL refuses everything after a statement has failed, so a nested transaction that
// goes on as if nothing had happened cannot be kept; that is reported, and undone.
func TestStatementFailsAndIsIgnored(t *testing.T) {
	db := openPostgres(t)
	err := within(db, func() {
		insert(t, db, "a")
		err := within(db, func() { insert(t, db, "b"); tryInsert(db, "a") })
		want(t, "nested fails", err != nil && strings.HasPrefix(err.Error(), "sqlvars: release of a savepoint: "), true)
		insert(t, db, "c")
	})
	want(t, "error", err, nil)
	want(t, "words", words(t, db), "a c")

	err = within(db, func() { tryInsert(db, "a") })
	want(t, "outermost fails", err != nil && strings.HasPrefix(err.Error(), "sqlvars: commit: "), true)
}

func TestContextCancelled(t *testing.T) {
	each(t, func(t *testing.T, db *sql.DB) {
		ctx, cancel := context.WithCancel(ctx)
		err := sqlvars.InTxContext(ctx, db, nil, func() error {
			insert(t, db, "a")
			cancel()
			return nil
		})
		want(t, "is Canceled", errors.Is(err, context.Canceled), true)
		for db.Stats().InUse > 0 {
			runtime.Gosched() // database/sql rolls back
		}
		want(t, "words", words(t, db), "")
	})
}

func TestContextOfNestedCancelled(t *testing.T) {
	each(t, func(t *testing.T, db *sql.DB) {
		err := within(db, func() {
			insert(t, db, "a")
			ctx, cancel := context.WithCancel(ctx)
			err := sqlvars.InTxContext(ctx, db, nil, func() error {
				insert(t, db, "b")
				cancel()
				return nil
			})
			want(t, "is Canceled", errors.Is(err, context.Canceled), true)
			insert(t, db, "c")
		})
		want(t, "error", err, nil)
		want(t, "words", words(t, db), "a c")
	})
}

func TestReadOnly(t *testing.T) {
	db := openPostgres(t)
	err := sqlvars.InTxContext(ctx, db, &sql.TxOptions{ReadOnly: true}, func() error {
		return within(db, func() {
			if tryInsert(db, "a") == nil {
				t.Error("can write")
			}
		})
	})
	want(t, "fails", err != nil, true)
}

// What fails for the sake of another transaction is rolled back, and not tried again.
func TestSerializationFailure(t *testing.T) {
	db := openPostgres(t)
	serializable := &sql.TxOptions{Isolation: sql.LevelSerializable}
	calls := 0
	err := sqlvars.InTxContext(ctx, db, serializable, func() error {
		calls++
		words(t, sqlvars.From(db))
		done := make(chan error)
		go func() {
			done <- sqlvars.InTxContext(ctx, db, serializable, func() error {
				words(t, sqlvars.From(db))
				return tryInsert(db, "b")
			})
		}()
		want(t, "the other one", <-done, nil)
		return tryInsert(db, "a")
	})
	var pgErr *pgconn.PgError
	want(t, "is a serialization failure", errors.As(err, &pgErr) && pgErr.Code == "40001", true)
	want(t, "calls", calls, 1)
	want(t, "words", words(t, db), "b")
}

func TestGoroutineSeesWhatIsCommitted(t *testing.T) {
	each(t, func(t *testing.T, db *sql.DB) {
		insert(t, db, "a")
		err := within(db, func() {
			insert(t, db, "b")
			saw := make(chan string)
			go func() { saw <- words(t, sqlvars.From(db)) }()
			want(t, "the goroutine sees", <-saw, "a")
			want(t, "the transaction sees", words(t, sqlvars.From(db)), "a b")
		})
		want(t, "error", err, nil)
	})
}
