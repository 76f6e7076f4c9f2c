package debugvars

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/gocontextvars/contextvars/internal/census"
)

// handlerOf returns a handler that sees these goroutines, and how many looks it has taken.
func handlerOf(goroutines ...*census.Goroutine) (h *handler, taken *int) {
	taken = new(int)
	return &handler{looks: &looks{take: func() *look {
		*taken++
		return lookAt(&census.Census{Dumped: true, Goroutines: goroutines}, nil)
	}}}, taken
}

func request(h http.Handler, method, target, accept string) (*http.Response, string) {
	r := httptest.NewRequest(method, target, nil)
	if accept != "" {
		r.Header.Set("Accept", accept)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	body, _ := io.ReadAll(w.Result().Body) // a recorder's has no errors
	return w.Result(), string(body)
}

const browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"

func TestFormats(t *testing.T) {
	h, _ := handlerOf(&census.Goroutine{ID: 1, Content: isTenant("acme")})
	for _, c := range []struct{ query, accept, want, body string }{
		{"", browser, "text/html; charset=utf-8", "<!DOCTYPE html>"},
		{"", "text/html;q=0.1, application/json", "application/json", `{"time":`},
		{"", "application/json", "application/json", `{"time":`},
		{"", "*/*", "text/plain; charset=utf-8", "debugvars.test, process"},
		{"", "", "text/plain; charset=utf-8", "debugvars.test, process"},
		{"?format=json", browser, "application/json", `{"time":`},
		{"?format=text", browser, "text/plain; charset=utf-8", "debugvars.test, process"},
		{"?format=text&view=tree", browser, "text/plain; charset=utf-8", "\n1 {tenant=acme}"},
		{"?format=html", "*/*", "text/html; charset=utf-8", "<!DOCTYPE html>"},
	} {
		r, body := request(h, "GET", Path+c.query, c.accept)
		if r.StatusCode != 200 || r.Header.Get("Content-Type") != c.want || !strings.Contains(body, c.body) || !strings.Contains(body, "acme") {
			t.Errorf("%s, %s: %s, %v\n%s", c.query, c.accept, r.Status, r.Header, body)
		}
		if r.Header.Get("Vary") != "Accept" {
			t.Errorf("%s: a cache would give it to others", c.query)
		}
	}
}

func TestJSONIsTheSnapshot(t *testing.T) {
	h, _ := handlerOf(&census.Goroutine{ID: 1, Content: isTenant("acme")}, &census.Goroutine{ID: 2, Content: isTenant("b")})
	_, body := request(h, "GET", Path+"?format=json&var=tenant%3Dacme&group=tenant", "")
	var s Snapshot
	if err := json.Unmarshal([]byte(body), &s); err != nil {
		t.Fatal(err)
	}
	if s.Matching != 1 || len(s.Goroutines) != 1 || s.Goroutines[0].ID != 1 || len(s.Groups) != 1 || s.View != ViewGoroutines {
		t.Errorf("%s", body)
	}
}

// TestOnlyReading: nothing else is answered, and no look is taken for it.
func TestOnlyReading(t *testing.T) {
	h, taken := handlerOf()
	for _, method := range []string{"POST", "PUT", "DELETE", "PATCH", "OPTIONS", "CONNECT", "TRACE", "ANY"} {
		for _, path := range []string{Path, Path + "?format=json", Path + "/assets/style.css"} {
			if r, _ := request(h, method, path, ""); r.StatusCode != 405 || r.Header.Get("Allow") != "GET, HEAD" {
				t.Errorf("%s %s: %s", method, path, r.Status)
			}
		}
	}
	if *taken != 0 {
		t.Errorf("%d looks", *taken)
	}
}

func TestHeadOfDataTakesNoLook(t *testing.T) {
	h, taken := handlerOf()
	for _, format := range []string{"json", "text"} {
		r, body := request(h, "HEAD", Path+"?format="+format, "")
		get, _ := request(h, "GET", Path+"?format="+format, "")
		if r.StatusCode != 200 || body != "" || r.Header.Get("Content-Type") != get.Header.Get("Content-Type") {
			t.Errorf("%s: %s, %v, %q", format, r.Status, r.Header, body)
		}
	}
	if *taken != 2 {
		t.Errorf("%d looks", *taken)
	}
}

func TestWrongRequests(t *testing.T) {
	h, taken := handlerOf()
	for query, want := range map[string]string{
		"var=%zz":                 `invalid URL escape "%zz"`,
		"var=a;b":                 "invalid semicolon separator",
		"view=x":                  "use goroutines, tree, loops or ended",
		"limit=-1":                "give a number",
		"format=xml":              "use html, json or text",
		"format=<script>":         "use html, json or text",
		"goroutine=%1b%5B31m":     "give the number",
		"view=%3Cscript%3E%0d%0a": "use goroutines",
	} {
		r, body := request(h, "GET", Path+"?"+query, browser)
		if r.StatusCode != 400 || !strings.Contains(body, want) || r.Header.Get("Content-Type") != "text/plain; charset=utf-8" {
			t.Errorf("%s: %s, %v, %s", query, r.Status, r.Header, body)
		}
		if strings.ContainsAny(body, "\x1b\r") || strings.Count(body, "\n") != 1 {
			t.Errorf("%s: %q", query, body)
		}
	}
	if *taken != 0 {
		t.Errorf("%d looks", *taken)
	}
}

// TestEveryAnswerIsSecured, errors too.
func TestEveryAnswerIsSecured(t *testing.T) {
	h, _ := handlerOf()
	for _, target := range []string{"", "?format=json", "?format=text", "?format=html", "?view=x", "/assets/style.css", "/assets/none"} {
		for _, method := range []string{"GET", "HEAD", "POST"} {
			r, _ := request(h, method, Path+target, "")
			policy := r.Header.Get("Content-Security-Policy")
			if !strings.Contains(policy, "default-src 'none'") || !strings.Contains(policy, "frame-ancestors 'none'") || strings.Contains(policy, "unsafe") {
				t.Errorf("%s %s: %s", method, target, policy)
			}
			for name, want := range map[string]string{
				"Cross-Origin-Resource-Policy": "same-origin", "Referrer-Policy": "no-referrer", "X-Content-Type-Options": "nosniff",
				"Access-Control-Allow-Origin": "",
			} {
				if got := r.Header.Get(name); got != want {
					t.Errorf("%s %s: %s is %q", method, target, name, got)
				}
			}
		}
	}
}
