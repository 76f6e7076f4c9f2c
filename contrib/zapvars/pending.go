package zapvars

import (
	"sync"

	"go.uber.org/zap/zapcore"
)

// pending is an entry between Check and Write, in the place of the cores that want it.
//
// To add next itself to the entry, as most cores around others do, would not do: then it
// is next.Write that is called, past this package. Nor does it do to add our core and to
// call next.Write later: a tee would write to all its cores, whatever their levels, and a
// sampler would not be asked. So next answers in an entry of its own, which is written,
// with more fields, when the outer one is.
type pending struct {
	*core
	inner *zapcore.CheckedEntry
	outer *zapcore.CheckedEntry
}

// A pending is used once: zap sees to it that a CheckedEntry is written once.
var pendings = sync.Pool{New: func() any { return new(pending) }}

func (c *core) Check(ent zapcore.Entry, ce *zapcore.CheckedEntry) *zapcore.CheckedEntry {
	inner := c.next.Check(ent, nil)
	if inner == nil {
		return ce
	}
	p := pendings.Get().(*pending)
	ce = ce.AddCore(ent, p)
	p.core, p.inner, p.outer = c, inner, ce
	return ce
}

// Write reports no error, since the inner entry does it, at the same place: what the
// logger has put into the outer one after Check.
func (p *pending) Write(ent zapcore.Entry, fields []zapcore.Field) error {
	c, inner, errors := p.core, p.inner, p.outer.ErrorOutput
	*p = pending{}
	pendings.Put(p)
	inner.Entry, inner.ErrorOutput = ent, errors // by now with the caller and the stack
	inner.Write(c.added(fields)...)
	return nil
}
