package realdb

import (
	"testing"

	"github.com/gocontextvars/contextvars/sqlvars"
)

// A transaction with a statement and a savepoint in it, by hand and with InTx.
func BenchmarkTransaction(b *testing.B) {
	const update = "UPDATE sqlvars_test_words SET word = 'x' WHERE id = 1"
	b.Run("by hand", func(b *testing.B) {
		db := openSQLite(b)
		for b.Loop() {
			tx, err := db.BeginTx(ctx, nil)
			if err != nil {
				b.Fatal(err)
			}
			for _, statement := range []string{update, "SAVEPOINT x", update, "RELEASE SAVEPOINT x"} {
				if _, err := tx.ExecContext(ctx, statement); err != nil {
					b.Fatal(err)
				}
			}
			if err := tx.Commit(); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("InTx", func(b *testing.B) {
		db := openSQLite(b)
		change := func() error {
			_, err := sqlvars.From(db).ExecContext(ctx, update)
			return err
		}
		for b.Loop() {
			err := sqlvars.InTx(db, func() error {
				if err := change(); err != nil {
					return err
				}
				return sqlvars.InTx(db, change)
			})
			if err != nil {
				b.Fatal(err)
			}
		}
	})
}
