// Package lifetime knows where pieces of work, such as requests, jobs and messages, begin and end, and who still
// holds their variables afterwards: a goroutine that nobody waits for, a timer that nobody stopped. Such
// holders keep all values in memory, and log, charge and authorise on behalf of somebody who has left long ago.
//
// httpvars.Handler and its like, and those of the integrations with gRPC, Connect, NATS, Temporal and River, say what
// a piece of work is; other code does with [Run]. That costs nothing until somebody calls [Track]. From then on
// each has a [Work], which whatever inherits its variables belongs to, and [Held] lists who holds an ended one:
//
//	defer lifetime.Track()()
//	...
//	for _, h := range lifetime.Held() {
//		log.Println(h) // which work, when it ended, which goroutines and timers, and where they were started
//	}
//
// In a test, vartest.VerifyNothingHeld does that. In a running program package debugvars shows it.
//
// # What to do about a holder
//
// A goroutine that is meant to outlive its request is started with [contextvars.GoDetached], or inside of
// [contextvars.Lend] if other code starts it; one that does a job for which the request is only the reason
// begins a piece of work of its own, with [Run]. What is left is to be waited for, or to be cancelled.
//
// # Taking values back
//
// [Track] with [Report] tells when code reads a variable of ended work, once for each place that does. With
// [Revoke] such code no longer sees the values: Get gives the default. Both apply to work that begins
// afterwards, and make its variables some nanoseconds slower.
//
// # What it costs
//
// Run without Track costs what [contextvars.Context.Run] does, and one comparison. With Track it is three allocations
// and some 500 ns more for each Work, and for each function of Bind, AfterFunc and AfterDone
// that is made in one, three allocations and 1 to 2 µs, since the stack is recorded. Get, Set and go statements cost what they
// always do, unless the Work is to be revoked or reported: then a Get takes some 12 ns, and a Set half as much again and two
// allocations.
package lifetime
