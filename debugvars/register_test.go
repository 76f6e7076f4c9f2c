package debugvars

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"
)

func TestRefusals(t *testing.T) {
	taken := http.NewServeMux()
	taken.HandleFunc(Path, func(http.ResponseWriter, *http.Request) {})
	for want, call := range map[string]func(){
		"debugvars: Register was given a nil *http.ServeMux; for the default one use http.DefaultServeMux": func() { Register(nil) },
		"debugvars: Register was given a nil Option, number 2":                                             func() { Register(http.NewServeMux(), MinInterval(0), nil) },
		"debugvars: Handler was given a nil Option, number 1":                                              func() { Handler(nil) },
		"debugvars: MinInterval was given -1s; it takes 0 or more":                                         func() { MinInterval(-time.Second) },
		"debugvars: MaxGoroutines was given -1; it takes 0 or more":                                        func() { MaxGoroutines(-1) },
		"conflicts with pattern": func() { Register(taken) },
	} {
		func() {
			defer func() {
				if got := fmt.Sprint(recover()); got != want && !(want == "conflicts with pattern" && strings.Contains(got, want)) {
					t.Errorf("panic %q, want %q", got, want)
				}
			}()
			call()
		}()
	}
}

// TestHandlerAnywhere: at another path, alone or below one.
func TestHandlerAnywhere(t *testing.T) {
	h := Handler()
	for _, path := range []string{"/", "/vars", "/admin/vars/"} {
		if r, body := request(h, "GET", path+"?format=json", ""); r.StatusCode != 200 || !strings.HasPrefix(body, "{") {
			t.Errorf("%s: %s", path, r.Status)
		}
		page, body := request(h, "GET", path, browser)
		if page.StatusCode != 200 || !strings.Contains(body, "assets/style.css") {
			t.Errorf("%s: %s", path, page.Status)
		}
	}
}
