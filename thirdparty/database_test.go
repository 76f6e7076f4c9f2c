package thirdparty_test

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"runtime"
	"testing"
	"time"

	cv "github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/internal/matrix"
)

// A DB's goroutine that opens connections, in place of callers that wait for one,
// starts in OpenDB: in a program that opens its database when it is
// first used, that is the first user's.

// openedInPlace has the DB that open returns open a connection in place of a caller,
// where user is set to "the waiting caller's", and returns what the driver sees.
func openedInPlace(t *testing.T, open func(driver.Connector) *sql.DB) string {
	t.Helper()
	c := newConnector()
	var db *sql.DB
	user.With("OpenDB's caller's", func() { db = open(c) })
	defer db.Close()
	db.SetMaxOpenConns(1)

	var busy *sql.Conn
	user.With("the caller's", func() { busy, _ = db.Conn(context.Background()) })
	want(t, "the driver sees, called by the caller itself", <-c, "the caller's")
	waited := make(chan error)
	user.With("the waiting caller's", func() { go func() { waited <- use(db) }() })
	for db.Stats().WaitCount == 0 {
		runtime.Gosched()
	}
	busy.Raw(func(any) error { return driver.ErrBadConn })
	busy.Close()
	noError(t, <-waited)
	return <-c
}

func TestDatabaseOpenerWithoutHelp(t *testing.T) {
	got := openedInPlace(t, func(c driver.Connector) *sql.DB { return sql.OpenDB(c) })
	want(t, "the driver sees", got, "OpenDB's caller's")
}

func TestDatabaseOpenerWithLend(t *testing.T) {
	got := openedInPlace(t, func(c driver.Connector) (db *sql.DB) {
		cv.Lend(func() { db = sql.OpenDB(c) })
		return db
	})
	want(t, "the driver sees", got, empty)
}

// firstUse opens a DB and uses it, as the first request might. Besides the
// opener, that starts a goroutine that closes connections that are too old.
func firstUse(t *testing.T) *sql.DB {
	db := sql.OpenDB(newConnector())
	db.SetConnMaxLifetime(time.Hour)
	noError(t, use(db))
	return db
}

func TestDatabaseHoldsWithoutHelp(t *testing.T) {
	var db *sql.DB
	w := holding(func() { db = firstUse(t) })
	wantHeld(t, w)
	noError(t, db.Close())
	wantFree(t, w)
}

// Also where OpenDB was called elsewhere.
func TestDatabaseCleanerHoldsWithoutHelp(t *testing.T) {
	db := sql.OpenDB(newConnector())
	db.SetConnMaxLifetime(time.Hour)
	w := holding(func() { noError(t, use(db)) })
	wantHeld(t, w)
	noError(t, db.Close())
	wantFree(t, w)
}

func TestDatabaseHoldsWithLend(t *testing.T) {
	var db *sql.DB
	w := holding(func() { cv.Lend(func() { db = firstUse(t) }) })
	defer db.Close()
	wantFree(t, w)
}

// Lend is not seen by the driver's code that runs on the caller's goroutine.
func TestDatabaseDriverWithLend(t *testing.T) {
	c := newConnector()
	db := sql.OpenDB(c)
	defer db.Close()
	defer user.Set("the caller's").Restore()
	cv.Lend(func() { noError(t, use(db)) })
	want(t, "the driver sees", <-c, "the caller's")
}

func databaseRows(t *testing.T) []matrix.Row {
	lend := func(c driver.Connector) (db *sql.DB) {
		cv.Lend(func() { db = sql.OpenDB(c) })
		return db
	}
	connecting := func(do func(func())) string {
		c := newConnector()
		db := sql.OpenDB(c)
		defer db.Close()
		user.With("the caller's", func() { do(func() { noError(t, use(db)) }) })
		return <-c
	}
	opener := func(do func(func())) string {
		var db *sql.DB
		w := holding(func() { do(func() { db = sql.OpenDB(newConnector()) }) })
		defer db.Close()
		return holds(w, "OpenDB's caller's")
	}
	cleaner := func(do func(func())) string {
		db := sql.OpenDB(newConnector())
		defer db.Close()
		db.SetConnMaxLifetime(time.Hour)
		w := holding(func() { do(func() { noError(t, use(db)) }) })
		return holds(w, "the first user's")
	}
	call := func(f func()) { f() }
	return []matrix.Row{{
		Where: "the driver, opening a connection for its caller", Module: std, Help: "none needed; `Lend` does not change it",
		Without: connecting(call), With: connecting(cv.Lend),
	}, {
		Where: "the driver, opening a connection in place of a caller that waits", Module: std, Help: "`Lend` around OpenDB",
		Without: openedInPlace(t, func(c driver.Connector) *sql.DB { return sql.OpenDB(c) }),
		With:    openedInPlace(t, lend),
	}, {
		Where: "the goroutine that opens connections", Module: std, Help: "`Lend` around OpenDB",
		Without: opener(call), With: opener(cv.Lend),
	}, {
		Where: "the goroutine that closes old connections", Module: std, Help: "`Lend` around the first use",
		Without: cleaner(call), With: cleaner(cv.Lend),
	}}
}
