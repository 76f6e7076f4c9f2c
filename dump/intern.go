package dump

import "strings"

// An intern keeps one copy of texts that come again and again: names of functions and files,
// states, labels. It keeps neither long nor too many ones.
type intern struct {
	texts map[string]string
	bytes int
}

const (
	internText  = 1 << 10
	internBytes = 8 << 20
)

// keep returns a text that does not hold the line which s is part of.
func (in *intern) keep(s string) string {
	if s == "" {
		return ""
	}
	if len(s) > internText {
		return strings.Clone(s)
	}
	if kept, ok := in.texts[s]; ok {
		return kept
	}
	if in.texts == nil || in.bytes > internBytes {
		in.texts, in.bytes = map[string]string{}, 0
	}
	s = strings.Clone(s)
	in.texts[s] = s
	in.bytes += len(s) + 32
	return s
}
