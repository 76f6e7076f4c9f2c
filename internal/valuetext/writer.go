package valuetext

import (
	"reflect"
	"strconv"
	"strings"
	"unicode/utf8"
)

// A writer takes text until it is full.
type writer struct {
	text []byte
	max  int
	cut  bool // something did not fit
}

// plain writes s, or the beginning of it.
func (w *writer) plain(s string) {
	if w.cut {
		return
	}
	head := prefix(s, w.max-len(w.text))
	w.text = append(w.text, head...)
	w.cut = len(head) < len(s)
}

func (w *writer) quoted(s string) {
	if w.cut {
		return
	}
	text, cut := quoted(s, w.max-len(w.text))
	w.text = append(w.text, text...)
	w.cut = cut
}

const digits = "0123456789abcdef"

// hex writes an array of bytes, one whose type is called UUID as those are written.
func (w *writer) hex(v reflect.Value) {
	uuid := v.Len() == 16 && strings.EqualFold(v.Type().Name(), "uuid")
	for i := range v.Len() {
		if uuid && (i == 4 || i == 6 || i == 8 || i == 10) {
			w.plain("-")
		}
		b := v.Index(i).Uint()
		w.plain(string([]byte{digits[b>>4], digits[b&15]}))
		if w.cut {
			return
		}
	}
}

// prefix returns the first bytes of s, up to the beginning of a rune.
func prefix(s string, maxBytes int) string {
	if len(s) <= maxBytes {
		return s
	}
	n := max(maxBytes, 0)
	for n > 0 && n > maxBytes-utf8.UTFMax && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}

// printable reports whether a terminal and a page show s as it is.
func printable(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsFunc(s, func(r rune) bool { return !strconv.IsPrint(r) })
}

// quoted is strconv.Quote for at most maxBytes: it leaves out what does not fit between two quotation marks. If those do not
// fit, it returns nothing.
func quoted(s string, maxBytes int) (text string, cut bool) {
	if maxBytes < 2 {
		return "", true
	}
	b := make([]byte, 1, min(len(s)+2, maxBytes))
	b[0] = '"'
	for len(s) > 0 {
		_, size := utf8.DecodeRuneInString(s)
		whole := len(b)
		b = strconv.AppendQuote(b, s[:size])
		b = append(b[:whole], b[whole+1:len(b)-1]...) // its own marks
		if len(b) >= maxBytes {
			b, cut = b[:whole], true
			break
		}
		s = s[size:]
	}
	return string(append(b, '"')), cut
}
