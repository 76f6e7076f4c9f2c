package sqlvars_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/sqlvars"
)

// What the examples use: the database of the tests, which is in memory, and has one table.

func openExample() *sql.DB { return sql.OpenDB(&engine{}) }

func addWord(db *sql.DB, word string) error {
	_, err := sqlvars.From(db).ExecContext(context.Background(), "INSERT "+word)
	return err
}

func count(db *sql.DB) (n int) {
	rows, err := sqlvars.From(db).QueryContext(context.Background(), "SELECT")
	if err != nil {
		panic(err)
	}
	defer rows.Close()
	for rows.Next() {
		n++
	}
	return n
}

// How do functions that call each other work in one transaction without passing it on?
func ExampleInTx() {
	db := openExample()
	defer db.Close()
	err := sqlvars.InTx(db, func() error {
		if err := addWord(db, "one"); err != nil {
			return err
		}
		return errors.New("no second word")
	})
	fmt.Println(err, count(db))

	err = sqlvars.InTx(db, func() error {
		return errors.Join(addWord(db, "one"), addWord(db, "two"))
	})
	fmt.Println(err, count(db))
	// Output:
	// no second word 0
	// <nil> 2
}

// How do I try something in a transaction, and go on if it fails?
func ExampleInTx_nested() {
	db := openExample()
	defer db.Close()
	err := sqlvars.InTx(db, func() error {
		addWord(db, "order")
		if err := sqlvars.InTx(db, func() error {
			addWord(db, "discount")
			return errors.New("no such discount")
		}); err != nil {
			fmt.Println("without it:", err)
		}
		return nil
	})
	fmt.Println(err, count(db))
	// Output:
	// without it: no such discount
	// <nil> 1
}

// How do I say that a transaction only reads, or when to give up?
func ExampleInTxContext() {
	db := openExample()
	defer db.Close()
	ctx, cancel := context.WithCancel(context.Background())
	err := sqlvars.InTxContext(ctx, db, &sql.TxOptions{ReadOnly: true}, func() error {
		fmt.Println(count(db))
		cancel()
		return nil
	})
	fmt.Println(errors.Is(err, context.Canceled))
	// Output:
	// 0
	// true
}

// How do I write something that stays when the transaction is rolled back?
func ExampleInTx_independent() {
	db := openExample()
	defer db.Close()
	err := sqlvars.InTx(db, func() error {
		addWord(db, "order")
		contextvars.CopyContext().Run(func() { // has the variables, but not the transaction
			addWord(db, "attempt")
		})
		return errors.New("out of stock")
	})
	fmt.Println(err, count(db))
	// Output: out of stock 1
}

// What does a goroutine have that was started in a transaction?
func ExampleRequireTx() {
	db := openExample()
	defer db.Close()
	sqlvars.InTx(db, func() error {
		_, err := sqlvars.RequireTx(db)
		fmt.Println("here:", err)
		done := make(chan error)
		go func() {
			_, err := sqlvars.RequireTx(db)
			done <- err
		}()
		fmt.Println("goroutine:", errors.Is(<-done, sqlvars.ErrNoTx))
		return nil
	})
	// Output:
	// here: <nil>
	// goroutine: true
}

// How do I use nested transactions with a database that has other words for savepoints?
func ExampleSetDialect() {
	db := openExample() // sql.Open("sqlserver", ...)
	defer db.Close()
	sqlvars.SetDialect(db, sqlvars.SQLServer)
	fmt.Println(sqlvars.InTx(db, func() error {
		return sqlvars.InTx(db, func() error { return addWord(db, "one") })
	}))
	// Output: <nil>
}
