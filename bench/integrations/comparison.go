package main

import "time"

// A comparison is of one call, without an integration and with it.
type comparison struct {
	name   string // for -run
	title  string
	sides  []side // the first one is without
	limits []limit
	// length is that of samples where short ones would not do, as with calls that are under way
	// together and wait for the last one; 0: as everywhere.
	length time.Duration
}

// A side is one way to make the call.
type side struct {
	name string
	// start makes what the side needs and returns its loop. It is called on the goroutine
	// that the loop will run on, where no variable is set yet: nothing that it starts has the values
	// by inheritance.
	start func(b *bed) (loop, error)
}

// A loop makes the call n times, one after the other, and returns in how many of them
// the values were right where the work was done.
type loop func(n int) (right int, err error)

// comparisons are all that there are. What the project has set itself limits for comes first.
var comparisons = []comparison{
	loopbackHTTP,
	eightVariables,
	slogRecord,
	zapEntry,
	zerologEvent,
	antsSubmit,
	pondSubmit,
	concGo,
	grpcUnary,
	connectUnary,
	natsPublish,
	natsRequest,
	otelSpan,
	temporalActivity,
	riverJob,
	transaction,
	sqliteTransaction,
	onceValue,
	groupDo,
}
