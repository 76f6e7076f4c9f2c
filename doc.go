// Package contextvars has context variables: Python's contextvars (PEP 567) for
// goroutines. A variable that is set in one goroutine is seen by what that
// goroutine calls and by the goroutines that it starts, with a plain go statement,
// and by nobody else. No parameter is passed.
//
//	var requestID = contextvars.New[string]("request_id")
//
//	func handle(w http.ResponseWriter, r *http.Request) {
//		defer requestID.Set(r.Header.Get("X-Request-ID")).Restore()
//		go audit() // sees it
//		work()     // sees it
//	}
//
//	func work() { log.Println(requestID.Get()) }
//
// # The rules
//
// Every goroutine has a current context, which maps variables to values. A
// goroutine starts with the context of its creator as it was at the go statement, as a
// copy: what either sets later the other does not see. [ContextVar.Set] returns a
// [Token], whose Restore takes the change back; defer it, or the value stays
// for as long as the goroutine runs.
//
// A [Context] is such a mapping that one can hold: [CopyContext] takes a snapshot,
// [Context.Run] runs code in it.
//
// A goroutine that is kept for many jobs has a context of its own, which is not that of
// whoever hands it a job. Wrap what crosses over: [Bind] for a function that
// is called later or elsewhere, [AfterFunc] for a timer, [GoDetached] for a
// goroutine that is to outlive its creator and hold nothing of it, [Lend]
// for a call into code that starts such goroutines itself.
//
// Numbers in brackets in the documentation, as (29), are those of the behaviours of Python's
// contextvars that docs/python.md lists.
//
// # What it costs
//
// Inheriting costs nothing: the runtime copies one word at a go statement, anyway. Get costs
// about two and a half times a call that is not inlined and allocates nothing; with
// over eight variables in force, for those that were set last, about seven times. Set with Restore
// costs one and a half times to twice a context.WithValue and allocates one frame, of 64 to 176
// bytes by the number of variables in force, and a copy of the value unless it
// is a pointer or a channel; with over eight variables up to five allocations, of less than
// 1 KB. The first Set of a goroutine costs some 150 ns
// more. The README has the measurements beside those of other packages.
//
// # What it does not promise
//
// The word that the runtime copies is the one for profiler labels, which runtime/pprof
// writes, too. On a goroutine that has set a variable, or entered a Context, or was
// started by [Go], variables survive pprof.Do and pprof.SetGoroutineLabels with any
// ctx, inside and after, and the labels stay in force as well. Everywhere else they do
// if the ctx is one that [WithContext] made, or derived from such a one. What is left
// on a stock runtime is this, each shown by a test in pprof_limits_test.go:
//
//   - A goroutine that has only inherited its variables loses them in a
//     pprof.Do or SetGoroutineLabels with a foreign ctx.
//   - A goroutine that is started inside a pprof.Do with a foreign ctx, before any
//     call there that reads, sets or copies what is in force, starts with nothing. A
//     Get of any variable will do, or [Go].
//   - A goroutine that is started inside a pprof.Do with a ctx that another
//     pprof.Do has derived from one of ours, before any call of this package
//     there, starts with what was in force when that ctx was made.
//   - pprof.Do or SetGoroutineLabels with such a ctx gives a goroutine that has
//     nothing of its own what was in force when the ctx was made.
//
// A ctx of ours shows one label more to pprof.ForLabels, and in profiles until the next
// call of this package: github.com/gocontextvars/contextvars, with an empty value.
//
// Further limits: the goroutine leak profile does not report a goroutine that waits for
// something which a variable in force on it leads to. While a CPU profile is being taken, it keeps alive what was in
// force where it took samples. What a goroutine had is let go by the second
// garbage collection after its end. A callback from a thread that C made sees what
// an earlier one, on this or a thread that has ended, set and did not restore, since the
// runtime uses a goroutine again for these: use [Detach] or [Bind] in them. A
// package that keeps data of its own in the word for profiler labels, such as
// timandy/routine, takes the place of the variables, and they that of its data.
//
// What a running program's variables hold, and where, package debugvars shows; package lifetime tells who still holds those
// of a request that has ended.
//
// The package relies on facts about the runtime that are checked when the program
// starts; under a Go release that changes them it refuses to start, with a
// message, rather than to misread memory.
package contextvars
