package httpvars_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"strings"
	"sync"
	"testing"
	"weak"
)

// What Transport is there for. The first request has to dial; the connection is
// still there afterwards, and is used again.
func TestTransportLetsGoOfTheCallersValues(t *testing.T) {
	requests := []struct {
		name string
		make func(url string) (*http.Request, error)
	}{
		{"no body", func(url string) (*http.Request, error) { return http.NewRequest("GET", url, nil) }},
		{"bytes", func(url string) (*http.Request, error) { return http.NewRequest("POST", url, strings.NewReader("x")) }},
		{"custom body", func(url string) (*http.Request, error) { return http.NewRequest("POST", url, newBody("x")) }},
		{"self-writing body", func(url string) (*http.Request, error) {
			return http.NewRequest("POST", url, selfWritingBody{newBody("x")})
		}},
		{"body that sets", func(url string) (*http.Request, error) {
			b := newBody("x")
			b.onCall = func(string) { user.Set("set by the body") }
			return http.NewRequest("POST", url, b)
		}},
		{"rewindable body", func(url string) (*http.Request, error) {
			req, err := http.NewRequest("POST", url, newBody("x"))
			req.GetBody = func() (io.ReadCloser, error) { return newBody("x"), nil }
			return req, err
		}},
		{"hooks that set", func(url string) (*http.Request, error) {
			ctx := httptrace.WithClientTrace(context.Background(), everyHook(func(string) { user.Set("set by a hook") }))
			return http.NewRequestWithContext(ctx, "POST", url, newBody("x"))
		}},
	}
	for _, p := range protocols {
		for _, r := range requests {
			for _, wrapped := range []bool{false, true} {
				t.Run(fmt.Sprintf("%s/%s/Transport=%v", p.name, r.name, wrapped), func(t *testing.T) {
					s := start(t, echo, p.h2)
					c := s.Client()
					if wrapped {
						c, _ = client(s)
					}
					send := func() weak.Pointer[value] {
						v := &value{name: "first"}
						payload.With(v, func() {
							req, err := r.make(s.URL)
							if err != nil {
								t.Fatal(err)
							}
							roundTrip(t, c, req)
						})
						return weak.Make(v)
					}
					w := send()
					if got := held(func() bool { return w.Value() == nil }); got == wrapped {
						t.Errorf("held by the connection: %v", got)
					}
					get(t, c, s.URL, true)
				})
			}
		}
	}
}

// Many callers at once over few connections, with hooks and bodies: none sees
// another one's value, and no connection holds any at the end.
func TestTransportConcurrently(t *testing.T) {
	for _, p := range protocols {
		t.Run(p.name, func(t *testing.T) {
			s := start(t, echo, p.h2)
			c, base := client(s)
			base.MaxIdleConnsPerHost = 3 // some are closed, others are used again
			var (
				wg   sync.WaitGroup
				mu   sync.Mutex
				weak []weak.Pointer[value]
			)
			for i := range 8 {
				wg.Go(func() {
					for j := range 25 {
						name := fmt.Sprintf("%d/%d", i, j)
						w := callAs(t, c, s.URL, name)
						mu.Lock()
						weak = append(weak, w)
						mu.Unlock()
					}
				})
			}
			wg.Wait()
			if held(func() bool {
				for _, w := range weak {
					if w.Value() != nil {
						return false
					}
				}
				return true
			}) {
				t.Error("values are held")
			}
		})
	}
}

// callAs posts name as user name, and checks what hooks and body see.
func callAs(t *testing.T, c *http.Client, url, name string) weak.Pointer[value] {
	v := &value{name: name}
	defer user.Set(name).Restore()
	defer payload.Set(v).Restore()
	check := func(by string) {
		if u, p := user.Get(), payload.Get(); u != name || p == nil || p.name != name {
			t.Errorf("%s of %s saw %q, %v", by, name, u, p)
		}
	}
	b := newBody(name)
	b.onCall = check
	req, err := http.NewRequestWithContext(httptrace.WithClientTrace(t.Context(), everyHook(check)), "POST", url, b)
	if err != nil {
		t.Error(err)
		return weak.Make(v)
	}
	resp, err := c.Do(req)
	if err != nil {
		t.Error(err)
		return weak.Make(v)
	}
	defer resp.Body.Close()
	if got, err := io.ReadAll(resp.Body); string(got) != name || err != nil {
		t.Errorf("%s: %q, %v", name, got, err)
	}
	return weak.Make(v)
}
