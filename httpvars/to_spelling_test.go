package httpvars_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/httpvars"
	"github.com/gocontextvars/contextvars/wire"
)

// A header map that was not made by net/http may have any spelling.
func TestHeaderInAnotherSpelling(t *testing.T) {
	for peer, wanted := range map[*wire.Peer]string{wire.Trusted(): "[a=1 b=2 tenant=acme]", nil: "[a=1 b=2]"} {
		for _, value := range []string{"acme", ""} {
			var got *http.Request
			rt := httpvars.TransportTo(tripper(func(r *http.Request) (*http.Response, error) {
				got = r
				return nil, nil
			}), peer)
			req, _ := http.NewRequest("GET", "http://localhost", nil)
			req.Header["baggage"] = []string{"a=1,tenant=evil"}
			req.Header["BAGGAGE"] = []string{"b=2,tenant=evil"}
			contextvars.NewContext().Run(func() {
				if value != "" {
					tenant.Set(value)
				}
				rt.RoundTrip(req)
			})
			var entries []string
			for key, values := range got.Header {
				if key != "Baggage" || len(values) != 1 {
					t.Errorf("%q: %q", key, values)
				}
				for entry := range strings.SplitSeq(values[0], ",") {
					entries = append(entries, entry)
				}
			}
			slices.Sort(entries)
			if value == "" {
				wanted = "[a=1 b=2]"
			}
			want(t, "entries", fmt.Sprint(entries), wanted)
			want(t, "the caller's header", fmt.Sprint(len(req.Header)), "2")
		}
	}
}

// What a Connect server sends with a unary reply in the place of a trailer, and caches that share headers.
func TestReplyIsTakenOutOfACopy(t *testing.T) {
	shared := http.Header{"Baggage-Reply": {"x=1"}, "Trailer-Baggage-Reply": {"x=1"}, "Other": {"1"}}
	rt := httpvars.TransportTo(tripper(func(r *http.Request) (*http.Response, error) {
		return &http.Response{Header: shared}, nil
	}), nil)
	req, _ := http.NewRequest("GET", "http://localhost", nil)
	resp, _ := rt.RoundTrip(req)
	want(t, "header", fmt.Sprint(resp.Header), "map[Other:[1]]")
	want(t, "shared", fmt.Sprint(len(shared)), "3")
}
