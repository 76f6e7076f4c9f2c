// Package traceback reads the stacks of goroutines as the runtime prints them here and now, fast. What other
// programs have printed, and logs have passed on, is for package dump.
package traceback

import (
	"bytes"
	"runtime"
	"strconv"
	"strings"
	"time"
)

// A Goroutine is what the text says of one.
type Goroutine struct {
	ID uint64
	// State is the runtime's word. "coroutine": it stands in a switch between coroutines.
	State       string
	WaitMinutes uint64
	Frames      []Frame // the most recent call first
	Created     Frame   // the go statement; zero if it is not said
	Creator     uint64  // the goroutine that it was in
}

// Frame is a call.
type Frame struct {
	Function string // with its package's path
	File     string
	Line     int
}

// MaxText bounds the text. What is beyond is missing; at a kilobyte for a stack that is 64,000 goroutines.
const MaxText = 64 << 20

// All returns the stacks of all goroutines, the caller's first. It stops the world while the runtime writes them,
// some 0.35 µs a call, and says for how long, at most.
func All() (text []byte, stopped time.Duration) {
	for size := max(64<<10, 2<<10*runtime.NumGoroutine()); ; size *= 2 {
		text = make([]byte, min(size, MaxText))
		began := time.Now()
		n := runtime.Stack(text, true)
		stopped += time.Since(began)
		if n < len(text) || size >= MaxText {
			return text[:n], stopped
		}
	}
}

// Parse returns what the text says of those goroutines for which wanted is true, in the order of the text.
func Parse(text []byte, wanted func(goroutine uint64) bool) (all []Goroutine) {
	r := newReader()
	text = text[:bytes.LastIndexByte(text, '\n')+1] // a line that is cut off may look like another one
	for len(text) > 0 {
		var block []byte
		block, text, _ = bytes.Cut(text, []byte("\n\n"))
		header, calls, _ := bytes.Cut(block, []byte("\n"))
		g, ok := r.header(header)
		if ok && wanted(g.ID) {
			r.calls(&g, calls)
			all = append(all, g)
		}
	}
	return all
}

// Everyone is for Parse.
func Everyone(uint64) bool { return true }

// reader keeps what was read already: goroutines have most of it in common.
type reader struct {
	frames map[string]Frame // by the line of the place
	states map[string]string
	room   []Frame
}

func newReader() *reader {
	return &reader{frames: make(map[string]Frame), states: make(map[string]string)}
}

var (
	start   = []byte("goroutine ")
	labels  = []byte(" labels:{")
	minutes = []byte(" minutes")
)

// header reads the line that a stack begins with:
//
//	goroutine 18 gp=0xc000006000 m=0 mp=0x55 [chan receive, 2 minutes, locked to thread]:
//	goroutine 18 [running labels:{"user": "ann"}]:	(1.26)
//	goroutine 18 [running] {user: ann}:	(1.27)
func (r *reader) header(line []byte) (g Goroutine, ok bool) {
	rest, ok := bytes.CutPrefix(line, start)
	if !ok {
		return g, false
	}
	number, rest, ok := bytes.Cut(rest, []byte{' '})
	if !ok {
		return g, false
	}
	id, err := strconv.ParseUint(string(number), 10, 64)
	if err != nil {
		return g, false
	}
	_, rest, ok = bytes.Cut(rest, []byte{'['})
	if !ok {
		return g, false
	}
	end := bytes.IndexAny(rest, ",]")
	if end < 0 {
		return g, false
	}
	state, _, _ := bytes.Cut(rest[:end], labels)
	g.ID, g.State = id, r.state(state)
	if rest[end] == ',' {
		wait, _, _ := bytes.Cut(rest[end+1:], minutes)
		g.WaitMinutes, _ = strconv.ParseUint(strings.TrimPrefix(string(wait), " "), 10, 64)
	}
	return g, true
}

func (r *reader) state(b []byte) string {
	s, ok := r.states[string(b)]
	if !ok {
		s = string(b)
		r.states[s] = s
	}
	return s
}

// calls reads the lines after the header, which come in pairs:
//
//	main.(*T).work(0xc000012345, {0x1, 0x2})
//		/home/ann/main.go:12 +0x1d
func (r *reader) calls(g *Goroutine, lines []byte) {
	first := len(r.room)
	for len(lines) > 0 {
		var call, place []byte
		call, lines, _ = bytes.Cut(lines, []byte{'\n'})
		if len(call) > 0 && call[0] == '\t' || bytes.HasPrefix(call, []byte("...")) {
			continue // "goroutine running on other thread; stack unavailable", "...12 frames elided..."
		}
		place, lines, _ = bytes.Cut(lines, []byte{'\n'})
		creator, created := bytes.CutPrefix(call, []byte("created by "))
		if created {
			if i := bytes.LastIndex(creator, []byte(" in goroutine ")); i >= 0 {
				g.Creator, _ = strconv.ParseUint(string(creator[i+len(" in goroutine "):]), 10, 64)
				creator = creator[:i]
			}
			g.Created, _ = r.frame(creator, place)
			break
		}
		if i := bytes.LastIndexByte(call, '('); i > 0 {
			call = call[:i]
		}
		f, ok := r.frame(call, place)
		if !ok {
			break // cut off
		}
		r.room = append(r.room, f)
	}
	if len(r.room) > first {
		g.Frames = r.room[first:len(r.room):len(r.room)]
	}
	if cap(r.room)-len(r.room) < 100 {
		r.room = make([]Frame, 0, 4096) // frames of many goroutines in one allocation
	}
}

// frame reads "\t/home/ann/main.go:12 +0x1d", of which the end may be missing, or more follow.
func (r *reader) frame(function, place []byte) (Frame, bool) {
	if f, ok := r.frames[string(place)]; ok && f.Function == string(function) {
		return f, true
	}
	s, ok := strings.CutPrefix(string(place), "\t")
	colon := strings.LastIndexByte(s, ':')
	if !ok || colon < 0 {
		return Frame{}, false
	}
	number, _, _ := strings.Cut(s[colon+1:], " ")
	line, err := strconv.Atoi(number)
	if err != nil {
		return Frame{}, false
	}
	f := Frame{string(function), s[:colon], line}
	r.frames[string(place)] = f
	return f, true
}
