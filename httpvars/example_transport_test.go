package httpvars_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"

	"github.com/gocontextvars/contextvars/httpvars"
)

// The hook is called on a goroutine of the connection, which the first request
// started and the second one uses again.
func ExampleTransport() {
	srv := httptest.NewServer(http.NotFoundHandler())
	defer srv.Close()
	client := &http.Client{Transport: httpvars.Transport(srv.Client().Transport)}
	defer client.CloseIdleConnections()

	ctx := httptrace.WithClientTrace(context.Background(), &httptrace.ClientTrace{
		GotFirstResponseByte: func() { fmt.Println("answer to", requestID.Get()) },
	})
	for _, id := range []string{"a", "b"} {
		requestID.With(id, func() {
			req, _ := http.NewRequestWithContext(ctx, "GET", srv.URL, nil)
			resp, err := client.Do(req)
			if err != nil {
				fmt.Println(err)
				return
			}
			io.Copy(io.Discard, resp.Body)
			resp.Body.Close()
		})
	}
	// Output:
	// answer to a
	// answer to b
}
