package dump

import "strings"

// A prefix is what a collector of logs puts before each line: a time, which changes from line to
// line, and names, which do not.
//
//	web-1  | goroutine 1 [running]:
//	Jan  2 03:04:05 host app[71]: goroutine 1 [running]:
type prefix struct {
	words []string
	tail  string // the spaces behind the last word
}

// isPrefix accepts what may stand before a header. A tab may not: the runtime puts one before each
// further line of a panic's message, which may have been made to look like a header; nor
// may the beginning of such a message.
func isPrefix(s string) bool {
	if s == "" {
		return true
	}
	if len(s) > 1000 {
		return false
	}
	for _, start := range reasonStarts[:2] {
		if strings.Contains(s, start) {
			return false
		}
	}
	last := s[len(s)-1]
	return strings.IndexByte(" |:>])", last) >= 0 && s[0] != '\t'
}

func newPrefix(s string) prefix {
	trimmed := strings.TrimRight(s, " ")
	return prefix{strings.Fields(trimmed), s[len(trimmed):]}
}

func (p prefix) empty() bool { return len(p.words) == 0 && p.tail == "" }

// strip takes the prefix off a line. It is not ok if the line does not have it.
func (p prefix) strip(s string) (string, bool) {
	rest := s
	for i, want := range p.words {
		if i > 0 {
			trimmed := strings.TrimLeft(rest, " \t")
			if trimmed == rest {
				return "", false
			}
			rest = trimmed
		} else {
			rest = strings.TrimLeft(rest, " ")
		}
		n := wordLength(rest, want, i == len(p.words)-1 && p.tail == "")
		if n < 0 {
			return "", false
		}
		rest = rest[n:]
	}
	if after, ok := strings.CutPrefix(rest, p.tail); ok {
		if tabbed, ok := strings.CutPrefix(after, "#011"); ok { // what syslog makes of a tab
			after = "\t" + tabbed
		}
		return after, true
	}
	return "", strings.TrimLeft(rest, " ") == "" // a blank line whose end was trimmed
}

// wordLength returns how much of s is the word, or another time in its place; -1 if
// nothing is.
func wordLength(s, want string, within bool) int {
	if strings.HasPrefix(s, want) && (within || len(s) == len(want) || s[len(want)] == ' ' || s[len(want)] == '\t') {
		return len(want)
	}
	if within {
		return -1
	}
	end := strings.IndexAny(s, " \t")
	if end < 0 {
		end = len(s)
	}
	if isTime(want) && isTime(s[:end]) {
		return end
	}
	return -1
}

// isTime accepts words that are dates, times or parts of them.
func isTime(s string) bool {
	s = strings.Trim(s, "[]:,|")
	switch s {
	case "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
		"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun":
		return true
	}
	digits := 0
	for i := range len(s) {
		switch c := s[i]; {
		case '0' <= c && c <= '9':
			digits++
		case strings.IndexByte(":.,-+/TZ", c) < 0:
			return false
		}
	}
	return digits > 0
}
