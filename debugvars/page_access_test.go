package debugvars

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestOtherSitesMayOnlyLinkToThePage(t *testing.T) {
	for _, test := range []struct {
		site, mode, dest string
		refused          bool
	}{
		{"", "", "", false}, // no browser
		{"none", "navigate", "document", false},
		{"same-origin", "cors", "empty", false},
		{"cross-site", "navigate", "document", false},
		{"same-site", "navigate", "document", false},
		{"cross-site", "navigate", "iframe", true},
		{"cross-site", "no-cors", "script", true},
		{"cross-site", "cors", "empty", true},
		{"same-site", "cors", "empty", true}, // another port of localhost
	} {
		r := httptest.NewRequest(http.MethodGet, Path, nil)
		for name, value := range map[string]string{"Sec-Fetch-Site": test.site, "Sec-Fetch-Mode": test.mode, "Sec-Fetch-Dest": test.dest} {
			if value != "" {
				r.Header.Set(name, value)
			}
		}
		if reason := refusal(r); (reason != "") != test.refused {
			t.Errorf("%+v: %q", test, reason)
		}
	}
}

func TestLoopbackAnswersForNoOtherNames(t *testing.T) {
	for _, test := range []struct {
		local, host string
		refused     bool
	}{
		{"127.0.0.1:6060", "127.0.0.1:6060", false},
		{"127.0.0.1:6060", "localhost:6060", false},
		{"127.0.0.1:6060", "LOCALHOST.", false},
		{"127.0.0.1:6060", "shop.localhost:6060", false},
		{"127.0.0.1:6060", "10.0.0.7", false},
		{"[::1]:6060", "[::1]:6060", false},
		{"[::1]:6060", "[::1]", false},
		{"127.0.0.1:6060", "rebound.example:6060", true},
		{"[::1]:6060", "rebound.example", true},
		{"127.0.0.1:6060", "127.0.0.1.rebound.example", true},
		{"127.0.0.1:6060", "notlocalhost", true},
		{"127.0.0.1:6060", "", true},
		{"192.0.2.1:6060", "shop.internal:6060", false}, // who listens there has names of its own
	} {
		local, err := net.ResolveTCPAddr("tcp", test.local)
		if err != nil {
			t.Fatal(err)
		}
		r := httptest.NewRequest(http.MethodGet, Path, nil)
		r.Host = test.host
		reason := refusal(r.WithContext(context.WithValue(r.Context(), http.LocalAddrContextKey, net.Addr(local))))
		if (reason != "") != test.refused {
			t.Errorf("%s at %s: %q", test.host, test.local, reason)
		}
	}
}

func TestRefusedIsForbidden(t *testing.T) {
	r := httptest.NewRequest(http.MethodGet, Path+"?format=json", nil)
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	w := httptest.NewRecorder()
	new(handler).ServeHTTP(w, r)
	if w.Code != http.StatusForbidden || !strings.HasPrefix(w.Body.String(), "debugvars: other sites") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}
