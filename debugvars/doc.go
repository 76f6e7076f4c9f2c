// Package debugvars shows what context variables hold in a running program: which goroutine sees which values, from
// whom it has them, where each was set, who has started whom, what event loops wait for, and who still holds
// requests that have ended.
//
//	mux := http.NewServeMux()
//	debugvars.Register(mux)
//	go http.ListenAndServe("localhost:6060", mux)
//
// Then http://localhost:6060/debug/contextvars is a page that keeps itself up to date, and the same is there as
// text and JSON:
//
//	curl localhost:6060/debug/contextvars
//	curl 'localhost:6060/debug/contextvars?view=tree&var=tenant=acme'
//	contextvars ps -var tenant=acme localhost:6060
//
// [Handler] is for other paths, and for what is to stand around it. [Take] is for programs that look at themselves.
//
// # Do not expose it
//
// The page shows values of variables, which may be personal or secret, to whoever can send a request: there is no
// password. Listen on localhost or on another interface that only you can reach, or put the handler behind your
// authentication. It is read-only: nothing that can be requested changes anything, and other sites' pages can
// neither read nor frame it. But it costs time, see below.
//
// A server that was reached over the loopback interface answers only if the Host is an address or localhost, since a
// site can give a name of its own the address of your machine (DNS rebinding); a proxy on the same machine has to set
// Host so. On other interfaces every name is answered for: there only authentication keeps such a site out.
//
// Make variables that hold secrets with [contextvars.Redacted]: their values are not shown, filtered by, grouped by
// or searched. Names, types, and where they were set are.
//
// # What is asked
//
// The parameters of the URL, which are the fields of a [Query]:
//
//	view=tree         who has started whom; also loops (of package asyncio), ended (see package lifetime), goroutines
//	var=tenant=acme   goroutines on which the variable's text is this
//	var=path~/cart    whose text contains this, whatever the case
//	var=tenant        that have the variable; several vars all have to hold
//	state=chan        whose state contains this, whatever the case
//	q=checkout        where a variable, a value, a function, or a file contains this, whatever the case
//	goroutine=42      this one, those that it has started, also by others, and those that have inherited from it
//	group=tenant      counted for each value of the variable
//	limit=2000        how many goroutines are listed; 500 if it is absent
//	format=json       also text, html; without it, what the header Accept asks for, and text if it takes anything
//
// What chooses goroutines has no effect on the view loops. In the view ended it chooses among those that hold ended work, and so
// the pieces of work; timers and bound functions are listed with these, and without a filter all are. The JSON is
// a [Snapshot]; durations in it are in nanoseconds. Parameters with other names are ignored; a value that makes no sense is
// answered with status 400 and what it may be. Methods other than GET and HEAD are answered with 405.
//
// # What is shown
//
// A goroutine is listed if it sees a variable that was set, by itself or by somebody that it has inherited from;
// defaults are not listed. Local variables are shown only where they are seen. A value is shown as text of at most
// 200 bytes. Strings and numbers, and structs and arrays of these, are shown themselves; of what a pointer, map,
// slice, func or channel leads to nothing is, since another goroutine may be changing it. For the same reason, and
// since they may panic or block, no methods of values are called, String neither. Filters compare these texts, of
// long values the beginning.
//
// Variables of one name are filtered and grouped together: a filter holds if it does for one of them.
//
// With [Provenance] each value has the place where, the goroutine on which and the time at which it was set, if
// that was after the option was given. In the view of loops values have none, since package asyncio gives none:
// the goroutine that the task runs on has.
//
// What a goroutine was created by is its go statement, which may be inside of a library, such as WaitGroup.Go or
// iter.Pull. Work has its number behind its name, which it may share with others.
//
// # What it costs
//
// Before the first [Handler] is made, nothing: importing the package does nothing. From then on [lifetime.Track] is
// in force, whose documentation says what a piece of work costs; Get, Set and the go statement stay as they are.
// With Provenance Set takes up to 1 µs more.
//
// A request takes some 5 µs for each goroutine of the process, and more where stacks are deep: with 10,000 of them, each
// with 3 variables, 50 to 75 ms if they are 8 calls deep, and 170 ms if 26, on 2 cores of an AMD EPYC server. For a
// third to a half of that the world is stopped, some 0.35 µs for each call; how long it was is shown. Requests within
// [MinInterval], 250 ms, of each other share one look at the goroutines, and at the event loops. With more than
// [MaxGoroutines], 20,000, or more than 20 calls for each of those, goroutines are not printed: the world is hardly
// stopped, values are counted, but no goroutine is listed; with 100,000 that takes half a second. What is shown is
// texts, so that values are not kept alive by it. Event loops are asked only for the view of them, which has each do
// nothing else for some milliseconds, and for half a second if it has 20,000 tasks and is busy.
//
// # What it does not promise
//
// The goroutines are looked at one after the other, and so not all at one moment; those that run meanwhile may be
// missing, or have lost their number. Many goroutines that stand at the same place, were started by the same one
// and hold different values cannot always be told apart: such a one is listed with the numbers that it may have. A
// goroutine that is in foreign profiler labels is shown with its outermost context, and one that has only
// inherited, with nothing, which is what it sees. Contexts that no goroutine is in are not shown: those that a
// bound function or a timer keeps are, for ended work. Text of values and the layout of the page and text may
// change; fields of the JSON are only added. In a test, do not ask for the view of loops from outside of a
// testing/synctest bubble that a loop runs in: the runtime ends the process.
package debugvars
