// Package pondvars has the pools of github.com/alitto/pond/v2 for programs with context
// variables: a task sees the variables of whoever submitted it.
//
//	pool := pondvars.NewPool(100) // a pond.Pool
//	task := pool.Submit(func() { log.Println(requestID.Get()) }) // the submitter's
//
// With pond alone, a task that finds a worker at work sees what the first submitter of that goroutine had,
// or what an earlier task left there, and the goroutine keeps that alive as long as it has tasks. Here:
//
//   - A task runs in a copy of its submitter's context, taken when it is submitted. Nothing that it sets is
//     seen by another task, nor by the submitter.
//   - Between tasks a worker has an empty context, and no goroutine holds anything of those who
//     submitted tasks, resized the pool, or stopped it.
//
// The pools are pond.Pool and pond.ResultPool, so that they fit wherever those are wanted, and their groups
// and subpools do the same. [Wrap] and [WrapResult] do so for a pool that exists; [Submit],
// [SubmitErr], [NewGroup] and [NewSubpool] are for pond's default pool. Options, results and errors are
// those of pond.
//
// # What it costs
//
// Some 300 ns and five small allocations for a task, which is what contextvars.Bind and
// contextvars.Detach cost. A task that waits in the queue keeps its submitter's values alive.
//
// # What it does not promise
//
// Values of variables with the option Local stay with the submitter, as everywhere. The
// context.Context of a pool or a group is none of this package's business. Whatever is submitted to the pool that was
// given to Wrap, not to what Wrap returned, is not bound.
package pondvars
