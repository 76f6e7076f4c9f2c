package vartest_test

import (
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"github.com/gocontextvars/contextvars/httpvars"
	"github.com/gocontextvars/contextvars/vartest"
)

// testHandler is TestHandler in a test file.
func testHandler(t *testing.T) {
	vartest.VerifyNothingHeld(t) // first

	h := httpvars.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		requestID.Set(r.Header.Get("X-Request-ID"))
		var all sync.WaitGroup
		all.Go(func() { audit(requestID.Get()) })
		all.Wait() // without it, VerifyNothingHeld would report the goroutine if it took its time
	}))
	h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/", nil))
}

func audit(string) {}

// VerifyNothingHeld needs a test's t, so this shows a test; there is no output to compare.
func ExampleVerifyNothingHeld() {
	_ = testHandler
}
