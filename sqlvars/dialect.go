package sqlvars

import (
	"database/sql"
	"runtime"
	"sync"
	"weak"

	"github.com/gocontextvars/contextvars"
)

// A Dialect is how a database writes what it does to savepoints. Each text is followed by
// the name of the savepoint, which is unique in its transaction, at most 31 characters
// long, and made of lower-case letters, digits and underscores.
type Dialect struct {
	// Savepoint sets one: "SAVEPOINT ".
	Savepoint string
	// RollbackTo undoes what was done since: "ROLLBACK TO SAVEPOINT ".
	RollbackTo string
	// Release lets go of one: "RELEASE SAVEPOINT ". It is empty if there is no such
	// statement.
	Release string
}

var (
	// Standard is that of the SQL standard, PostgreSQL, MySQL, MariaDB, SQLite and
	// others. It is what a db has that [SetDialect] was not called for.
	Standard = Dialect{"SAVEPOINT ", "ROLLBACK TO SAVEPOINT ", "RELEASE SAVEPOINT "}
	// SQLServer is that of Microsoft SQL Server.
	SQLServer = Dialect{"SAVE TRANSACTION ", "ROLLBACK TRANSACTION ", ""}
	// Oracle is that of Oracle Database.
	Oracle = Dialect{"SAVEPOINT ", "ROLLBACK TO SAVEPOINT ", ""}
)

// dialects has what SetDialect was given, by weak pointer, so that it keeps no DB alive.
var dialects sync.Map // of weak.Pointer[sql.DB] to Dialect

// SetDialect says what savepoints are in db. Call it where db is opened; it counts for
// transactions that begin later. It panics if d cannot set a savepoint or roll back to one.
func SetDialect(db *sql.DB, d Dialect) {
	checkDB(db, "SetDialect")
	if d.Savepoint == "" || d.RollbackTo == "" {
		panic("sqlvars: SetDialect was given a Dialect without Savepoint or RollbackTo; only Release may be empty")
	}
	w := weak.Make(db)
	if _, again := dialects.Swap(w, d); !again {
		// It may start the goroutine that runs cleanups.
		contextvars.Lend(func() {
			runtime.AddCleanup(db, func(w weak.Pointer[sql.DB]) { dialects.Delete(w) }, w)
		})
	}
}

func dialectOf(db *sql.DB) Dialect {
	if d, ok := dialects.Load(weak.Make(db)); ok {
		return d.(Dialect)
	}
	return Standard
}
