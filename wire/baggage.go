package wire

import (
	"errors"
	"strings"
	"unicode/utf8"
)

// Limits of W3C Baggage, for all entries of a request together. What is over one of them is
// dropped, with a [Report].
const (
	MaxMembers = 64
	MaxBytes   = 8192
)

// member is one entry of a baggage list: name=value;properties.
type member struct {
	raw               string // all of it, without the space around it
	name, value, rest string // rest begins after the first semicolon
}

// next cuts the first member off a list. It skips what is empty; ok is false at the end.
func next(list string) (raw, rest string, ok bool) {
	for list != "" {
		raw, list, _ = strings.Cut(list, ",")
		if raw = trim(raw); raw != "" {
			return raw, list, true
		}
	}
	return "", "", false
}

// parse reads a member as next returns it. Of a malformed one it finds the name at best.
func parse(raw string) (m member, ok bool) {
	m.raw = raw
	i := span(raw, 0, &token)
	m.name = raw[:i]
	if i = span(raw, i, &space); m.name == "" || i == len(raw) || raw[i] != '=' {
		head, _, _ := strings.Cut(raw, ";")
		name, _, _ := strings.Cut(head, "=")
		m.name = trim(name)
		return m, false
	}
	i = span(raw, i+1, &space)
	j := span(raw, i, &octet)
	m.value = raw[i:j]
	if j = span(raw, j, &space); j == len(raw) {
		return m, true
	}
	m.rest = raw[j+1:]
	return m, raw[j] == ';' && span(m.rest, 0, &property) == len(m.rest)
}

// span returns the end of the characters of a class that begin at i.
func span(s string, i int, c *class) int {
	for i < len(s) && c[s[i]] {
		i++
	}
	return i
}

// once reports whether the member bears the property of variables that go one hop.
func (m *member) once() bool {
	for list := m.rest; list != ""; {
		var p string
		p, list, _ = strings.Cut(list, ";")
		name, value, _ := strings.Cut(p, "=")
		if trim(name) == "hops" && trim(value) == "1" {
			return true
		}
	}
	return false
}

// disguised reports whether the name is another spelling of that of a variable that travels: some
// implementations undo percent-encoding in names, read a plus sign as a space, and then cut
// all space off. Nobody writes ours like that, as there is nothing in them to encode.
func (m *member) disguised() bool {
	if !strings.ContainsAny(m.name, "%+") {
		return false
	}
	name, _, err := unescape(strings.ReplaceAll(m.name, "+", " "))
	return err == nil && named(strings.TrimSpace(name)) != nil
}

const onceProperty = ";hops=1"

// trim is strings.Trim, faster where there is nothing to trim.
func trim(s string) string {
	for s != "" && (s[0] == ' ' || s[0] == '\t') {
		s = s[1:]
	}
	for s != "" && (s[len(s)-1] == ' ' || s[len(s)-1] == '\t') {
		s = s[:len(s)-1]
	}
	return s
}

var (
	errPercent = errors.New("malformed percent-encoding")
	errUTF8    = errors.New("the value is not UTF-8")
)

// unescape undoes the percent-encoding of a value, which parse has found to
// consist of octets. Fresh says that the text shares no memory with the value.
func unescape(value string) (text string, fresh bool, err error) {
	i := strings.IndexByte(value, '%')
	if i < 0 {
		return value, false, nil
	}
	var room [256]byte
	b := append(room[:0], value[:i]...)
	for ; i < len(value); i++ {
		c := value[i]
		if c == '%' {
			if i+2 >= len(value) || unhex[value[i+1]] < 0 || unhex[value[i+2]] < 0 {
				return "", false, errPercent
			}
			c = byte(unhex[value[i+1]]<<4 | unhex[value[i+2]])
			i += 2
		}
		b = append(b, c)
	}
	if !utf8.Valid(b) {
		return "", false, errUTF8
	}
	return string(b), true, nil
}

// appendEscaped appends text, percent-encoded where any implementation might want
// that: some read a plus sign as a space, for instance.
func appendEscaped(dst, text []byte) []byte {
	for _, c := range text {
		if plain[c] {
			dst = append(dst, c)
		} else {
			dst = append(dst, '%', hex[c>>4], hex[c&15])
		}
	}
	return dst
}

const hex = "0123456789ABCDEF"

const (
	lettersAndDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
	visible          = lettersAndDigits + "!#$%&'()*+-./:<=>?@[]^_`{|}~"
)

type class [256]bool

var (
	unreserved = classOf(lettersAndDigits + "-._~")          // RFC 3986
	plain      = classOf(lettersAndDigits + "-._~!*'():/@$") // written as they are
	octet      = classOf(visible)                            // a value's, in the specification
	token      = classOf(lettersAndDigits + "!#$%&'*+-.^_`|~")
	property   = classOf(visible + "; \t")
	space      = classOf(" \t")
	unhex      = unhexTable()
)

func classOf(chars string) (c class) {
	for i := range len(chars) {
		c[chars[i]] = true
	}
	return c
}

func unhexTable() (t [256]int8) {
	for i := range t {
		t[i] = -1
	}
	for i := range len(hex) {
		t[hex[i]], t[strings.ToLower(hex)[i]] = int8(i), int8(i)
	}
	return t
}
