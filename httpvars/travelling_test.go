package httpvars_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/httpvars"
	"github.com/gocontextvars/contextvars/wire"
)

// Variables that travel, one for each way.
var (
	tenant = contextvars.New[string]("tenant", wire.Travels(wire.AllHops))
	debug  = contextvars.New[string]("debug", wire.Travels(wire.OneHop))
	cost   = contextvars.New[int]("cost", wire.Travels(wire.Back))
	large  = contextvars.New[string]("large", wire.Travels(wire.AllHops|wire.Back, wire.MaxValueBytes(wire.MaxBytes)))
)

// carriers are what the tests of variables that travel run over.
var carriers = append(protocols[:len(protocols):len(protocols)], struct {
	name string
	h2   bool
}{"h2c", true})

// serveOver starts a server that speaks the protocol and returns its address, and a transport of
// its own for it.
func serveOver(t testing.TB, protocol string, h http.Handler, configure ...func(*http.Server)) (url string, base *http.Transport) {
	t.Helper()
	if protocol != "h2c" {
		s := start(t, h, protocol == "HTTP/2", configure...)
		return s.URL, s.Client().Transport.(*http.Transport)
	}
	var p http.Protocols
	p.SetUnencryptedHTTP2(true)
	s := start(t, h, false, append(configure, func(s *http.Server) { s.Protocols = &p })...)
	base = s.Client().Transport.(*http.Transport)
	base.Protocols = &p
	return s.URL, base
}

// over runs f over each protocol, with a server of h and a client whose variables go to trusted
// peers. It runs in an empty context.
func over(t *testing.T, h http.Handler, f func(t *testing.T, c *http.Client, url string)) {
	for _, p := range carriers {
		t.Run(p.name, func(t *testing.T) {
			url, base := serveOver(t, p.name, h)
			apart(func() { f(t, &http.Client{Transport: httpvars.TransportTo(base, wire.Trusted())}, url) })
		})
	}
}

// apart runs f in an empty context, so that nothing that replies bring is left.
func apart(f func()) { contextvars.NewContext().Run(f) }

// as sends a GET as that tenant and returns the response's body.
func as(t testing.TB, c *http.Client, name, url string) (body string) {
	t.Helper()
	tenant.With(name, func() { body = fetch(t, c, url) })
	return body
}

func fetch(t testing.TB, c *http.Client, url string) string {
	t.Helper()
	req, err := http.NewRequest("GET", url, nil)
	if err != nil {
		t.Fatal(err)
	}
	return roundTrip(t, c, req)
}

// teller answers with what it sees.
var teller = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
	fmt.Fprintf(w, "tenant %q, debug %q", tenant.Get(), debug.Get())
})

// saw is what teller answers.
func saw(tenant, debug string) string { return fmt.Sprintf("tenant %q, debug %q", tenant, debug) }

func want[T comparable](t testing.TB, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

// wantCost checks what the current context has in cost, 0 for nothing.
func wantCost(t testing.TB, n int) {
	t.Helper()
	if got, ok := cost.Lookup(); got != n || ok != (n != 0) {
		t.Errorf("cost is %d, %v, want %d", got, ok, n)
	}
}

// reports are what a peer has told.
type reports struct {
	mu   sync.Mutex
	list []wire.Report
}

func (r *reports) rule() wire.Rule {
	return wire.ReportTo(func(report wire.Report) {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.list = append(r.list, report)
	})
}

// take returns the reports so far, as key: reason.
func (r *reports) take() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	var lines []string
	for _, report := range r.list {
		reason := report.Err
		for _, known := range []error{wire.ErrMalformed, wire.ErrTooLarge, wire.ErrNotAllowed, wire.ErrCodec} {
			if errors.Is(reason, known) {
				reason = known
			}
		}
		lines = append(lines, fmt.Sprintf("%s: %v", report.Key, reason))
	}
	r.list = nil
	return strings.Join(lines, "; ")
}

// wantPanic checks that f panics with a message of this package that has these parts.
func wantPanic(t *testing.T, f func(), parts ...string) {
	t.Helper()
	defer func() {
		t.Helper()
		got := fmt.Sprint(recover())
		for _, part := range append(parts, "httpvars: ") {
			if !strings.Contains(got, part) {
				t.Errorf("panic %q, want %q in it", got, part)
			}
		}
	}()
	f()
}
