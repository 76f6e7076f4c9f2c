package dump

import (
	"strconv"
	"strings"
)

// A header is the first line of a goroutine:
//
//	goroutine 7 [chan receive, 5 minutes, locked to thread labels:{"tenant": "acme"}]:    Go 1.26
//	goroutine 7 gp=0xc000002380 m=nil [chan receive (nil chan)] {tenant: acme, "a b": }:    Go 1.27
type header struct {
	g     Goroutine
	doubt string // why it is not fully understood
}

const (
	headerStart = "goroutine "
	// labels26 begins Go 1.26's labels, inside of the brackets.
	labels26 = " labels:{"
)

// headerEnd says what parseHeader made of a text.
type headerEnd int

const (
	noHeader  headerEnd = iota
	headerOK            // up to the end of the line
	headerCut           // the text ends before the header does
	headerOdd           // begins like one, and goes on in an unknown way
)

// parseHeader reads a text that begins with headerStart.
func parseHeader(s string) (h header, end headerEnd) {
	s = s[len(headerStart):]
	digits := 0
	for digits < len(s) && '0' <= s[digits] && s[digits] <= '9' {
		digits++
	}
	id, err := strconv.ParseUint(s[:digits], 10, 64)
	if err != nil {
		return h, noHeader
	}
	h.g.ID, h.g.Count, s = id, 1, s[digits:]
	thread, s, ok := strings.Cut(s, " [")
	if !ok || !isThread(thread) {
		return h, noHeader
	}
	h.g.Thread = strings.TrimPrefix(thread, " ")

	closing := strings.IndexByte(s, ']')
	inner := strings.Index(s, labels26)
	switch {
	case closing < 0 && inner < 0:
		h.setStatus(s)
		return h, headerCut
	case inner >= 0 && (closing < 0 || inner < closing):
		if inner == 0 {
			return h, noHeader
		}
		h.setStatus(s[:inner])
		if s, end = h.setLabels(s[inner+len(labels26):]); end != headerOK {
			return h, end
		}
		if s, ok = strings.CutPrefix(s, "]"); !ok {
			return h, h.odd(s)
		}
	case closing == 0:
		return h, noHeader
	default:
		h.setStatus(s[:closing])
		s = s[closing+1:]
	}
	if after, ok := strings.CutPrefix(s, " {"); ok {
		if s, end = h.setLabels(after); end != headerOK {
			return h, end
		}
	}
	if s != ":" {
		return h, h.odd(s)
	}
	return h, headerOK
}

func (h *header) odd(rest string) headerEnd {
	if rest == "" || rest == " " {
		return headerCut
	}
	h.doubt = "header not understood: " + rest
	return headerOdd
}

func (h *header) setLabels(s string) (rest string, _ headerEnd) {
	labels, rest, end := parseLabels(s)
	all, carried := withoutCarrier(labels)
	h.g.Labels, h.g.Carried = append(h.g.Labels, all...), h.g.Carried || carried
	switch end {
	case labelsCut:
		return "", headerCut
	case labelsBroken:
		h.doubt = "labels not understood: " + rest
		return "", headerOdd
	}
	return rest, headerOK
}

// isThread accepts what stands between the number and the brackets.
func isThread(s string) bool {
	if s == "" {
		return true
	}
	if s[0] != ' ' {
		return false
	}
	for word := range strings.SplitSeq(s[1:], " ") {
		if !strings.HasPrefix(word, "gp=") && !strings.HasPrefix(word, "m=") && !strings.HasPrefix(word, "mp=") {
			return false
		}
	}
	return true
}

func (h *header) setStatus(s string) {
	g := &h.g
	state, rest, more := strings.Cut(s, ", ")
	for {
		trimmed := false
		for _, mark := range []struct {
			text string
			set  *bool
		}{{" (leaked)", &g.Leaked}, {" (scan)", &g.Scan}, {" (durable)", &g.Durable}} {
			if before, ok := strings.CutSuffix(state, mark.text); ok && before != "" {
				state, *mark.set, trimmed = before, true, true
			}
		}
		if !trimmed {
			break
		}
	}
	if g.State = state; state == "" {
		g.State = "unknown"
	}
	for more {
		var flag string
		flag, rest, more = strings.Cut(rest, ", ")
		g.setFlag(flag)
	}
}

func (g *Goroutine) setFlag(flag string) {
	if n, ok := strings.CutSuffix(flag, " minutes"); ok {
		if minutes, err := strconv.ParseUint(n, 10, 64); err == nil {
			g.WaitMinutes = minutes
			return
		}
	}
	for _, start := range []string{"synctest bubble ", "synctest group "} { // the latter up to Go 1.24
		if n, ok := strings.CutPrefix(flag, start); ok {
			if bubble, err := strconv.ParseUint(n, 10, 64); err == nil {
				g.Bubble = bubble
				return
			}
		}
	}
	if flag == "locked to thread" {
		g.Locked = true
		return
	}
	g.Flags = append(g.Flags, flag)
}

// findHeader looks for a header behind what a collector of logs may have put before it.
func findHeader(text string, atEnd bool) (prefix string, h header, end headerEnd) {
	const tries = 4 // and no more: each may look at the whole line
	from := 0
	for range tries {
		i := strings.Index(text[from:], headerStart)
		if i < 0 {
			break
		}
		i += from
		from = i + len(headerStart)
		if !isPrefix(text[:i]) {
			continue
		}
		h, end := parseHeader(text[i:])
		switch {
		case end == headerOK, end == headerCut && atEnd:
			return text[:i], h, end
		case end == headerOdd && i == 0 && strings.HasSuffix(text, ":"):
			return "", h, end
		}
	}
	return "", header{}, noHeader
}
