// Package analyzer finds mistakes with context variables before a program runs. Each
// check is an [analysis.Analyzer] of its own, so that it can be turned off alone; [All]
// has them all.
//
//	go install github.com/gocontextvars/contextvars/analyzer/cmd/contextvarsvet@latest
//	go vet -vettool=$(which contextvarsvet) ./...
//
// The README shows for each check what it finds, and how it is meant to be.
//
// # What it costs
//
// A package that does not import package contextvars, and that calls nothing which reads
// variables, is left at once. In the others the checks walk the syntax once and some
// calls in it again.
//
// # What it does not promise
//
// The checks would rather be silent than wrong. They follow calls to functions that they can
// name, in other packages as well, but not calls of interface methods nor of functions in
// struct fields, and they take the order of the text for the order of execution.
//
// # Silencing
//
// A comment with the name of a check and a reason silences it:
//
//	requestID.Set(id) //contextvars:ignore token the worker serves one request and ends
//
// At the end of a line it holds for the line, on a line of its own for the next one, in the doc
// comment of a declaration for all of it, and above the package clause for the file. One
// without a reason silences nothing, and is a finding itself.
package analyzer
