// Package antsvars has the pools of github.com/panjf2000/ants/v2 for programs with context
// variables: a job sees the variables of whoever submitted it.
//
//	pool, err := antsvars.NewPool(100)
//	...
//	err = pool.Submit(func() { log.Println(requestID.Get()) }) // the submitter's
//
// With ants alone, a job sees what the first submitter of its goroutine had, or what an
// earlier job left there, and the goroutine keeps that alive for as long as it runs. Here:
//
//   - A job runs in a copy of its submitter's context, taken at Submit or Invoke. Nothing that it
//     sets is seen by another job.
//   - Between jobs a worker has an empty context, and neither it nor the pool's own goroutines hold anything of
//     those who made the pool, rebooted it, or submitted jobs.
//
// There is a type for each one of ants', with the same methods: [Pool], [PoolWithFunc],
// [PoolWithFuncGeneric], [MultiPool], [MultiPoolWithFunc] and [MultiPoolWithFuncGeneric], and [Submit] for
// ants' default pool. Options and errors are those of ants.
//
// # What it costs
//
// Some 300 ns and five small allocations for a job, which is what contextvars.Bind and
// contextvars.Detach cost. A job that waits in Submit for a worker keeps its submitter's values alive.
//
// # What it does not promise
//
// The pool's panic handler and logger are called outside of the job, in an empty context: recover in
// the job, where a report is to name the request. Values of variables with the option Local
// stay with the submitter, as everywhere. A context.Context in a job's closure is none of this
// package's business: a job that outlives its request has to detach it.
package antsvars
