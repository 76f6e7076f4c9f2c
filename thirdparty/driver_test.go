package thirdparty_test

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
)

// connector is a database whose connections do nothing. It sends what it
// sees where it opens one.
type connector chan string

func newConnector() connector { return make(connector, 8) }

func (c connector) Connect(context.Context) (driver.Conn, error) {
	c <- sees()
	return connection{}, nil
}

func (c connector) Driver() driver.Driver { return c }

func (c connector) Open(string) (driver.Conn, error) { return c.Connect(context.Background()) }

type connection struct{}

var errNotThere = errors.New("this database only has connections")

func (connection) Prepare(string) (driver.Stmt, error) { return nil, errNotThere }
func (connection) Begin() (driver.Tx, error)           { return nil, errNotThere }
func (connection) Close() error                        { return nil }

// use opens and gives back a connection, as any call of db does.
func use(db *sql.DB) error {
	c, err := db.Conn(context.Background())
	if err != nil {
		return err
	}
	return c.Close()
}
