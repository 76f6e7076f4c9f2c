package debugvars

import "testing"

func TestAccepted(t *testing.T) {
	for header, want := range map[string]string{
		"":                                      "text",
		"*/*":                                   "text",
		browser:                                 "html",
		"application/json, text/plain, */*":     "json",
		"text/html;q=0, application/json":       "json",
		"text/html;q=0, */*":                    "text",
		"application/json;q=0":                  "text",
		"text/html;q=0.5, application/json;q=1": "json",
		"text/html; q=0.5, application/json; q=0.6, text/plain; q=0.7": "text",
		"application/json;charset=utf-8; q=0.1, text/html;q=0.001":     "json",
		"TEXT/HTML": "html",
		"application/json;q=many, text/plain;q=0.1": "text",
		"application/json;q=0.5, */*":               "json",
		"text/htmlx, image/*":                       "text",
		",;=,/,text/html":                           "html",
	} {
		if got := accepted([]string{header}); got != want {
			t.Errorf("%s: %s, want %s", header, got, want)
		}
	}
	if got := accepted([]string{"text/html;q=0.1", "application/json"}); got != "json" {
		t.Errorf("two headers: %s", got)
	}
}
