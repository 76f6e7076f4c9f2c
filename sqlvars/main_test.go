package sqlvars_test

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"testing"

	"github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/sqlvars"
)

var user = contextvars.New[string]("user")

var errTest = errors.New("the test's error")

func want[T comparable](t *testing.T, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
}

// wantError fails unless err has the text in it and is all of these.
func wantError(t *testing.T, err error, text string, are ...error) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), text) {
		t.Errorf("error: %v, want %q in it", err, text)
	}
	for _, is := range are {
		if !errors.Is(err, is) {
			t.Errorf("error: %v, want it to be %v", err, is)
		}
	}
}

// insert adds a row by way of From.
func insert(t testing.TB, db *sql.DB, word string) {
	t.Helper()
	if _, err := sqlvars.From(db).ExecContext(context.Background(), "INSERT "+word); err != nil {
		t.Errorf("INSERT %s: %v", word, err)
	}
}

// selected returns the rows that are seen by way of From.
func selected(t testing.TB, db *sql.DB) string {
	t.Helper()
	rows, err := sqlvars.From(db).QueryContext(context.Background(), "SELECT")
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

// elsewhere calls f on a goroutine of its own, which inherits, and waits for it.
func elsewhere(f func()) {
	done := make(chan bool)
	go func() {
		defer close(done)
		f()
	}()
	<-done
}

// panicOf returns what f panics with, nil if it does not.
func panicOf(f func()) (p any) {
	defer func() { p = recover() }()
	f()
	return nil
}
