// Package zapvars puts the values of context variables into the entries of
// go.uber.org/zap, so that every line says which request it belongs to, also where
// nobody passed a context.Context or a logger along:
//
//	logger, err := zap.NewProduction(zapvars.WrapCore(requestID, tenant))
//	...
//	zap.ReplaceGlobals(logger)
//
// From then on zap.L().Info("served") has the two fields, in any goroutine that has
// the variables.
//
// The values are those of the goroutine that logs, when it logs: at Info and its like, or
// at the Write of a CheckedEntry. Which entries are written is not changed: levels,
// samplers, hooks and tees decide as before. What is written to a
// BufferedWriteSyncer later has been formatted before.
//
// An entry costs the lookups and one allocation, as much as the slice of a call with
// fields given by hand; with fields of the call and variables, two slices.
//
// Not promised: a key that is given by hand as well is written twice, as zap does with
// equal keys everywhere; and nothing is added where a core of another make hands entries
// to another goroutine before it calls a core of this package, but what that goroutine
// has. See [NewCore].
package zapvars
