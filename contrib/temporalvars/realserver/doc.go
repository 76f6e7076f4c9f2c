// Package realserver runs the tests of temporalvars on a Temporal server that it starts in its own
// process, with SQLite in memory.
//
// It is a module of its own since the server needs 200 others: a first build takes minutes.
package realserver
