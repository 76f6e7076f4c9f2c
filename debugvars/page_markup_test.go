package debugvars

import (
	"html"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestEscaped(t *testing.T) {
	for _, test := range []struct{ in, text, attribute string }{
		{`a<b>&"c"'d'`, `a&lt;b&gt;&amp;&#34;c&#34;&#39;d&#39;`, `a&lt;b&gt;&amp;&#34;c&#34;&#39;d&#39;`},
		{"line\n\ttab", "line\n\ttab", "line\n\ttab"},
		{"\x00\x1b[31m\x7f", "␀␛[31m␡", "\ufffd&#27;[31m&#127;"},
		{"a\xffb\xc3", "a\ufffdb\ufffd", "a\ufffdb\ufffd"},
		{"\u202eexe\u202c \u2066x\u2069", "‹U+202E›exe‹U+202C› ‹U+2066›x‹U+2069›", "\u202eexe\u202c \u2066x\u2069"},
		{"\u0085", "‹U+0085›", "\u0085"},
		{"שלום 日本 é", "שלום 日本 é", "שלום 日本 é"},
	} {
		if got := string(appendEscaped(nil, test.in, true)); got != test.text {
			t.Errorf("text %q: %q, not %q", test.in, got, test.text)
		}
		if got := string(appendEscaped(nil, test.in, false)); got != test.attribute {
			t.Errorf("attribute %q: %q, not %q", test.in, got, test.attribute)
		}
	}
}

func TestNumbers(t *testing.T) {
	for n, want := range map[int]string{0: "0", 999: "999", 1000: "1,000", 1234567: "1,234,567", -1000: "-1,000", -100: "-100"} {
		var m markup
		m.number(n)
		if string(m.b) != want {
			t.Errorf("%d: %s", n, m.b)
		}
	}
}

// Escaped text is UTF-8 and has nothing that ends it. Browsers read an attribute's value back as it was.
func FuzzEscaped(f *testing.F) {
	for _, seed := range []string{"", "<script>", `" onload="x`, "\xff\x00", "\u202e", "&amp;", "a'b"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, visible := range []bool{true, false} {
			got := string(appendEscaped(nil, s, visible))
			if strings.ContainsAny(got, "<>\"'\x00") || !utf8.ValidString(got) {
				t.Errorf("%q: %q", s, got)
			}
		}
		want := strings.ReplaceAll(strings.ToValidUTF8(s, "\ufffd"), "\x00", "\ufffd")
		// ToValidUTF8 has one U+FFFD for a run of bytes, we for each.
		got := html.UnescapeString(string(appendEscaped(nil, s, false)))
		if utf8.ValidString(s) && got != want {
			t.Errorf("%q is read as %q", s, got)
		}
	})
}
