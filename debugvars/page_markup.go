package debugvars

import (
	"fmt"
	"strconv"
	"unicode/utf8"
)

// A markup is HTML that is being written. All text and all values of attributes are escaped; names of elements and
// attributes are constants of this package, and every URL is made by a function here from "?" or "#" on, or names an asset.
//
// It is not html/template because an open page asks once a second: 500 goroutines take a template four times as long, and
// 250,000 allocations in place of 14,000.
type markup struct {
	b    []byte
	tags []string
}

// open begins an element. Attributes are pairs of a name and a value.
func (m *markup) open(tag string, attributes ...string) {
	m.void(tag, attributes...)
	m.tags = append(m.tags, tag)
}

// void writes an element that has no content, such as an input.
func (m *markup) void(tag string, attributes ...string) {
	m.b = append(append(m.b, '<'), tag...)
	for i := 0; i+1 < len(attributes); i += 2 {
		m.b = append(append(m.b, ' '), attributes[i]...)
		m.b = append(m.b, `="`...)
		m.b = appendEscaped(m.b, attributes[i+1], false)
		m.b = append(m.b, '"')
	}
	m.b = append(m.b, '>')
}

// close ends the element that was begun last.
func (m *markup) close() {
	last := len(m.tags) - 1
	m.b = append(append(append(m.b, "</"...), m.tags[last]...), '>')
	m.tags = m.tags[:last]
}

// text writes texts for people.
func (m *markup) text(texts ...string) {
	for _, s := range texts {
		m.b = appendEscaped(m.b, s, true)
	}
}

// element writes a whole element.
func (m *markup) element(tag, text string, attributes ...string) {
	m.open(tag, attributes...)
	m.text(text)
	m.close()
}

// number writes n with commas between thousands.
func (m *markup) number(n int) {
	digits := strconv.Itoa(n)
	for i := range len(digits) {
		if i > 0 && (len(digits)-i)%3 == 0 && digits[i-1] != '-' {
			m.b = append(m.b, ',')
		}
		m.b = append(m.b, digits[i])
	}
}

// appendEscaped writes s so that it is nothing but text, whatever it is. If it is for people, what they would
// not see, or what turns around the text that they see, is spelled out.
func appendEscaped(b []byte, s string, visible bool) []byte {
	for i := 0; i < len(s); {
		if n := harmless(s[i:]); n > 0 {
			b = append(b, s[i:i+n]...)
			i += n
			continue
		}
		c := s[i]
		if c < utf8.RuneSelf {
			i++
			switch {
			case c == '&':
				b = append(b, "&amp;"...)
			case c == '<':
				b = append(b, "&lt;"...)
			case c == '>':
				b = append(b, "&gt;"...)
			case c == '"':
				b = append(b, "&#34;"...)
			case c == '\'':
				b = append(b, "&#39;"...)
			case visible && c < ' ':
				b = utf8.AppendRune(b, '␀'+rune(c))
			case visible && c == 0x7f:
				b = utf8.AppendRune(b, '␡')
			case c == 0: // no text in HTML may have it
				b = utf8.AppendRune(b, utf8.RuneError)
			default:
				b = fmt.Appendf(b, "&#%d;", c)
			}
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		i += size
		switch {
		case visible && (turnsAround(r) || 0x80 <= r && r < 0xa0):
			b = fmt.Appendf(b, "‹U+%04X›", r)
		default:
			b = utf8.AppendRune(b, r) // U+FFFD for what is not UTF-8
		}
	}
	return b
}

// harmless is how many bytes at the beginning of s stand for themselves everywhere.
func harmless(s string) int {
	for i := range len(s) {
		switch c := s[i]; {
		case c == '&', c == '<', c == '>', c == '"', c == '\'', c >= 0x7f, c < ' ' && c != '\n' && c != '\t':
			return i
		}
	}
	return len(s)
}

// turnsAround says that r changes the direction of what follows it: Unicode's embeddings, overrides and isolates,
// by which one text can look like another.
func turnsAround(r rune) bool { return 0x202a <= r && r <= 0x202e || 0x2066 <= r && r <= 0x2069 }
