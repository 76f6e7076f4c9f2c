package asyncio

import (
	"bytes"
	"runtime"
	"strconv"
	"strings"
)

// Stacks of goroutines that stand still for good, or do not listen, are only to be had from a dump
// as the runtime prints it. What is below reads that text, as Go 1.26 and 1.27 write it.

// trace is what a dump says of one goroutine.
type trace struct {
	state  string // "coroutine": it stands in a switch between coroutines
	frames []Frame
}

// maxDump bounds the text. What is beyond is missing; at a kilobyte for a stack that is 64,000 goroutines.
const maxDump = 64 << 20

// dumpAll returns the stacks of all goroutines. It stops the world while the runtime writes them, some
// microseconds each.
func dumpAll() []byte {
	for size := max(64<<10, 2<<10*runtime.NumGoroutine()); ; size *= 2 {
		buf := make([]byte, min(size, maxDump))
		if n := runtime.Stack(buf, true); n < len(buf) || size >= maxDump {
			return buf[:n]
		}
	}
}

// parseDump returns what the dump says of those goroutines for which wanted is true.
func parseDump(dump []byte, wanted func(goroutine uint64) bool) map[uint64]trace {
	traces := make(map[uint64]trace)
	dump = dump[:bytes.LastIndexByte(dump, '\n')+1] // a line that is cut off may look like another one
	for len(dump) > 0 {
		var block []byte
		block, dump, _ = bytes.Cut(dump, []byte("\n\n"))
		header, calls, _ := bytes.Cut(block, []byte("\n"))
		id, state, ok := parseHeader(string(header))
		if ok && wanted(id) {
			traces[id] = trace{state, parseCalls(string(calls))}
		}
	}
	return traces
}

// parseHeader reads the line that a stack begins with:
//
//	goroutine 18 gp=0xc000006000 m=0 mp=0x55 [chan receive, 2 minutes, locked to thread]:
//	goroutine 18 [running labels:{"user": "ann"}]:	(1.26)
//	goroutine 18 [running] {user: ann}:	(1.27)
func parseHeader(line string) (id uint64, state string, ok bool) {
	rest, ok := strings.CutPrefix(line, "goroutine ")
	if !ok {
		return 0, "", false
	}
	number, rest, ok := strings.Cut(rest, " ")
	if !ok {
		return 0, "", false
	}
	id, err := strconv.ParseUint(number, 10, 64)
	if err != nil {
		return 0, "", false
	}
	_, rest, ok = strings.Cut(rest, "[")
	if !ok {
		return 0, "", false
	}
	end := strings.IndexAny(rest, ",]")
	if end < 0 {
		return 0, "", false
	}
	state, _, _ = strings.Cut(rest[:end], " labels:{")
	return id, state, true
}

// parseCalls reads the lines after the header, which come in pairs:
//
//	main.(*T).work(0xc000012345, {0x1, 0x2})
//		/home/ann/main.go:12 +0x1d
//
// It leaves out what says where the goroutine was created, and how many frames there was no room for.
func parseCalls(lines string) (frames []Frame) {
	for lines != "" {
		var call, place string
		call, lines, _ = strings.Cut(lines, "\n")
		if strings.HasPrefix(call, "\t") || strings.HasPrefix(call, "...") {
			continue // "goroutine running on other thread; stack unavailable", "...12 frames elided..."
		}
		if strings.HasPrefix(call, "created by ") {
			break
		}
		place, lines, _ = strings.Cut(lines, "\n")
		name := call
		if i := strings.LastIndexByte(call, '('); i > 0 {
			name = call[:i]
		}
		file, line, ok := parsePlace(place)
		if !ok {
			break // cut off
		}
		frames = append(frames, Frame{name, file, line})
	}
	return frames
}

// parsePlace reads "\t/home/ann/main.go:12 +0x1d", of which the end may be missing, or more
// follow.
func parsePlace(s string) (file string, line int, ok bool) {
	s, ok = strings.CutPrefix(s, "\t")
	colon := strings.LastIndexByte(s, ':')
	if !ok || colon < 0 {
		return "", 0, false
	}
	number, _, _ := strings.Cut(s[colon+1:], " ")
	line, err := strconv.Atoi(number)
	return s[:colon], line, err == nil
}
