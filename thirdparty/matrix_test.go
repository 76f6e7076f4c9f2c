package thirdparty_test

import (
	"testing"
	"weak"

	"github.com/gocontextvars/contextvars/internal/matrix"
)

// The rows of docs/matrix.md are made where the tests of each topic are.
func TestMatrix(t *testing.T) {
	matrix.Check(t, "thirdparty: goroutines", starterRows(t)...)
	matrix.Check(t, "thirdparty: pools and queues", poolRows(t)...)
	matrix.Check(t, "thirdparty: timers and cleanups", append(timerRows(), cleanupRows(t)...)...)
	matrix.Check(t, "thirdparty: shared work", onceRows()...)
	matrix.Check(t, "thirdparty: event loops", append(cronRows(t), loopJSRows(t)...)...)
	matrix.Check(t, "thirdparty: database/sql", databaseRows(t)...)
	matrix.Check(t, "thirdparty: gRPC", grpcRows(t)...)
	matrix.Check(t, "thirdparty: profiler labels", labelRows()...)
}

const (
	std   = "std"
	left  = "what the last job left"
	empty = "nothing"
)

// sees is what a job of the matrix answers.
func sees() string { return user.GetOr(empty) }

// leave is a job that sets the variable and does not restore it.
func leave() { user.Set(left) }

// right is a row of what needs no help.
func right(where, module, saw string) matrix.Row {
	return matrix.Row{Where: where, Module: module, Without: saw, With: saw, Help: "none needed"}
}

// holds says whose value, if any, a goroutine still keeps alive.
func holds(w weak.Pointer[thing], whose string) string {
	if collectUntil(100, func() bool { return w.Value() == nil }) {
		return "it holds " + empty
	}
	return "it holds " + whose
}

// itself is no help.
func itself[F any](f F) F { return f }
