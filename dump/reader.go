package dump

import (
	"fmt"
	"io"
	"slices"
	"strings"
)

// Parse reads a whole text. What is not part of a dump, or was cut, is told in the File's
// Notes and is no error: the only errors are those of r, beside what was read before.
//
// The File takes about as much memory as the text. Where that is too much, use a [Reader].
func Parse(r io.Reader) (*File, error) {
	reader := NewReader(r)
	f := &File{Dumps: []*Dump{}}
	var dump *Dump
	var seen map[uint64]*Goroutine
	reader.starts = func(d *Dump) {
		d.Goroutines = []*Goroutine{}
		f.Dumps = append(f.Dumps, d)
	}
	for {
		g, err := reader.Next()
		if err != nil {
			f.Dumps = slices.DeleteFunc(f.Dumps, (*Dump).empty)
			f.Notes, f.OmittedNotes = reader.Notes()
			f.Lines = reader.Lines()
			if err == io.EOF {
				err = nil
			}
			return f, err
		}
		if d := reader.Dump(); d != dump {
			dump, seen = d, map[uint64]*Goroutine{}
		}
		if earlier := seen[g.ID]; earlier != nil && g.ID != 0 {
			if earlier.Unavailable && !g.Unavailable {
				*earlier = *g
			}
			continue
		}
		seen[g.ID] = g
		dump.Goroutines = append(dump.Goroutines, g)
	}
}

func (d *Dump) empty() bool {
	return d.Reason == "" && d.Profile == "" && len(d.Goroutines) == 0 && d.RuntimeStack.empty()
}

// A Reader reads goroutines one at a time, and keeps none of them: it takes some ten
// megabytes at most, whatever the size of the text, beside the goroutine that it hands out.
type Reader struct {
	src    *source
	notes  notebook
	in     intern
	starts func(*Dump)

	dump    *Dump // that goroutines are added to
	seen    map[uint64]bool
	crash   bool // the dump has stacks of threads, so that goroutines may come again
	another bool // the next goroutine begins another dump
	total   int  // goroutines of a profile so far

	prefix prefix
	unsure bool // whether prefix is before further lines, too

	place   place
	section section
	around  []line // read outside of goroutines, and not yet understood
	race    raceState

	ready   []found
	current *Dump
	ended   bool
}

// A place is what a Reader is in the middle of.
type place int

const (
	outside place = iota
	inStack
	inRuntimeStack
	inProfile
	inEntry // of a profile
)

type found struct {
	g *Goroutine
	d *Dump
}

const (
	maxSeen      = 1 << 20
	maxAround    = 256     // lines
	maxAroundLen = 4 << 10 // of each
)

// NewReader returns a Reader of what r has. It reads ahead.
func NewReader(r io.Reader) *Reader { return &Reader{src: newSource(r)} }

// Next returns the next goroutine, and io.EOF after the last one. Another error is r's, and comes
// after all that could be read. In a crash with GOTRACEBACK=crash a goroutine can come again, with a
// stack that was unavailable before.
func (r *Reader) Next() (*Goroutine, error) {
	for len(r.ready) == 0 {
		if r.ended {
			if r.src.err != nil {
				return nil, r.src.err
			}
			return nil, io.EOF
		}
		l, ok := r.src.next()
		if !ok {
			r.ended = true
			r.leave(outside, true)
			r.resolve(true)
			r.closeProfile()
			continue
		}
		r.read(l)
	}
	f := r.ready[0]
	r.ready = r.ready[1:]
	r.current = f.d
	return f.g, nil
}

// Dump returns the dump that the goroutine which Next returned last belongs to; nil
// before the first. Its Goroutines are empty.
func (r *Reader) Dump() *Dump { return r.current }

// Notes returns what has been noted so far, and how many notes more there was no room for.
func (r *Reader) Notes() (notes []Note, omitted int) { return r.notes.notes, r.notes.omitted }

// Lines returns the number of lines read so far.
func (r *Reader) Lines() int { return r.src.no }

func (r *Reader) read(l line) {
	if l.cut {
		r.notes.add(l.no, TooLong, l.text)
	}
	if prefix, h, end := findHeader(l.text, l.last || l.cut); end != noHeader && (end != headerCut || r.expected(prefix)) {
		r.header(l, prefix, h, end)
		return
	}
	if prefix, name, total, ok := findProfile(l.text); ok {
		r.profile(l, prefix, name, total)
		return
	}
	text, ok := r.strip(l.text)
	if ok && text == dumpRule {
		r.leave(outside, false)
		r.resolve(true)
		r.closeProfile()
		r.another = true
		return
	}
	if r.race.line(text) {
		r.notes.add(l.no, Race, text)
		return
	}
	if !ok && r.place != outside {
		r.notes.add(l.no, Foreign, l.text)
		return
	}
	switch r.place {
	case outside:
		r.outside(l, text)
	case inStack, inRuntimeStack:
		r.stackLine(l, text)
	case inProfile, inEntry:
		r.profileLine(l, text)
	}
}

// expected says of the prefix of a header that was cut that the lines before have it, too.
func (r *Reader) expected(prefix string) bool {
	if prefix == "" || r.prefix.empty() {
		return prefix == ""
	}
	rest, ok := r.prefix.strip(prefix + headerStart)
	return ok && rest == headerStart
}

// strip takes off what a collector has put before the line.
func (r *Reader) strip(text string) (string, bool) {
	if r.prefix.empty() {
		return text, true
	}
	rest, ok := r.prefix.strip(text)
	if r.unsure && strings.TrimSpace(text) != "" {
		r.unsure = false
		if !ok {
			// It is before the header only; the other lines may be indented, as by testing's Log.
			rest = strings.TrimLeft(text, " ")
			r.prefix, ok = newPrefix(text[:len(text)-len(rest)]), true
		}
	}
	if !ok && strings.TrimSpace(text) == "" {
		return "", true
	}
	return rest, ok
}

func (r *Reader) header(l line, prefix string, h header, end headerEnd) {
	r.leave(outside, false)
	r.prefix, r.unsure, r.race = newPrefix(prefix), prefix != "", 0
	g := &h.g
	r.begin(l, g)
	g.Line = l.no
	g.State = r.in.keep(g.State)
	g.Thread = strings.Clone(g.Thread)
	for i, flag := range g.Flags {
		g.Flags[i] = r.in.keep(flag)
	}
	r.keepLabels(g)
	switch end {
	case headerCut:
		g.Truncated = true
		r.notes.add(l.no, Truncated, l.text)
	case headerOdd:
		r.notes.add(l.no, Odd, h.doubt)
	}
	r.place, r.section = inStack, section{g: g, stack: &g.Stack, last: l}
}

func (r *Reader) keepLabels(g *Goroutine) {
	for i, label := range g.Labels {
		g.Labels[i] = Label{r.in.keep(label.Key), r.in.keep(label.Value)}
	}
}

// begin finds the dump of a goroutine, or of the runtime's stack if g is nil.
func (r *Reader) begin(l line, g *Goroutine) {
	said, saidAt := "", 0 // in the line before, with no blank line between them: a program's own report
	if n := len(r.around); n > 0 && g != nil && g.State == "running" {
		text := r.stripAround(r.around[n-1])
		if strings.TrimSpace(text) != "" && text != threadRule {
			said, saidAt = text, r.around[n-1].no
			if !startsReason(text) && !continuesReason(text) {
				r.around = r.around[:n-1]
			}
		}
	}
	reason, at := r.resolve(false)
	if reason == "" {
		reason, at = said, saidAt
	} else if said != "" && !strings.HasSuffix(reason, said) {
		r.notes.add(saidAt, Foreign, said)
	}
	another := r.another || r.dump == nil || reason != "" || r.dump.Profile != ""
	if g == nil {
		another = another || len(r.seen) > 0 || !r.dump.RuntimeStack.empty()
	} else {
		another = another || g.ID != 0 && r.seen[g.ID] && !r.crash
	}
	if another {
		if at == 0 {
			at = l.no
		}
		r.startDump(&Dump{Reason: reason, Line: at})
	}
	if g != nil && len(r.seen) < maxSeen {
		r.seen[g.ID] = true
	}
}

func (r *Reader) startDump(d *Dump) {
	r.closeProfile()
	r.dump, r.seen, r.another, r.crash = d, map[uint64]bool{}, false, false
	if r.starts != nil {
		r.starts(d)
	}
}

// outside keeps a line until it is known what follows.
func (r *Reader) outside(l line, text string) {
	if text == runtimeStack {
		r.leave(outside, false)
		r.begin(l, nil)
		r.place, r.section = inRuntimeStack, section{stack: &r.dump.RuntimeStack, last: l}
		return
	}
	if len(r.around) == maxAround {
		for _, early := range r.around[:maxAround/2] {
			r.notes.add(early.no, Foreign, early.text)
		}
		r.around = append(r.around[:0], r.around[maxAround/2:]...)
	}
	l.text = cut(l.text, maxAroundLen)
	r.around = append(r.around, l)
}

// resolve decides what the lines outside of goroutines were, as soon as it is known what a collector has put
// before them. If they stand alone, those that look like the reason of a dump are one by themselves.
func (r *Reader) resolve(alone bool) (reason string, at int) {
	var b strings.Builder
	threads := false
	for _, l := range r.around {
		text := r.stripAround(l)
		switch {
		case text == threadRule && len(r.seen) > 0:
			threads, r.crash = true, true
			r.notes.add(l.no, Signal, text)
		case strings.TrimSpace(text) == "":
		case threads && (startsReason(text) || continuesReason(text)):
			r.notes.add(l.no, Signal, text)
		case startsReason(text) || b.Len() > 0 && continuesReason(text):
			if b.Len() > maxReason {
				r.notes.add(l.no, Foreign, text)
				continue
			}
			if b.Len() == 0 {
				at = l.no
			} else {
				b.WriteByte('\n')
			}
			b.WriteString(text)
		case isRegister(text):
			r.notes.add(l.no, Registers, text)
		default:
			r.notes.add(l.no, Foreign, l.text)
		}
	}
	r.around = r.around[:0]
	if alone && b.Len() > 0 {
		r.startDump(&Dump{Reason: b.String(), Line: at})
	}
	return b.String(), at
}

func (r *Reader) stripAround(l line) string {
	if text, ok := r.prefix.strip(l.text); ok && !r.prefix.empty() {
		return text
	}
	return l.text
}

// leave ends the goroutine or the stack that is being read.
func (r *Reader) leave(next place, atEnd bool) {
	if r.place == inStack || r.place == inRuntimeStack || r.place == inEntry {
		s := &r.section
		r.noteMaybe()
		if s.g != nil && !s.g.Truncated && s.isCut(atEnd) {
			s.g.Truncated = true
			r.notes.add(s.last.no, Truncated, s.last.text)
		}
		s.endStack()
		if s.skipped > 0 {
			r.notes.add(s.last.no, TooMany, fmt.Sprintf("%d skipped", s.skipped))
		}
		if s.g != nil {
			r.total += s.g.Count
			r.ready = append(r.ready, found{s.g, r.dump})
		}
		r.section = section{frames: s.frames[:0]}
	}
	r.place = next
}
