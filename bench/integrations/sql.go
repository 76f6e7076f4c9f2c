package main

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"

	_ "modernc.org/sqlite"

	"github.com/gocontextvars/contextvars/sqlvars"
)

// A transaction in which nothing is done, of a driver that does nothing: the least that there is to
// compare with.
var transaction = comparison{
	name:  "sql/empty",
	title: "transaction of a driver that does nothing",
	sides: []side{
		{"BeginTx, Commit", func(b *bed) (loop, error) {
			d := new(idle)
			db := b.openDB(sql.OpenDB(d))
			return d.counted(func() error {
				tx, err := db.BeginTx(context.Background(), nil)
				if err != nil {
					return err
				}
				return tx.Commit()
			}), nil
		}},
		{"sqlvars.InTx", func(b *bed) (loop, error) {
			d := new(idle)
			db := b.openDB(sql.OpenDB(d))
			work := func() error {
				if _, ok := sqlvars.Tx(db); !ok {
					return sqlvars.ErrNoTx
				}
				return nil
			}
			return d.counted(func() error { return sqlvars.InTx(db, work) }), nil
		}},
	},
}

// openDB returns db with one connection, so that it stays open.
func (b *bed) openDB(db *sql.DB) *sql.DB {
	db.SetMaxOpenConns(1)
	b.atEnd(func() { db.Close() })
	return db
}

// idle is a database that counts its commits.
type idle struct{ commits int }

func (d *idle) counted(transaction func() error) loop {
	return func(n int) (right int, err error) {
		d.commits = 0
		for range n {
			if err := transaction(); err != nil {
				return d.commits, err
			}
		}
		return d.commits, nil
	}
}

var errNothing = errors.New("this driver does nothing")

func (d *idle) Driver() driver.Driver                        { return d }
func (d *idle) Open(string) (driver.Conn, error)             { return d, nil }
func (d *idle) Connect(context.Context) (driver.Conn, error) { return d, nil }
func (d *idle) Prepare(string) (driver.Stmt, error)          { return nil, errNothing }
func (d *idle) Close() error                                 { return nil }
func (d *idle) Begin() (driver.Tx, error)                    { return d, nil }
func (d *idle) Commit() error                                { d.commits++; return nil }
func (d *idle) Rollback() error                              { return nil }

func (d *idle) BeginTx(context.Context, driver.TxOptions) (driver.Tx, error) { return d, nil }

// A transaction with one statement, in SQLite's memory.
var sqliteTransaction = comparison{
	name:  "sql/sqlite",
	title: "transaction of SQLite in memory, one UPDATE",
	sides: []side{
		{"BeginTx, Exec, Commit", func(b *bed) (loop, error) {
			db, err := b.openSQLite()
			return updated(db, func(ctx context.Context) error {
				tx, err := db.BeginTx(ctx, nil)
				if err != nil {
					return err
				}
				if _, err := tx.ExecContext(ctx, update); err != nil {
					return errors.Join(err, tx.Rollback())
				}
				return tx.Commit()
			}), err
		}},
		{"sqlvars.InTx, From", func(b *bed) (loop, error) {
			db, err := b.openSQLite()
			return updated(db, func(ctx context.Context) error {
				return sqlvars.InTx(db, func() error {
					_, err := sqlvars.From(db).ExecContext(ctx, update)
					return err
				})
			}), err
		}},
	},
}

const update = "UPDATE t SET n = n + 1"

func (b *bed) openSQLite() (*sql.DB, error) {
	db, err := sql.Open("sqlite", ":memory:")
	if err != nil {
		return nil, err
	}
	b.openDB(db)
	_, err = db.Exec("CREATE TABLE t (n INTEGER); INSERT INTO t VALUES (0)")
	return db, err
}

// updated counts what the transactions have left in the database.
func updated(db *sql.DB, transaction func(context.Context) error) loop {
	count := func() (n int, err error) {
		return n, db.QueryRow("SELECT n FROM t").Scan(&n)
	}
	return func(n int) (right int, err error) {
		before, err := count()
		if err != nil {
			return 0, err
		}
		for range n {
			if err := transaction(context.Background()); err != nil {
				return 0, err
			}
		}
		after, err := count()
		return after - before, err
	}
}
