package sqlvars_test

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"testing"
)

// engine is a database with one table of one column, in memory. It knows INSERT with a word,
// SELECT, savepoints and transactions, and does what a test tells it to do.
type engine struct {
	mu   sync.Mutex
	rows []string // those that are committed
	log  []string // of statements, with what the driver sees of user, if it sees something

	// fail is asked before each statement, BEGIN, COMMIT and ROLLBACK among them.
	fail func(statement string) error
	// connected is called when a connection is made.
	connected func()
}

func newEngine(t testing.TB) (*engine, *sql.DB) {
	e := &engine{}
	db := sql.OpenDB(e)
	t.Cleanup(func() { db.Close() })
	return e, db
}

// took returns the statements since it was last asked.
func (e *engine) took() string {
	e.mu.Lock()
	defer e.mu.Unlock()
	log := strings.Join(e.log, "; ")
	e.log = nil
	return log
}

// committed returns the rows that are committed.
func (e *engine) committed() string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return strings.Join(e.rows, " ")
}

// failOn has statements with this beginning fail.
func (e *engine) failOn(beginning string, err error) {
	e.fail = func(statement string) error {
		if strings.HasPrefix(statement, beginning) {
			return err
		}
		return nil
	}
}

func (e *engine) Driver() driver.Driver            { return e }
func (e *engine) Open(string) (driver.Conn, error) { return e.Connect(context.Background()) }
func (e *engine) Connect(context.Context) (driver.Conn, error) {
	if e.connected != nil {
		e.connected()
	}
	return &conn{engine: e}, nil
}

type conn struct {
	*engine
	inTx  bool
	tx    []string // the transaction's own rows
	saves []save
}

type save struct {
	name string
	rows int
}

var errSyntax = errors.New("the test's database does not know this")

func (c *conn) Prepare(query string) (driver.Stmt, error) { return &stmt{c, query}, nil }
func (c *conn) Close() error                              { return nil }
func (c *conn) Begin() (driver.Tx, error)                 { return nil, errSyntax }

func (c *conn) BeginTx(_ context.Context, opts driver.TxOptions) (driver.Tx, error) {
	statement := "BEGIN"
	if opts.Isolation != 0 {
		statement += " " + sql.IsolationLevel(opts.Isolation).String()
	}
	if opts.ReadOnly {
		statement += " READ ONLY"
	}
	if err := c.do(statement, func() error { c.inTx = true; return nil }); err != nil {
		return nil, err
	}
	return c, nil
}

func (c *conn) Commit() error {
	defer c.ended()
	return c.do("COMMIT", func() error { c.rows = append(c.rows, c.tx...); return nil })
}

func (c *conn) Rollback() error {
	defer c.ended()
	return c.do("ROLLBACK", func() error { return nil })
}

func (c *conn) ended() { c.inTx, c.tx, c.saves = false, nil, nil }

// do does a statement, unless it is to fail.
func (c *conn) do(statement string, f func() error) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	entry := statement
	if u := user.Get(); u != "" {
		entry += " by " + u
	}
	c.log = append(c.log, entry)
	if c.fail != nil {
		if err := c.fail(statement); err != nil {
			return err
		}
	}
	return f()
}

func (c *conn) ExecContext(ctx context.Context, query string, _ []driver.NamedValue) (driver.Result, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return driver.ResultNoRows, c.do(query, func() error {
		verb, name := query[:strings.LastIndex(query, " ")], query[strings.LastIndex(query, " ")+1:]
		switch verb {
		case "INSERT":
			if c.inTx {
				c.tx = append(c.tx, name)
			} else {
				c.rows = append(c.rows, name)
			}
			return nil
		case "SAVEPOINT", "SAVE TRANSACTION":
			c.saves = append(c.saves, save{name, len(c.tx)})
			return nil
		}
		i := slices.IndexFunc(c.saves, func(s save) bool { return s.name == name })
		if i < 0 {
			return fmt.Errorf("no savepoint %s", name)
		}
		switch verb {
		case "RELEASE SAVEPOINT":
			c.saves = c.saves[:i]
		case "ROLLBACK TO SAVEPOINT", "ROLLBACK TRANSACTION":
			c.tx = c.tx[:c.saves[i].rows]
			c.saves = c.saves[:i+1]
		default:
			return errSyntax
		}
		return nil
	})
}

func (c *conn) QueryContext(_ context.Context, query string, _ []driver.NamedValue) (driver.Rows, error) {
	var all []string
	err := c.do(query, func() error { all = append(slices.Clone(c.rows), c.tx...); return nil })
	return &rows{all}, err
}

type rows struct{ left []string }

func (*rows) Columns() []string { return []string{"word"} }
func (*rows) Close() error      { return nil }
func (r *rows) Next(dest []driver.Value) error {
	if len(r.left) == 0 {
		return io.EOF
	}
	dest[0], r.left = r.left[0], r.left[1:]
	return nil
}

type stmt struct {
	*conn
	query string
}

func (s *stmt) Close() error                               { return nil }
func (s *stmt) NumInput() int                              { return 0 }
func (s *stmt) Exec([]driver.Value) (driver.Result, error) { return nil, errSyntax }
func (s *stmt) Query([]driver.Value) (driver.Rows, error)  { return nil, errSyntax }
func (s *stmt) ExecContext(ctx context.Context, _ []driver.NamedValue) (driver.Result, error) {
	return s.conn.ExecContext(ctx, s.query, nil)
}
