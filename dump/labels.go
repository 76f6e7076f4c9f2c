package dump

import (
	"bytes"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
)

// carrierKey is the key of the label by which a ctx of WithContext leads to the
// variables. Its value is empty.
const carrierKey = "github.com/gocontextvars/contextvars"

// A Label is a key with its value, as runtime/pprof has them.
type Label struct {
	Key   string `json:"key"`
	Value string `json:"value"`
}

// Labels are in the order of the text, which is that of their keys. As JSON they are
// an object.
type Labels []Label

// Get returns the value of the label, and whether there is one.
func (l Labels) Get(key string) (string, bool) {
	for _, label := range l {
		if label.Key == key {
			return label.Value, true
		}
	}
	return "", false
}

// MarshalJSON writes an object. Bytes that are not UTF-8 are replaced, as json does.
func (l Labels) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, label := range l {
		if i > 0 {
			b.WriteByte(',')
		}
		key, err := json.Marshal(label.Key)
		if err != nil {
			return nil, err
		}
		value, err := json.Marshal(label.Value)
		if err != nil {
			return nil, err
		}
		b.Write(key)
		b.WriteByte(':')
		b.Write(value)
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// UnmarshalJSON reads what MarshalJSON has written.
func (l *Labels) UnmarshalJSON(data []byte) error {
	d := json.NewDecoder(bytes.NewReader(data))
	if start, err := d.Token(); err != nil || start != json.Delim('{') {
		*l = nil
		return err // null
	}
	*l = Labels{}
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return err
		}
		var value string
		if err := d.Decode(&value); err != nil {
			return err
		}
		*l = append(*l, Label{key.(string), value})
	}
	return nil
}

// labelsEnd says how far parseLabels came.
type labelsEnd int

const (
	labelsWhole  labelsEnd = iota
	labelsCut              // the text ends among them
	labelsBroken           // something else stands among them
)

// parseLabels reads labels up to and with their closing brace, and returns what follows.
// Go 1.26 quotes all of them, 1.27 where a character needs it, so an empty text is
// nothing at all; profiles leave out the space behind the colon.
func parseLabels(s string) (labels Labels, rest string, end labelsEnd) {
	if rest, ok := strings.CutPrefix(s, "}"); ok {
		return nil, rest, labelsWhole
	}
	for {
		var l Label
		if l.Key, s, end = parseLabelText(s); end != labelsWhole {
			return labels, s, end
		}
		var ok bool
		if s, ok = strings.CutPrefix(s, ":"); !ok {
			return labels, s, brokenOrCut(s)
		}
		s = strings.TrimPrefix(s, " ")
		if l.Value, s, end = parseLabelText(s); end != labelsWhole {
			return append(labels, l), s, end
		}
		labels = append(labels, l)
		if rest, ok := strings.CutPrefix(s, "}"); ok {
			return labels, rest, labelsWhole
		}
		if s, ok = strings.CutPrefix(s, ", "); !ok {
			return labels, s, brokenOrCut(s)
		}
	}
}

func brokenOrCut(s string) labelsEnd {
	if s == "" || s == "," {
		return labelsCut
	}
	return labelsBroken
}

func parseLabelText(s string) (text, rest string, end labelsEnd) {
	if !strings.HasPrefix(s, `"`) {
		i := 0
		for i < len(s) && isBare(s[i]) {
			i++
		}
		return s[:i], s[i:], labelsWhole
	}
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '"':
			text, err := strconv.Unquote(s[:i+1])
			if err != nil {
				return s[1:i], s[i+1:], labelsBroken
			}
			return text, s[i+1:], labelsWhole
		}
	}
	// Cut inside: all escapes but one that was cut can still be read.
	for cut := len(s); cut > 0 && cut > len(s)-len(`\U0001f600`); cut-- {
		if text, err := strconv.Unquote(s[:cut] + `"`); err == nil {
			return text, "", labelsCut
		}
	}
	return s[1:], "", labelsCut
}

// isBare is the runtime's idea of a character that needs no quotes.
func isBare(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '.' || c == '/' || c == '_'
}

// appendLabels writes them as Go 1.27 does.
func appendLabels(b []byte, labels Labels, carried bool) []byte {
	all := labels
	if carried {
		all = append(Labels{{carrierKey, ""}}, labels...)
	}
	b = append(b, '{')
	for i, l := range all {
		if i > 0 {
			b = append(b, ", "...)
		}
		b = appendLabelText(b, l.Key)
		b = append(b, ": "...)
		b = appendLabelText(b, l.Value)
	}
	return append(b, '}')
}

func appendLabelText(b []byte, s string) []byte {
	for i := range len(s) {
		if !isBare(s[i]) {
			return strconv.AppendQuoteToASCII(b, s)
		}
	}
	return append(b, s...)
}

// withoutCarrier takes the carrier's label out.
func withoutCarrier(labels Labels) (rest Labels, carried bool) {
	rest = slices.DeleteFunc(labels, func(l Label) bool { return l == Label{carrierKey, ""} })
	if len(rest) == len(labels) {
		return rest, false
	}
	if len(rest) == 0 {
		rest = nil
	}
	return rest, true
}
