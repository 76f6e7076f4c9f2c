// Package asyncio is Python's asyncio for Go: an event loop, tasks and structured concurrency, with a
// context for every task and callback.
//
// On a loop one task runs at a time, and it gives way only where it waits. So tasks share plain data
// without locks, and each has context variables of its own:
//
//	var user = contextvars.New[string]("user")
//
//	func main() {
//		total, err := asyncio.Run(func() (int, error) {
//			a := asyncio.CreateTask(func() (int, error) { defer user.Set("ann").Restore(); return work() })
//			b := asyncio.CreateTask(func() (int, error) { defer user.Set("bob").Restore(); return work() })
//			results, err := asyncio.Gather(a, b)
//			...
//
// # Coroutines
//
// A coroutine is a Go function that waits through this package: with Await, [Sleep], [Queue.Get],
// [Lock.Acquire] and so on. Waiting suspends it, by a switch as iter.Pull makes it, and the loop
// does something else. There is no keyword to forget and no parameter to pass: the running task is found from
// the goroutine. What Python writes as an async function that only calls another one
// is a plain function.
//
// What blocks a goroutine otherwise blocks the loop: a channel, a mutex, a system call. Use
// [ToThread] for those, and streams for the network. A sync.Mutex that is held over a wait can
// stop a loop for good; a runtime.LockOSThread of a task's that is held over a wait is a fatal error of
// the runtime, which nobody can catch. Run itself may be called with the thread locked.
//
// # Errors
//
// Where Python raises, a function returns an error. A wait in a task that is cancelled returns a
// [*CancelledError], and who gets one cleans up and returns it. A panic in a task is the
// task's error; in a callback it goes to the exception handler; the loop goes on after both, and
// after runtime.Goexit.
//
// # Goroutines
//
// Each of this package's functions may be called by any goroutine, and breaks nothing.
// On a goroutine that no loop runs, one that a task has started by go among them, Await and the like block that
// goroutine. In a callback of the loop, which must not wait, they return [ErrNotInTask].
//
// # Contexts
//
// A task runs in a copy of its creator's context, a callback in a copy of the one it was scheduled in; with
// [WithContext] in that very one, which is entered while the task runs and not while it waits. A c.Run over a
// wait keeps c entered meanwhile. A task or callback whose context somebody else has entered waits until
// that is left: none is ever lost by that.
//
// The names are asyncio's, in Go's spelling. Numbers in brackets in these pages are those of docs/python.md, where each
// of Python's behaviours has its test; C1 to C16 are its rules of cancellation. docs/asyncio.md puts
// asyncio's names beside these, and says when plain goroutines are the better choice.
package asyncio
