package main

import (
	"encoding/json"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestVisible(t *testing.T) {
	for given, want := range map[string]string{
		"":                  "",
		"Zürich 東京 😀":       "Zürich 東京 😀",
		`quotes " ' \`:      `quotes " ' \`,
		"\x1b[31mred":       `\x1b[31mred`,
		"a\nb\tc\x00d\x7f":  `a\nb\tc\x00d\x7f`,
		"\u009b31m":         `\u009b31m`,
		"\u202egpj.exe":     `\u202egpj.exe`,
		"\xff and \xe2\x82": `\xff and \xe2\x82`,
	} {
		if got := visible(given); got != want {
			t.Errorf("%q is shown as %q and not %q", given, got, want)
		}
	}
}

func FuzzVisible(f *testing.F) {
	f.Add(hostile)
	f.Fuzz(func(t *testing.T, s string) {
		if got := visible(s); strings.ContainsFunc(got, func(r rune) bool { return !strconv.IsPrint(r) }) || !utf8.ValidString(got) {
			t.Errorf("%q is shown as %q", s, got)
		}
	})
}

func FuzzVisibleJSON(f *testing.F) {
	f.Add(`{"a": ["` + "\u009b\u202e\x7f\U000e0001" + `\u001b", 1.5]}`)
	f.Add("\"\xff\"")
	f.Fuzz(func(t *testing.T, s string) {
		var want, got any
		if json.Unmarshal([]byte(s), &want) != nil {
			t.Skip()
		}
		shown := visibleJSON([]byte(s))
		if strings.ContainsFunc(string(shown), foreign) {
			t.Errorf("%q is shown as %q", s, shown)
		}
		if err := json.Unmarshal(shown, &got); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%q is shown as %q, which is %v (%v) and not %v", s, shown, got, err, want)
		}
	})
}
