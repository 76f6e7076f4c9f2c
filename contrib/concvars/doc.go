// Package concvars submits jobs to the pools and streams of github.com/sourcegraph/conc so that a
// job sees the context variables of whoever submitted it.
//
//	p := pool.New().WithMaxGoroutines(8).WithErrors()
//	concvars.GoErr(p, func() error { return work(requestID.Get()) }) // instead of p.Go
//	err := p.Wait()
//
// With conc alone, a job that is done by a goroutine with earlier jobs sees what the first submitter of that
// goroutine had, or what an earlier job left there, and the goroutine keeps that alive until Wait. Here:
//
//   - A job runs in a copy of its submitter's context, taken at the call. Nothing that it sets is seen
//     by another job, nor by the submitter.
//   - Between jobs a goroutine of the pool has an empty context, and holds nothing of those who
//     submitted.
//
// There is a function for each of conc's types: [Go], [GoErr], [GoContext], [GoResult], [GoResultErr],
// [GoResultContext] and [GoStream]. How the pool is made, its limits, its errors and panics are conc's. They
// do not return before the pool has taken the job, as p.Go.
//
// Package iter of conc starts its goroutines in the call and ends them there, so f sees the caller's
// values without help. What f sets for one element, though, it sees for a later one on the same
// goroutine. Bind f where that matters: with contextvars.Bind1 for ForEach, contextvars.BindResult for Map,
// [BindIdx] for ForEachIdx, [BindErr] for MapErr. A conc.WaitGroup needs no help.
//
// # What it costs
//
// Some 300 ns and five small allocations for a job, which is what contextvars.Bind and
// contextvars.Detach cost; for an element of package iter some 100 ns and two.
//
// # What it does not promise
//
// Jobs that are submitted by the pool's own Go to the same pool are not bound: they see nothing on a
// goroutine that was started here. The context.Context that a job is given is conc's. Values of
// variables with the option Local stay with the submitter.
package concvars
