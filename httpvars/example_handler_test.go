package httpvars_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"

	"github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/httpvars"
)

var requestID = contextvars.NewDefault("requestID", "none")

// Both requests come over one connection, and so on one goroutine.
func ExampleHandler() {
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "before: %s", requestID.Get())
		requestID.Set(r.Header.Get("X-Request-Id"))
		fmt.Fprintf(w, ", now: %s", requestID.Get())
	})
	srv := httptest.NewServer(httpvars.Handler(h))
	defer srv.Close()

	for _, id := range []string{"a", "b"} {
		req, _ := http.NewRequest("GET", srv.URL, nil)
		req.Header.Set("X-Request-Id", id)
		resp, err := srv.Client().Do(req)
		if err != nil {
			fmt.Println(err)
			return
		}
		body, _ := io.ReadAll(resp.Body)
		resp.Body.Close()
		fmt.Printf("%s\n", body)
	}
	// Output:
	// before: none, now: a
	// before: none, now: b
}
