package dump

import (
	"fmt"
	"strconv"
	"strings"
)

// The text of runtime/pprof with debug=1:
//
//	goroutine profile: total 3
//	2 @ 0x47e6ea 0x45c586
//	# labels: {"tenant":"acme"}
//	#	0x4eca2e	main.main.func1+0xe	/dir/main.go:9

const profileTotal = " profile: total "

// findProfile looks for the first line of a profile.
func findProfile(text string) (prefix, name string, total int, ok bool) {
	before, digits, ok := strings.Cut(text, profileTotal)
	if !ok {
		return "", "", 0, false
	}
	for _, name := range []string{"goroutine", "goroutineleak"} {
		prefix, ok := strings.CutSuffix(before, name)
		n, err := strconv.ParseUint(digits, 10, 31)
		if ok && err == nil && isPrefix(prefix) {
			return prefix, name, int(n), true
		}
	}
	return "", "", 0, false
}

// parseEntry reads "2 @ 0x47e6ea 0x45c586".
func parseEntry(s string) (count int, ok bool) {
	digits, pcs, ok := strings.Cut(s, " @")
	if !ok {
		return 0, false
	}
	for pc := range strings.FieldsSeq(pcs) {
		if _, ok := cutHex(pc, "0x"); !ok {
			return 0, false
		}
	}
	n, err := strconv.ParseUint(digits, 10, 31)
	return int(n), err == nil && n > 0
}

const profileLabels = "# labels: {"

// parseProfileFrame reads "#	0x4eca2e	main.main.func1+0xe	/dir/main.go:9", or without a
// name "#	0x4eca2e".
func parseProfileFrame(s string) (f Frame, ok bool) {
	s, ok = strings.CutPrefix(s, "#\t")
	if !ok {
		return f, false
	}
	pc, s, named := strings.Cut(s, "\t")
	if f.PC, ok = cutHex(pc, "0x"); !ok || !named {
		return f, ok
	}
	name, place, ok := strings.Cut(strings.TrimLeft(s, "\t"), "\t")
	if !ok {
		return f, false
	}
	plus := strings.LastIndex(name, "+0x")
	if plus <= 0 {
		return f, false
	}
	if f.Offset, ok = cutHex(name[plus:], "+0x"); !ok {
		return f, false
	}
	f.Func = name[:plus]
	f.File, f.Line, ok = parseFile(strings.TrimLeft(place, "\t"))
	return f, ok && !hasSpaceAround(f.Func)
}

func (r *Reader) profile(l line, prefix, name string, total int) {
	r.leave(outside, false)
	r.prefix, r.unsure, r.race = newPrefix(prefix), prefix != "", 0
	r.resolve(true)
	r.startDump(&Dump{Profile: name, Total: total, Line: l.no})
	r.total = 0
	r.place = inProfile
}

// closeProfile compares what was read with what the profile says that there is.
func (r *Reader) closeProfile() {
	if r.dump != nil && r.dump.Profile != "" && r.total < r.dump.Total {
		r.notes.add(r.dump.Line, Truncated, fmt.Sprintf("%d goroutines of %d", r.total, r.dump.Total))
	}
	r.total = 0
}

func (r *Reader) profileLine(l line, text string) {
	s := &r.section
	s.last, s.open = l, false
	entry := text
	if l.last { // perhaps in the midst of an address
		entry = strings.TrimSuffix(strings.TrimSuffix(entry, "x"), " 0")
	}
	if count, ok := parseEntry(entry); ok {
		r.leave(inEntry, false)
		r.resolve(false)
		g := &Goroutine{Count: count, Line: l.no}
		r.section = section{g: g, stack: &g.Stack, frames: s.frames, last: l}
		return
	}
	if r.place == inProfile {
		r.outside(l, text)
		return
	}
	if labels, ok := strings.CutPrefix(text, profileLabels); ok {
		r.profileLabels(l, labels)
		return
	}
	f, ok := parseProfileFrame(text)
	switch {
	case strings.TrimSpace(text) == "":
		r.leave(inProfile, false)
	case startsReason(text):
		r.leave(outside, false)
		r.outside(l, text)
	case text == truncatedText:
		s.g.Truncated = true
	case ok:
		f.Func, f.File = r.in.keep(f.Func), r.in.keep(f.File)
		s.push(f)
	default:
		r.notes.add(l.no, Foreign, l.text)
		s.open = l.last
	}
}

func (r *Reader) profileLabels(l line, text string) {
	g := r.section.g
	labels, rest, end := parseLabels(text)
	all, carried := withoutCarrier(labels)
	g.Labels, g.Carried = append(g.Labels, all...), g.Carried || carried
	r.keepLabels(g)
	switch {
	case end == labelsCut && (l.last || l.cut):
		g.Truncated = true
		r.notes.add(l.no, Truncated, l.text)
	case end != labelsWhole || rest != "":
		r.notes.add(l.no, Odd, "labels not understood: "+rest)
	}
}
