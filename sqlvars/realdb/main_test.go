package realdb

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib"
	"go.uber.org/goleak"
	_ "modernc.org/sqlite"

	"github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/sqlvars"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var errTest = errors.New("the test's error")

var ctx = context.Background()

func openSQLite(t testing.TB) *sql.DB {
	return open(t, "sqlite", "file:"+filepath.Join(t.TempDir(), "test.db")+
		"?_pragma=journal_mode(wal)&_pragma=busy_timeout(10000)&_pragma=synchronous(off)")
}

func openPostgres(t testing.TB) *sql.DB {
	dsn := os.Getenv("SQLVARS_POSTGRES")
	if dsn == "" {
		t.Skip("SQLVARS_POSTGRES does not say where a PostgreSQL server is")
	}
	return open(t, "pgx", dsn)
}

// open returns a db with the empty table sqlvars_test_words.
func open(t testing.TB, driver, dsn string) *sql.DB {
	t.Helper()
	// The goroutine that opens connections is not to be that of a test.
	var db *sql.DB
	var err error
	contextvars.Lend(func() { db, err = sql.Open(driver, dsn) })
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		db.Exec("DROP TABLE IF EXISTS sqlvars_test_words")
		if n := db.Stats().InUse; n != 0 {
			t.Errorf("%d connections are in use", n)
		}
		db.Close()
	})
	for _, statement := range []string{
		"DROP TABLE IF EXISTS sqlvars_test_words",
		"CREATE TABLE sqlvars_test_words (id SERIAL, word TEXT NOT NULL UNIQUE)",
	} {
		if driver == "sqlite" {
			statement = strings.Replace(statement, "SERIAL", "INTEGER PRIMARY KEY AUTOINCREMENT", 1)
		}
		if _, err := db.Exec(statement); err != nil {
			t.Fatal(err)
		}
	}
	return db
}

// each runs a test with each database.
func each(t *testing.T, test func(t *testing.T, db *sql.DB)) {
	t.Run("SQLite", func(t *testing.T) { test(t, openSQLite(t)) })
	t.Run("PostgreSQL", func(t *testing.T) { test(t, openPostgres(t)) })
}

func tryInsert(db *sql.DB, word string) error {
	_, err := sqlvars.From(db).ExecContext(ctx, "INSERT INTO sqlvars_test_words (word) VALUES ($1)", word)
	return err
}

func insert(t testing.TB, db *sql.DB, word string) {
	t.Helper()
	if err := tryInsert(db, word); err != nil {
		t.Errorf("INSERT of %s: %v", word, err)
	}
}

// words returns what is seen of the table by way of q, as one text.
func words(t testing.TB, q sqlvars.Querier) string {
	t.Helper()
	rows, err := q.QueryContext(ctx, "SELECT word FROM sqlvars_test_words ORDER BY id")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var all []string
	for rows.Next() {
		var word string
		if err := rows.Scan(&word); err != nil {
			t.Fatal(err)
		}
		all = append(all, word)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return strings.Join(all, " ")
}

func want[T comparable](t testing.TB, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
}

// within calls f in a transaction that commits, and returns the error of InTx.
func within(db *sql.DB, f func()) error {
	return sqlvars.InTx(db, func() error { f(); return nil })
}

// panicOf returns what f panics with, nil if it does not.
func panicOf(f func()) (p any) {
	defer func() { p = recover() }()
	f()
	return nil
}
