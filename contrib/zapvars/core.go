package zapvars

import (
	"slices"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"github.com/gocontextvars/contextvars"
)

// WrapCore is the option of zap.New, zap.Config.Build, zap.NewProduction, and
// Logger.WithOptions that makes the logger's core one of [NewCore]. It belongs where the
// logger is made: what earlier options and a With have opened before, namespaces, stays
// around the variables. Given twice, it adds both sets.
//
// WrapCore panics if a variable is nil.
func WrapCore(vars ...contextvars.Variable) zap.Option {
	sources := sourcesOf("WrapCore", vars)
	return zap.WrapCore(func(c zapcore.Core) zapcore.Core { return &core{next: c, sources: sources} })
}

// NewCore returns a core that passes entries on to next with the variables' values added.
// The values are those of the goroutine that calls the entry's Write, which is the one
// that logs. The key is the variable's name. A variable without a value has its default;
// one that has neither is left out.
//
// The fields are those of zap.Any: without reflection for strings, numbers, bools, times,
// durations, errors, Stringers, and zap's own marshalers, if the type is
// just that; other types, such as a struct or a string type with a name, are formatted by
// reflection. In place of a value of a variable with the option [contextvars.Redacted]
// stands [contextvars.RedactedText], and no method of the value is called.
//
// The variables stand at the top level, also where the logger has a zap.Namespace open,
// so that they are found at one place. zap itself cannot write outside of an open
// namespace; so the namespace of a With, and all fields after it, do not go to next, but
// are kept here and added to each entry. They are formatted with each entry, and show
// what their objects hold then, as with Logger.WithLazy. A namespace that next had open
// before stays around the variables.
//
// The order of an entry's fields is: those of With, up to the first namespace; the
// variables as they were given here; the namespaces of With and what is in them; those of
// the call. A key that is given by hand as well is written twice. Readers of JSON that
// keep one of two mostly keep the last: the call's before the variable's, and the
// variable's before that of With.
//
// next decides what is logged, as if there was nothing around it: each of several cores in
// a zapcore.NewTee by itself, and a sampler that drops an entry drops it here. An error of
// its Write goes to the logger's ErrorOutput.
//
// A core that hands entries to another goroutine, to write them there, goes inside as
// next: around this one it would log that goroutine's values. A
// zapcore.BufferedWriteSyncer is no such core and may be used as ever; but the goroutine
// that it starts at the first Write holds the variables of the one that writes first, for
// as long as it lives. A contextvars.Detach around an empty first Write spares that.
//
// An entry costs the lookups, the formatting, and one allocation, if there is a variable
// to add; fields of namespaces cost their formatting again. An entry that is not written,
// because of its level or a sampler, costs no lookup.
//
// NewCore panics if next or a variable is nil.
func NewCore(next zapcore.Core, vars ...contextvars.Variable) zapcore.Core {
	if next == nil {
		panic("zapvars: NewCore was given a nil zapcore.Core; " +
			"give it the one that writes the entries, such as that of zapcore.NewCore")
	}
	return &core{next: next, sources: sourcesOf("NewCore", vars)}
}

// core is immutable, so it needs no lock.
type core struct {
	next    zapcore.Core
	sources []source
	kept    []zapcore.Field // begins with one that opens a namespace
}

func (c *core) Enabled(level zapcore.Level) bool { return c.next.Enabled(level) }

// Level is what zapcore.LevelOf asks for.
func (c *core) Level() zapcore.Level { return zapcore.LevelOf(c.next) }

func (c *core) Sync() error { return c.next.Sync() }

func (c *core) With(fields []zapcore.Field) zapcore.Core {
	if len(c.kept) > 0 {
		return &core{c.next, c.sources, append(slices.Clip(c.kept), fields...)}
	}
	next := c.next
	n := slices.IndexFunc(fields, opensNamespace)
	if n < 0 {
		n = len(fields)
	}
	if n > 0 {
		next = next.With(fields[:n:n])
	}
	return &core{next, c.sources, slices.Clone(fields[n:])}
}

// Write is for cores around this one that do not use Check's answer.
func (c *core) Write(ent zapcore.Entry, fields []zapcore.Field) error {
	return c.next.Write(ent, c.added(fields))
}

// added returns the fields of an entry for next. It never shares memory with other
// entries, nor is it used again, since a core may keep it.
func (c *core) added(fields []zapcore.Field) []zapcore.Field {
	var all []zapcore.Field
	for i := range c.sources {
		f, ok := c.sources[i].field()
		if !ok {
			continue
		}
		if all == nil {
			all = make([]zapcore.Field, 0, len(c.sources)-i+len(c.kept)+len(fields))
		}
		all = append(all, f)
	}
	switch {
	case all != nil:
		return append(append(all, c.kept...), fields...)
	case len(c.kept) > 0:
		return slices.Concat(c.kept, fields)
	}
	return fields
}
