// Package debugger has no code, only tests: Delve reads the goroutines of a program
// that uses contextvars, live and from a core dump.
package debugger
