package vartest_test

import (
	"testing"

	"github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/vartest"
)

var requestID = contextvars.New[string]("request_id")

// server is what the test is for.
type server struct{ stop chan bool }

func startServer() *server {
	s := &server{make(chan bool)}
	// A plain go would give the goroutine the context of whoever starts the first
	// server, and VerifyNoLeak would report it.
	contextvars.GoDetached(func() { <-s.stop })
	return s
}

func (s *server) handle(id string) string {
	// Without Restore, VerifyNoLeak would report "request_id".
	defer requestID.Set(id).Restore()
	return "handled " + requestID.Get()
}

// testServer is TestServer in a test file.
func testServer(t *testing.T) {
	vartest.VerifyNoLeak(t) // first

	s := startServer()
	defer close(s.stop)
	if got := s.handle("r-17"); got != "handled r-17" {
		t.Errorf("handle returned %q", got)
	}
}

// VerifyNoLeak needs a test's t, so this shows a test; there is no output to compare.
func ExampleVerifyNoLeak() {
	_ = testServer
}
