// Package zerologvars puts the values of context variables into the events of
// github.com/rs/zerolog, so that every line says which request it belongs to, also where
// nobody passed a context.Context or a logger along:
//
//	log.Logger = log.Hook(zerologvars.NewHook(requestID, tenant))
//
// From then on log.Info().Msg("served") has the two fields, in any goroutine that has the
// variables. So have the loggers that are made from it: by With, Level, Sample, Output,
// WithContext and zerolog.NewSlogHandler.
//
// Code that takes its logger from a ctx gets one with the variables, whatever the ctx, if
// it is the one that zerolog falls back to:
//
//	zerolog.DefaultContextLogger = &log.Logger
//
// The values are those of the goroutine that sends the event, with Msg or its like, at
// that time. What a diode.Writer writes later on its own goroutine has been formatted
// before.
//
// An event costs the lookups and no allocation beyond what zerolog needs for the same
// fields given by hand. One that is not sent, because of its level or a sampler, costs
// nothing.
//
// Not promised: a key that is given by hand as well is written twice, see [NewHook].
package zerologvars
