// Package sqlvars keeps the transaction that is live on the running goroutine in a context
// variable, so that functions need not pass a *sql.Tx to each other and cannot forget to:
//
//	err := sqlvars.InTx(db, func() error {
//		if err := withdraw(ann, 10); err != nil {
//			return err // all is rolled back
//		}
//		return deposit(bob, 10) // nil commits
//	})
//
//	func deposit(to string, sum int) error {
//		_, err := sqlvars.From(db).ExecContext(ctx, "UPDATE accounts ...", sum, to)
//		return err // in the transaction if there is one, else by itself
//	}
//
// An [InTx] inside another one of the same db is a savepoint in its transaction: if it
// fails, only what it has done is undone, and the outer one may go on. Those of different
// DBs lie side by side and know nothing of each other; nothing makes their commits one.
//
// # Who has the transaction
//
// The goroutine that InTx was called on has it, while f runs, in the context that InTx
// was called in. The variable has the option contextvars.Local, so nobody else sees it: a
// goroutine that f starts, a function that was bound (also if it is called on this
// goroutine), an asyncio task, and what runs in another Context have no transaction.
// There [From] returns the db, [InTx] begins a transaction of its own, and [RequireTx]
// fails and says what to do. That is as it should be: a transaction is one connection,
// which does one thing at a time, and it may be over when the goroutine comes to use it.
// A generator of contextvars.Isolate has its consumer's, one of IsolatePull has none.
//
// It is also how to write something that has to stay if the transaction is rolled back:
//
//	contextvars.CopyContext().Run(func() { err = sqlvars.InTx(db, writeAuditLog) })
//
// which has the caller's variables but not its transaction. It takes a second connection,
// and waits for ever if the db may not have more than one, or if the first transaction
// has locked what the second one needs.
//
// # What it costs
//
// InTx adds some two microseconds to a transaction, and a nested one is two or three
// statements and one microsecond. [From] costs a small allocation, and each call of what
// it returns some 500 ns more than without. For comparison: a transaction of SQLite on
// the same machine, with two updates and a savepoint, takes twenty microseconds.
//
// Connections and the goroutines that package database/sql and drivers start for them
// hold nothing of the caller's: they are started in a call of contextvars.Lend. What is
// called on the *sql.DB or *sql.Tx directly has no such help.
//
// # What it does not promise
//
// A transaction that fails because of another one (a serialization failure, a deadlock) is
// rolled back and its error returned. It is not tried again: whether f can be called
// twice only you know.
//
// When Commit fails because the connection was lost, whether the transaction was
// committed is unknown. When ctx is cancelled, package database/sql rolls back by itself,
// and may still be about that when InTx returns.
//
// A statement that ends the transaction behind the package's back, such as COMMIT by way
// of ExecContext, or the implicit commit of a schema change in MySQL, is not noticed
// until a savepoint or the commit fails, or not at all.
package sqlvars
