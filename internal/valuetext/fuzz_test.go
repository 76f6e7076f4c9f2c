package valuetext_test

import (
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/gocontextvars/contextvars/internal/valuetext"
)

func FuzzOf(f *testing.F) {
	f.Add("acme", 200)
	f.Add("\x1b[31m\xff", 7)
	f.Add("größe", 3)
	f.Add("\"\\", 5)
	f.Fuzz(func(t *testing.T, s string, max int) {
		max %= 1000
		for _, v := range []any{s, box{s}, [2]string{s, s}} {
			text, cut := valuetext.Of(v, max)
			switch {
			case len(text) > 0 && len(text) > max:
				t.Errorf("%d bytes of at most %d", len(text), max)
			case !utf8.ValidString(text):
				t.Errorf("%q is not UTF-8", text)
			case strings.ContainsFunc(text, func(r rune) bool { return !strconv.IsPrint(r) }):
				t.Errorf("%q is not printable", text)
			}
			if v == any(s) && !cut && text != s {
				if back, err := strconv.Unquote(text); err != nil || back != s {
					t.Errorf("%q became %s", s, text)
				}
			}
		}
	})
}
