package httpvars_test

import (
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"os"
	"runtime"
	"runtime/pprof"
	"testing"
	"time"

	"github.com/gocontextvars/contextvars"
)

// value is what the tests give a variable: large enough not to share memory
// with others, so that a weak pointer tells whether it is still held.
type value struct {
	name string
	_    [64]byte
}

var (
	user    = contextvars.New[string]("user")
	payload = contextvars.New[*value]("payload")
)

// TestMain checks that all goroutines are gone when the tests are.
func TestMain(m *testing.M) {
	before := runtime.NumGoroutine()
	code := m.Run()
	http.DefaultClient.CloseIdleConnections()
	deadline := time.Now().Add(10 * time.Second)
	for code == 0 && runtime.NumGoroutine() > before {
		if time.Now().After(deadline) {
			fmt.Fprintln(os.Stderr, "goroutines are left over:")
			pprof.Lookup("goroutine").WriteTo(os.Stderr, 1)
			code = 1
			break
		}
		time.Sleep(time.Millisecond) // nothing tells when a goroutine ends
	}
	os.Exit(code)
}

// protocols are what the tests run over.
var protocols = []struct {
	name string
	h2   bool
}{{"HTTP/1.1", false}, {"HTTP/2", true}}

// start starts a server on loopback, with HTTP/2 over TLS if h2.
func start(t testing.TB, h http.Handler, h2 bool, configure ...func(*http.Server)) *httptest.Server {
	t.Helper()
	s := httptest.NewUnstartedServer(h)
	// Clients that dial once too often are not worth a line each.
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	for _, c := range configure {
		c(s.Config)
	}
	if h2 {
		s.EnableHTTP2 = true
		s.StartTLS()
	} else {
		s.Start()
	}
	t.Cleanup(s.Close)
	return s
}

// get sends a GET on a connection that was there before, or else fails if
// reused is true, and returns the response's body.
func get(t testing.TB, c *http.Client, url string, reused bool) string {
	t.Helper()
	req, err := http.NewRequest("GET", url, nil)
	if err != nil {
		t.Fatal(err)
	}
	return send(t, c, req, reused)
}

func send(t testing.TB, c *http.Client, req *http.Request, reused bool) string {
	t.Helper()
	var got *httptrace.GotConnInfo
	req = req.WithContext(httptrace.WithClientTrace(req.Context(), &httptrace.ClientTrace{
		GotConn: func(info httptrace.GotConnInfo) { got = &info },
	}))
	body := roundTrip(t, c, req)
	if got == nil || got.Reused != reused {
		t.Errorf("connection: %+v, want reused: %v", got, reused)
	}
	return body
}

func roundTrip(t testing.TB, c *http.Client, req *http.Request) string {
	t.Helper()
	resp, err := c.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// held reports whether p is still reachable after a number of collections, which
// is more than pools, and the table of goroutines that have ended, need to let go.
func held(dead func() bool) bool {
	for range 10 {
		runtime.GC()
		if dead() {
			return false
		}
		time.Sleep(time.Millisecond) // finalizers and their goroutines run on their own
	}
	return true
}
