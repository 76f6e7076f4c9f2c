package httpvars_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"testing"
	"weak"

	"github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/httpvars"
)

// leaver answers with the user that it finds, and leaves one of its own behind.
var leaver = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
	fmt.Fprintf(w, "found %q", user.Get())
	user.Set("of " + r.URL.Path)
})

// What Handler is there for: this test fails if net/http or the core change so
// that it is no longer needed.
func TestWithoutHandlerTheNextRequestSeesTheLastOnesVariables(t *testing.T) {
	s := start(t, leaver, false)
	get(t, s.Client(), s.URL+"/1", false)
	if got := get(t, s.Client(), s.URL+"/2", true); got != `found "of /1"` {
		t.Error(got)
	}
}

func TestHandlerKeepsRequestsOfAConnectionApart(t *testing.T) {
	for _, p := range protocols {
		t.Run(p.name, func(t *testing.T) {
			s := start(t, httpvars.Handler(leaver), p.h2)
			for i := range 3 {
				if got := get(t, s.Client(), s.URL+"/1", i > 0); got != `found ""` {
					t.Error(got)
				}
			}
		})
	}
}

// Without Handler the value of the first request is kept by the connection.
func TestHandlerLetsGoOfTheRequestsValues(t *testing.T) {
	for _, wrapped := range []bool{false, true} {
		t.Run(fmt.Sprintf("Handler=%v", wrapped), func(t *testing.T) {
			var w weak.Pointer[value]
			var h http.Handler = http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				if r.URL.Path == "/1" {
					v := &value{name: "first"}
					w = weak.Make(v)
					payload.Set(v)
				}
			})
			if wrapped {
				h = httpvars.Handler(h)
			}
			s := start(t, h, false)
			get(t, s.Client(), s.URL+"/1", false)
			if got := held(func() bool { return w.Value() == nil }); got == wrapped {
				t.Errorf("held by the connection: %v", got)
			}
			get(t, s.Client(), s.URL+"/2", true)
		})
	}
}

func TestHandlerAfterAPanic(t *testing.T) {
	boom := errors.New("boom")
	for _, want := range []any{boom, http.ErrAbortHandler} {
		t.Run(fmt.Sprint(want), func(t *testing.T) {
			h := httpvars.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				fmt.Fprintf(w, "found %q", user.Get())
				user.Set("left over")
				panic(want)
			}))
			// The connection survives only if somebody recovers.
			s := start(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				defer func() {
					if got := recover(); got != want {
						t.Errorf("recovered %v, want %v", got, want)
					}
					if got := user.Get(); got != "" {
						t.Errorf("behind the panic: %q", got)
					}
				}()
				h.ServeHTTP(w, r)
			}), false)
			for i := range 3 {
				if got := get(t, s.Client(), s.URL, i > 0); got != `found ""` {
					t.Error(got)
				}
			}
		})
	}
}

// net/http logs a panic with the stack of where it was, but ErrAbortHandler not.
func TestHandlerPassesPanicsToTheServer(t *testing.T) {
	var logged lockedBuffer
	s := start(t, httpvars.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		user.Set("left over")
		if r.URL.Path == "/abort" {
			panic(http.ErrAbortHandler)
		}
		panicHere()
	})), false, func(s *http.Server) { s.ErrorLog = log.New(&logged, "", 0) })
	for _, path := range []string{"/abort", "/panic"} {
		if resp, err := s.Client().Get(s.URL + path); err == nil {
			t.Errorf("%s: %v, want no response", path, resp.Status)
		}
	}
	s.Close() // waits for the connections, and so for the log
	if got := logged.String(); strings.Count(got, "http: panic serving") != 1 ||
		!strings.Contains(got, "boom") || !strings.Contains(got, "panicHere") {
		t.Errorf("logged: %s", got)
	}
}

func panicHere() { panic("boom") }

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

func TestHandlerPassesGoexit(t *testing.T) {
	h := httpvars.Handler(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		user.Set("left over")
		runtime.Goexit()
	}))
	returned, after := false, make(chan string)
	go func() {
		defer func() { after <- user.Get() }()
		h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/", nil))
		returned = true
	}()
	if got := <-after; returned || got != "" {
		t.Errorf("returned: %v, user %q", returned, got)
	}
}

func TestHandlerSeesTheServersVariables(t *testing.T) {
	for _, p := range protocols {
		t.Run(p.name, func(t *testing.T) {
			defer user.Set("server").Restore()
			s := start(t, httpvars.Handler(leaver), p.h2)
			user.Set("too late")
			for i := range 2 {
				if got := get(t, s.Client(), s.URL, i > 0); got != `found "server"` {
					t.Error(got)
				}
			}
		})
	}
}

// A goroutine that a handler starts has the request's variables, also
// while the next request is served on the same connection.
func TestHandlersGoroutinesInherit(t *testing.T) {
	for _, p := range protocols {
		t.Run(p.name, func(t *testing.T) {
			next, saw := make(chan bool), make(chan string)
			s := start(t, httpvars.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				user.Set("of " + r.URL.Path)
				if r.URL.Path == "/1" {
					go func() {
						<-next
						saw <- user.Get()
					}()
					return
				}
				close(next)
				fmt.Fprint(w, <-saw)
			})), p.h2)
			get(t, s.Client(), s.URL+"/1", false)
			if got := get(t, s.Client(), s.URL+"/2", true); got != "of /1" {
				t.Error(got)
			}
		})
	}
}

// Many clients at once over few connections: no request sees another one's value.
func TestHandlerConcurrently(t *testing.T) {
	for _, p := range protocols {
		t.Run(p.name, func(t *testing.T) {
			s := start(t, httpvars.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				before := user.Get()
				user.Set(r.URL.Path)
				var wg sync.WaitGroup
				for range 3 {
					wg.Go(func() {
						if got := user.Get(); got != r.URL.Path {
							t.Errorf("goroutine of %s: %q", r.URL.Path, got)
						}
					})
				}
				wg.Wait()
				fmt.Fprint(w, before, user.Get())
			})), p.h2)
			var wg sync.WaitGroup
			for i := range 8 {
				wg.Go(func() {
					for j := range 25 {
						path := fmt.Sprintf("/%d/%d", i, j)
						resp, err := s.Client().Get(s.URL + path)
						if err != nil {
							t.Error(err)
							return
						}
						got, err := io.ReadAll(resp.Body)
						resp.Body.Close()
						if string(got) != path || err != nil {
							t.Errorf("%s: %q, %v", path, got, err)
						}
					}
				})
			}
			wg.Wait()
		})
	}
}

func TestHandlerOfNothingPanics(t *testing.T) {
	for _, next := range []http.Handler{nil, http.HandlerFunc(nil)} {
		func() {
			defer func() {
				if got := fmt.Sprint(recover()); !strings.HasPrefix(got, "httpvars: Handler was given a nil http.Handler; ") {
					t.Error(got)
				}
			}()
			httpvars.Handler(next)
		}()
	}
}

// The token of an outer Set cannot be used inside, and is not lost by that.
func TestOuterTokenInHandler(t *testing.T) {
	tok := user.Set("outer")
	httpvars.Handler(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		if err := user.Reset(tok); !errors.Is(err, contextvars.ErrTokenContext) {
			t.Error(err)
		}
	})).ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/", nil))
	if err := user.Reset(tok); err != nil {
		t.Error(err)
	}
}
