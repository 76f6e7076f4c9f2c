package main

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// visible returns a text of others without what would make a terminal do something, or
// make it show the text in another order: that is written as Go's strings have it.
func visible(s string) string {
	if !hidden(s) {
		return s
	}
	var b strings.Builder
	for len(s) > 0 {
		r, n := utf8.DecodeRuneInString(s)
		switch {
		case r == utf8.RuneError && n == 1:
			fmt.Fprintf(&b, `\x%02x`, s[0])
		case strconv.IsPrint(r):
			b.WriteRune(r)
		default:
			b.WriteString(strings.Trim(strconv.QuoteRune(r), "'"))
		}
		s = s[n:]
	}
	return b.String()
}

func hidden(s string) bool {
	return !utf8.ValidString(s) || strings.ContainsFunc(s, func(r rune) bool { return !strconv.IsPrint(r) })
}

// visibleJSON does the same for a JSON text, whose strings keep their meaning, but for bytes that
// are not UTF-8.
func visibleJSON(data []byte) []byte {
	if !bytes.ContainsFunc(data, foreign) {
		return data
	}
	b := make([]byte, 0, len(data)+len(data)/8)
	for len(data) > 0 {
		r, n := utf8.DecodeRune(data)
		switch {
		case !foreign(r):
			b = append(b, data[:n]...)
		case r > 0xffff:
			high, low := utf16.EncodeRune(r)
			b = fmt.Appendf(b, `\u%04x\u%04x`, high, low)
		default:
			b = fmt.Appendf(b, `\u%04x`, r)
		}
		data = data[n:]
	}
	return b
}

// foreign reports whether a rune stands in strings only in JSON, and should not reach a terminal.
func foreign(r rune) bool {
	return r != '\n' && r != '\t' && r != '\r' && (r == utf8.RuneError || !strconv.IsPrint(r))
}
