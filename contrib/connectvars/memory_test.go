package connectvars_test

import (
	"context"
	"fmt"
	"net/http"
	"runtime"
	"sync"
	"testing"
	"weak"

	"connectrpc.com/connect"

	"github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/contrib/connectvars"
	"github.com/gocontextvars/contextvars/httpvars"
)

// as calls f with a value of the caller's.
func as(f func()) weak.Pointer[value] {
	v := &value{name: "the caller's"}
	payload.With(v, f)
	return weak.Make(v)
}

func free(t *testing.T, values ...weak.Pointer[value]) {
	t.Helper()
	if held(func() bool {
		for _, w := range values {
			if w.Value() != nil {
				return false
			}
		}
		return true
	}) {
		t.Error("values are held")
	}
}

// The first call makes the connection, which stays.
func TestConnectionHoldsNothing(t *testing.T) {
	forEach(t, func(t *testing.T, p protocol, call caller) {
		url := serve(t, mux(func(context.Context, http.Header, string) (string, error) { return "", nil }, handling(open)))
		for name, tt := range map[string]struct {
			wrap func(http.RoundTripper) http.RoundTripper
			held bool
		}{
			"httpvars.Transport": {httpvars.Transport, false},
			"http.Transport":     {func(rt http.RoundTripper) http.RoundTripper { return rt }, true},
		} {
			t.Run(name, func(t *testing.T) {
				tr := p.transport(t)
				c := newClient(&http.Client{Transport: tt.wrap(tr)}, url,
					append([]connect.ClientOption{connect.WithInterceptors(connectvars.Interceptor(open))}, p.opts...)...)
				w := as(func() {
					_, err := call(t.Context(), c, "")
					noError(t, err)
				})
				want(t, "held", held(func() bool { return w.Value() == nil }), tt.held)
				runtime.KeepAlive(tr)
			})
		}
	})
}

func TestServerHoldsNothing(t *testing.T) {
	forEach(t, func(t *testing.T, p protocol, call caller) {
		values := make(chan weak.Pointer[value], 1)
		c := p.client(t, serve(t, mux(func(context.Context, http.Header, string) (string, error) {
			v := &value{name: "the handler's"}
			payload.Set(v)
			values <- weak.Make(v)
			return "", nil
		}, handling(open))), open)
		_, err := call(t.Context(), c, "")
		noError(t, err)
		free(t, <-values)
	})
}

// Many callers at once, each with its own values, over few connections.
func TestConcurrentCallers(t *testing.T) {
	for _, p := range protocols {
		t.Run(p.name, func(t *testing.T) {
			url := serve(t, mux(func(_ context.Context, _ http.Header, in string) (string, error) {
				if got := who.GetOr("nothing"); got != in {
					return "", fmt.Errorf("%s saw %s", in, got)
				}
				who.Set("a leftover")
				answer.Set("for " + in)
				return in, nil
			}, handling(open)))
			c := p.client(t, url, open)
			var (
				wg     sync.WaitGroup
				mu     sync.Mutex
				values []weak.Pointer[value]
			)
			for i := range 8 {
				wg.Go(func() {
					for j := range 10 {
						for kind, call := range kinds {
							if kind == "both stream" && !p.h2 {
								continue
							}
							name := fmt.Sprintf("%s %d/%d", kind, i, j)
							w := as(func() {
								contextvars.CopyContext().Run(func() {
									who.Set(name)
									if out, err := call(t.Context(), c, name); out != name || err != nil {
										t.Errorf("%s: got %s, %v", name, out, err)
									}
									if a := answer.GetOr("nothing"); a != "for "+name {
										t.Errorf("%s: the answer is %s", name, a)
									}
								})
							})
							mu.Lock()
							values = append(values, w)
							mu.Unlock()
						}
					}
				})
			}
			wg.Wait()
			free(t, values...)
		})
	}
}
