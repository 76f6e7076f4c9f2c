package debugvars_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/debugvars"
)

var (
	benchTenant  = contextvars.New[string]("bench tenant")
	benchRequest = contextvars.New[string]("bench request")
	benchAttempt = contextvars.New[int]("bench attempt")
)

// BenchmarkHandler answers requests while 10,000 goroutines hold 3 variables each, every second of them what it has
// inherited. Each answer takes a look of its own.
func BenchmarkHandler(b *testing.B) {
	const holders = 10_000
	done := make(chan bool)
	var ready, ended sync.WaitGroup
	for i := range holders / 2 {
		ready.Add(2)
		ended.Go(func() {
			benchTenant.Set(fmt.Sprint("tenant ", i%50))
			benchRequest.Set(fmt.Sprint("request ", i))
			benchAttempt.Set(1000 + i)
			ended.Go(func() { ready.Done(); <-done })
			ready.Done()
			<-done
		})
	}
	ready.Wait()
	defer ended.Wait()
	defer close(done)

	h := debugvars.Handler(debugvars.MinInterval(0))
	for _, query := range []string{
		"format=json", "format=text", "format=html",
		"format=json&view=tree",
		"format=json&group=bench+tenant",
		"format=json&var=bench+tenant%3Dtenant+7&q=request+4",
		"format=json&limit=20000",
	} {
		b.Run(query, func(b *testing.B) {
			for b.Loop() {
				w := &counter{header: make(http.Header)}
				h.ServeHTTP(w, httptest.NewRequest("GET", debugvars.Path+"?"+query, nil))
				b.ReportMetric(float64(w.n), "bytes")
			}
		})
	}
}

type counter struct {
	header http.Header
	n      int
}

func (c *counter) Header() http.Header         { return c.header }
func (c *counter) WriteHeader(int)             {}
func (c *counter) Write(p []byte) (int, error) { c.n += len(p); return len(p), nil }
