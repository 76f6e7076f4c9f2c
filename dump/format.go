package dump

import (
	"io"
	"strconv"
	"strings"
)

// String returns the goroutine as Go 1.27 prints it, or an aggregated one as a profile
// with debug=1 does. [Parse] reads it again. Only frame and stack pointers are lost.
func (g *Goroutine) String() string { return string(g.append(nil)) }

// WriteTo writes all dumps of the file, each as [Dump.WriteTo] does, with a line between them
// that [Parse] knows. Notes, and what they are about, are not written.
func (f *File) WriteTo(w io.Writer) (n int64, err error) {
	for i, d := range f.Dumps {
		if i > 0 {
			m, err := io.WriteString(w, "\n"+dumpRule+"\n")
			n += int64(m)
			if err != nil {
				return n, err
			}
		}
		m, err := d.WriteTo(w)
		n += m
		if err != nil {
			return n, err
		}
	}
	return n, nil
}

// WriteTo writes the dump as a program that runs under Go 1.27 does.
func (d *Dump) WriteTo(w io.Writer) (n int64, err error) {
	var b []byte
	flush := func() error {
		m, err := w.Write(b)
		n += int64(m)
		b = b[:0]
		return err
	}
	if d.Profile != "" {
		b = append(b, d.Profile+profileTotal...)
		b = strconv.AppendInt(b, int64(d.Total), 10)
		b = append(b, '\n')
	}
	if d.Reason != "" {
		b = append(b, d.Reason...)
		b = append(b, '\n')
		if startsReason(d.Reason) {
			b = append(b, '\n')
		}
	}
	if !d.RuntimeStack.empty() {
		b = append(b, runtimeStack+"\n"...)
		b = d.RuntimeStack.append(b)
		b = append(b, '\n')
	}
	for i, g := range d.Goroutines {
		if i > 0 {
			b = append(b, '\n')
		}
		b = g.append(b)
		if err := flush(); err != nil {
			return n, err
		}
	}
	return n, flush()
}

func (g *Goroutine) append(b []byte) []byte {
	if g.Aggregated() {
		return g.appendEntry(b)
	}
	b = append(b, headerStart...)
	b = strconv.AppendUint(b, g.ID, 10)
	if g.Thread != "" {
		b = append(b, ' ')
		b = append(b, g.Thread...)
	}
	b = append(b, " ["...)
	b = append(b, g.State...)
	for _, mark := range []struct {
		set  bool
		text string
	}{{g.Leaked, " (leaked)"}, {g.Scan, " (scan)"}, {g.Durable, " (durable)"}} {
		if mark.set {
			b = append(b, mark.text...)
		}
	}
	if g.WaitMinutes > 0 {
		b = append(b, ", "...)
		b = strconv.AppendUint(b, g.WaitMinutes, 10)
		b = append(b, " minutes"...)
	}
	if g.Locked {
		b = append(b, ", locked to thread"...)
	}
	if g.Bubble > 0 {
		b = append(b, ", synctest bubble "...)
		b = strconv.AppendUint(b, g.Bubble, 10)
	}
	for _, flag := range g.Flags {
		b = append(b, ", "...)
		b = append(b, flag...)
	}
	b = append(b, ']')
	if len(g.Labels) > 0 || g.Carried {
		b = append(b, ' ')
		b = appendLabels(b, g.Labels, g.Carried)
	}
	b = append(b, ":\n"...)
	b = g.Stack.appendFrames(b)
	if g.Unavailable {
		b = append(b, "\t"+unavailableText+"\n"...)
	}
	if c := g.CreatedBy; c != nil {
		b = c.appendCreatedBy(b, g.CreatorID)
	}
	for i := range g.Ancestors {
		a := &g.Ancestors[i]
		b = append(b, originating...)
		b = strconv.AppendUint(b, a.ID, 10)
		b = append(b, "]:\n"...)
		b = a.append(b)
	}
	if g.Truncated {
		b = append(b, truncatedText+"\n"...)
	}
	return b
}

func (s *Stack) empty() bool { return len(s.Frames) == 0 && s.Elided == 0 && s.CreatedBy == nil }

func (s *Stack) append(b []byte) []byte {
	b = s.appendFrames(b)
	if s.CreatedBy != nil {
		b = s.CreatedBy.appendCreatedBy(b, 0)
	}
	return b
}

func (s *Stack) appendFrames(b []byte) []byte {
	for i := range s.Frames {
		if i == s.ElidedAt {
			b = s.appendElided(b)
		}
		b = s.Frames[i].append(b)
	}
	if s.ElidedAt >= len(s.Frames) {
		b = s.appendElided(b)
	}
	return b
}

func (s *Stack) appendElided(b []byte) []byte {
	switch {
	case s.Elided == 0:
		return b
	case s.Elided < 0:
		return append(b, "...additional frames elided...\n"...)
	}
	b = append(b, "..."...)
	b = strconv.AppendInt(b, int64(s.Elided), 10)
	return append(b, " frames elided...\n"...)
}

func (f *Frame) append(b []byte) []byte {
	if f.Cgo && f.Func == nonGo && f.File == "" {
		b = append(b, nonGoAt...)
		return append(appendHex(b, f.PC), '\n')
	}
	b = append(b, f.Func...)
	if !f.Cgo {
		b = append(b, '(')
		b = append(b, f.Args...)
		b = append(b, ')')
	}
	b = append(b, '\n')
	return f.appendPlace(b)
}

func (f *Frame) appendPlace(b []byte) []byte {
	if f.File == "" && !f.Cgo {
		return b
	}
	b = append(b, '\t')
	if f.File != "" {
		b = append(b, f.File...)
		b = append(b, ':')
		b = strconv.AppendInt(b, int64(f.Line), 10)
	}
	if f.Offset != 0 {
		b = append(b, " +"...)
		b = appendHex(b, f.Offset)
	}
	if f.PC != 0 {
		if f.File != "" {
			b = append(b, ' ')
		}
		b = append(b, "pc="...)
		b = appendHex(b, f.PC)
	}
	return append(b, '\n')
}

func (f *Frame) appendCreatedBy(b []byte, id uint64) []byte {
	b = append(b, createdBy...)
	b = append(b, f.Func...)
	if id != 0 {
		b = append(b, inGoroutine...)
		b = strconv.AppendUint(b, id, 10)
	}
	b = append(b, '\n')
	return f.appendPlace(b)
}

// appendEntry writes an entry of a profile.
func (g *Goroutine) appendEntry(b []byte) []byte {
	b = strconv.AppendInt(b, int64(g.Count), 10)
	b = append(b, " @"...)
	for i := range g.Frames {
		b = append(b, ' ')
		b = appendHex(b, g.Frames[i].PC)
	}
	b = append(b, '\n')
	if len(g.Labels) > 0 || g.Carried {
		b = append(b, strings.TrimSuffix(profileLabels, "{")...)
		b = appendLabels(b, g.Labels, g.Carried)
		b = append(b, '\n')
	}
	for i := range g.Frames {
		f := &g.Frames[i]
		b = append(b, "#\t"...)
		b = appendHex(b, f.PC)
		if f.Func != "" {
			b = append(b, '\t')
			b = append(b, f.Func...)
			b = append(b, '+')
			b = appendHex(b, f.Offset)
			b = append(b, '\t')
			b = append(b, f.File...)
			b = append(b, ':')
			b = strconv.AppendInt(b, int64(f.Line), 10)
		}
		b = append(b, '\n')
	}
	if g.Truncated {
		b = append(b, truncatedText+"\n"...)
	}
	return b
}

func appendHex(b []byte, n uint64) []byte {
	return strconv.AppendUint(append(b, "0x"...), n, 16)
}
