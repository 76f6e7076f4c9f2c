package dump

import (
	"slices"
	"strings"
)

// A section is the goroutine being read.
type section struct {
	g      *Goroutine // nil for the runtime's own stack
	stack  *Stack     // of g, or of an ancestor, or the runtime's
	frames []Frame    // of stack
	call   *Frame     // whose file comes next: nil, &fresh or stack.CreatedBy
	fresh  Frame
	// maybe is a line that is a function of C if the next one has a place in C code.
	maybe   line
	skipped int
	last    line // the one read last
	open    bool // the last one was not the end of anything
}

const (
	maxFrames    = 10_000 // of a stack; the runtime prints 100 at most
	maxAncestors = 1_000
	// truncatedText is what WriteTo puts where a goroutine was cut.
	truncatedText = "...the text ends here..."
)

func (s *section) push(f Frame) {
	if len(s.frames) == maxFrames {
		s.skipped++
		return
	}
	s.frames = append(s.frames, f)
}

// endCall gives up waiting for the file of a call.
func (s *section) endCall() {
	if s.call == &s.fresh {
		s.push(s.fresh)
	}
	s.call = nil
}

// endStack makes the frames read those of the stack.
func (s *section) endStack() {
	s.endCall()
	if len(s.frames) > 0 {
		s.stack.Frames = slices.Clone(s.frames)
	}
	s.frames = s.frames[:0]
}

// isCut says, where something else follows or the text ends, that more should have come.
func (s *section) isCut(atEnd bool) bool {
	if s.call != nil || atEnd && s.open {
		return true
	}
	if s.g.Aggregated() || s.g.Unavailable || s.stack.CreatedBy != nil {
		return false
	}
	if len(s.frames) == 0 {
		return true
	}
	f := &s.frames[len(s.frames)-1]
	return atEnd && s.last.last && f.Offset == 0 && f.PC == 0 && f.Args != "..."
}

func (r *Reader) noteMaybe() {
	s := &r.section
	if s.maybe.text != "" {
		r.notes.add(s.maybe.no, Foreign, s.maybe.text)
		s.maybe = line{}
	}
}

// stackLine reads a line behind a header.
func (r *Reader) stackLine(l line, text string) {
	s := &r.section
	s.last, s.open = l, false
	if f, native, ok := parsePlace(text); ok {
		r.placeLine(l, f, native)
		return
	}
	r.noteMaybe()
	id, originates := parseOriginating(text)
	switch {
	case strings.TrimSpace(text) == "", startsReason(text), text == runtimeStack, isRegister(text):
		r.leave(outside, l.last)
		r.outside(l, text)
	case s.g != nil && text == truncatedText:
		s.g.Truncated = true
	case s.g != nil && strings.TrimLeft(text, " \t") == unavailableText:
		s.g.Unavailable = true
	case originates && s.g != nil && len(s.g.Ancestors) < maxAncestors:
		s.endStack()
		s.g.Ancestors = append(s.g.Ancestors, Ancestor{ID: id})
		s.stack = &s.g.Ancestors[len(s.g.Ancestors)-1].Stack
	case s.stack.CreatedBy != nil && s.stack.CreatedBy.File != "":
		// It is complete, and this does not belong to it.
		r.leave(outside, false)
		r.outside(l, text)
	default:
		r.frameLine(l, text)
	}
}

// placeLine reads "\t/dir/file.go:12 +0x1d".
func (r *Reader) placeLine(l line, f Frame, native bool) {
	s := &r.section
	f.File = r.in.keep(f.File)
	switch {
	case s.maybe.text != "" && native:
		s.endCall()
		f.Func, f.Cgo = r.in.keep(s.maybe.text), true
		s.push(f)
		s.maybe = line{}
	case s.call != nil && f.File != "":
		r.noteMaybe()
		s.call.File, s.call.Line, s.call.Offset, s.call.PC = f.File, f.Line, f.Offset, f.PC
		s.endCall()
	default:
		r.noteMaybe()
		r.notes.add(l.no, Foreign, l.text)
		s.open = l.last
	}
}

// frameLine reads the first line of a frame.
func (r *Reader) frameLine(l line, text string) {
	s := &r.section
	if f, id, ok := parseCreatedBy(text); ok && s.stack.CreatedBy == nil && s.g != nil && (id == 0 || s.stack == &s.g.Stack) {
		s.endCall()
		f.Func = r.in.keep(f.Func)
		s.stack.CreatedBy, s.call = &f, &f
		if s.stack == &s.g.Stack {
			s.g.CreatorID = id
		}
		return
	}
	if s.stack.CreatedBy == nil {
		if n, ok := parseElided(text); ok {
			s.endCall()
			s.stack.Elided, s.stack.ElidedAt = n, len(s.frames)
			return
		}
		if pc, ok := cutHex(text, nonGoAt+"0x"); ok {
			s.endCall()
			s.push(Frame{Func: nonGo, PC: pc, Cgo: true})
			return
		}
		if f, ok := parseCall(text); ok {
			s.endCall()
			f.Func = r.in.keep(f.Func)
			if f.Args == "..." {
				f.Args = "..." // and not a part of the line
			} else {
				f.Args = strings.Clone(f.Args)
			}
			s.fresh, s.call = f, &s.fresh
			return
		}
		if !hasSpaceAround(text) {
			s.maybe, s.open = l, l.last
			s.maybe.text = cut(text, maxAroundLen)
			return
		}
	}
	r.notes.add(l.no, Foreign, l.text)
	s.open = l.last
}

// raceState follows the reports of the race detector.
type raceState int

// line takes each line, and says whether it belongs to a report.
func (s *raceState) line(text string) bool {
	const maxRace = 10_000 // lines
	switch {
	case text == raceRule:
		if *s > 1 {
			*s = 0
		} else {
			*s = 1
		}
		return true
	case *s == 1 && text != "WARNING: DATA RACE", *s > maxRace:
		*s = 0
	case *s > 0:
		*s++
	}
	return *s > 0
}
