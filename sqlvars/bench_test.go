package sqlvars_test

import (
	"context"
	"testing"

	"github.com/gocontextvars/contextvars/sqlvars"
)

// Beside each there is the same by hand. The database does next to nothing, so that
// what is to be seen is what package sqlvars adds.

func BenchmarkTransaction(b *testing.B) {
	e, db := newEngine(b)
	ctx := context.Background()
	b.Run("by hand", func(b *testing.B) {
		user.Set("ann")
		b.ReportAllocs()
		for b.Loop() {
			tx, err := db.BeginTx(ctx, nil)
			if err != nil {
				b.Fatal(err)
			}
			if err := tx.Commit(); err != nil {
				b.Fatal(err)
			}
			e.log = e.log[:0]
		}
	})
	b.Run("InTx", func(b *testing.B) {
		user.Set("ann")
		b.ReportAllocs()
		for b.Loop() {
			if err := sqlvars.InTx(db, func() error { return nil }); err != nil {
				b.Fatal(err)
			}
			e.log = e.log[:0]
		}
	})
}

func BenchmarkNested(b *testing.B) {
	e, db := newEngine(b)
	ctx := context.Background()
	b.Run("by hand", func(b *testing.B) {
		tx, err := db.BeginTx(ctx, nil)
		if err != nil {
			b.Fatal(err)
		}
		defer tx.Rollback()
		b.ReportAllocs()
		for b.Loop() {
			for _, statement := range []string{"SAVEPOINT x", "RELEASE SAVEPOINT x"} {
				if _, err := tx.ExecContext(ctx, statement); err != nil {
					b.Fatal(err)
				}
			}
			e.log = e.log[:0]
		}
	})
	b.Run("InTx", func(b *testing.B) {
		b.ReportAllocs()
		sqlvars.InTx(db, func() error {
			for b.Loop() {
				if err := sqlvars.InTx(db, func() error { return nil }); err != nil {
					b.Fatal(err)
				}
				e.log = e.log[:0]
			}
			return nil
		})
	})
}

func BenchmarkExec(b *testing.B) {
	e, db := newEngine(b)
	ctx := context.Background()
	e.failOn("INSERT", context.Canceled) // so that the table does not grow
	b.Run("tx", func(b *testing.B) {
		tx, err := db.BeginTx(ctx, nil)
		if err != nil {
			b.Fatal(err)
		}
		defer tx.Rollback()
		user.Set("ann")
		b.ReportAllocs()
		for b.Loop() {
			tx.ExecContext(ctx, "INSERT a")
			e.log = e.log[:0]
		}
	})
	b.Run("From", func(b *testing.B) {
		user.Set("ann")
		b.ReportAllocs()
		within(db, func() {
			for b.Loop() {
				sqlvars.From(db).ExecContext(ctx, "INSERT a")
				e.log = e.log[:0]
			}
		})
	})
}
