package debugvars

import (
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"
)

func TestQueryIsTheParametersOfAURL(t *testing.T) {
	for _, q := range []Query{
		{},
		{View: ViewTree, Vars: []string{"a=b&c", "d~e", "ö"}, State: "chan receive", Search: "x y", Goroutine: 7, Group: "a", Limit: 9},
		{View: ViewLoops},
		{View: ViewEnded},
		{View: ViewGoroutines},
	} {
		values, err := url.ParseQuery(q.Values().Encode())
		if err != nil {
			t.Fatal(err)
		}
		if back, err := ParseQuery(values); err != nil || !reflect.DeepEqual(back, q) {
			t.Errorf("%+v became %+v, %v", q, back, err)
		}
	}
}

func TestParseQuery(t *testing.T) {
	for text, want := range map[string]string{
		"view=&var=&state=&q=&goroutine=&group=&limit=&what=ever": "",
		"limit=0":                   "",
		"view=x":                    `debugvars: view="x": use goroutines, tree, loops or ended`,
		"goroutine=x":               `debugvars: goroutine="x": give the number of a goroutine`,
		"var=%3Dx":                  `debugvars: var="=x": the name is missing: give name, name=value or name~part`,
		"var=a&var=~x":              `debugvars: var="~x": the name is missing: give name, name=value or name~part`,
		"goroutine=-1":              `debugvars: goroutine="-1": give the number of a goroutine`,
		"limit=x":                   `debugvars: limit="x": give a number of goroutines`,
		"limit=-1":                  `debugvars: limit=-1: give a number of goroutines from 1 on, or 0 for 500`,
		"limit=9999999999999999999": `debugvars: limit="9999999999999999999": give a number of goroutines`,
	} {
		values, err := url.ParseQuery(text)
		if err != nil {
			t.Fatal(err)
		}
		q, err := ParseQuery(values)
		if want == "" && err != nil || want != "" && (err == nil || err.Error() != want) {
			t.Errorf("%s: %v, want %s", text, err, want)
		}
		if !reflect.DeepEqual(q, Query{}) {
			t.Errorf("%s: %+v", text, q)
		}
	}
	_, err := ParseQuery(url.Values{"view": {strings.Repeat("\x1b", 1<<20)}})
	if err == nil || len(err.Error()) > 300 || strings.Contains(err.Error(), "\x1b") {
		t.Errorf("%v", err)
	}
}

func TestTakeRefusesAWrongQuery(t *testing.T) {
	for _, q := range []Query{{View: "x"}, {Limit: -1}, {Vars: []string{"=x"}}, {Vars: []string{""}}} {
		if s, err := Take(q); err == nil || s != nil {
			t.Errorf("%+v: %v, %v", q, s, err)
		}
	}
}

// Each link of the page has the whole query: a link to the page must not make it as large as somebody likes.
func TestQueriesAreNotLong(t *testing.T) {
	long := strings.Repeat("x", 1001)
	for name, q := range map[string]Query{
		"state": {State: long}, "search": {Search: long}, "group": {Group: long}, "var": {Vars: []string{long}},
		"many": {Vars: slices.Repeat([]string{"x"}, 200)},
	} {
		if _, err := ParseQuery(q.Values()); err == nil || !strings.Contains(err.Error(), "1000 at most") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := ParseQuery(Query{Search: long[:1000]}.Values()); err != nil {
		t.Error(err)
	}
}
