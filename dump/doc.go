// Package dump reads dumps of goroutines, with their labels: what a panic or a crash writes (GOTRACEBACK=single, all,
// system, crash), what kill -QUIT makes a program write, runtime.Stack, and the goroutine
// profile of runtime/pprof as text (debug=1, debug=2).
//
// A variable that was made with contextvars.Label is a label, so a dump says which request, tenant or
// job each goroutine works for:
//
//	f, err := dump.Parse(os.Stdin)
//	for _, d := range f.Dumps {
//		d.WriteTable(os.Stdout, "tenant") // or d.WriteTree, or d.GroupBy and your own
//	}
//	for _, n := range f.Notes {
//		fmt.Fprintln(os.Stderr, n) // lines 3-5: foreign text: "listening on :8080"
//	}
//
// # When labels are in a dump
//
// Tracebacks show labels with GODEBUG=tracebacklabels=1, under Go 1.26 or later. That is the
// default if a program is built with Go 1.27 or later and its go.mod says so, too: with an older go line
// it is off, and to be set in the environment, by //go:debug, or in go.mod. The profile with debug=1 always has
// labels, and so have CPU profiles.
//
// The runtime writes labels in two ways, and this package reads both, and the profile's:
//
//	goroutine 7 [select, 5 minutes labels:{"tenant": "acme", "path": "a b"}]:    Go 1.26
//	goroutine 7 [select, 5 minutes] {path: "a b", tenant: acme}:                 Go 1.27
//	# labels: {"path":"a b", "tenant":"acme"}                                    profile
//
// Go 1.26 writes each byte that is not UTF-8 as U+FFFD; the others keep it. None cuts a value.
//
// A goroutine that panics has run what it deferred by the time that its stack is written. So a variable that it has set itself
// with a deferred Restore is not among its labels any more, as with pprof.Do; what it inherited is, and so is everything after a
// fatal error or a signal. To keep the name in such a report, start the goroutine inside of the variable's scope, or
// print debug.Stack where you recover.
//
// # Logs
//
// Lines of logs in between are left out and noted. What collectors put before each line is taken off: the records of
// container runtimes (also lines in several records, and JSON), times, names of hosts, programs and containers, as syslog,
// journald, compose and kubectl write them, and the indentation of testing's Log. A text may have several dumps.
//
// # What it does not promise
//
// Nothing that was read is hidden by an error: a text that was cut, is damaged or is no dump at all gives what could be read, and
// notes with the numbers of the lines that were not. Labels and messages cannot forge goroutines, since the
// runtime quotes or indents them; whoever can write lines of their own into the text can forge all of it.
// Pointers to frames and stacks, the program counters in an aggregated profile that it does not resolve, and the processor's registers
// are not kept. Lines are read up to 4 MB, and stacks up to 10,000 frames.
//
// # Other parsers
//
// Of a goroutine with labels, github.com/maruel/panicparse v2.5.0 loses the wait time and may take a label for a state
// (Go 1.26), or loses the goroutine without a word (Go 1.27, and a bracket in a value); github.com/DataDog/gostackparse
// v0.7.0 loses the goroutine, with an error, or takes the labels for a part of the state; go.uber.org/goleak v1.3.0 does the latter, and works otherwise.
// thirdparty/dump_test.go shows it. Panicparse does other things well that this package does not do: it finds stacks that
// are similar, and shows sources.
package dump
