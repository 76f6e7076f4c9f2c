package httpvars_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime/pprof"
	"sync"

	"github.com/gocontextvars/contextvars/httpvars"
)

func ExampleBaseContext() {
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		requestID.Set("a")
		pprof.Do(r.Context(), pprof.Labels("path", r.URL.Path), func(context.Context) {
			var wg sync.WaitGroup
			wg.Go(func() { fmt.Fprintf(w, "goroutine inside pprof.Do: %s", requestID.Get()) })
			wg.Wait()
		})
	})
	srv := httptest.NewUnstartedServer(httpvars.Handler(h))
	srv.Config.BaseContext = httpvars.BaseContext
	srv.Start()
	defer srv.Close()

	resp, err := srv.Client().Get(srv.URL)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer resp.Body.Close()
	body, _ := io.ReadAll(resp.Body)
	fmt.Printf("%s\n", body)
	// Output: goroutine inside pprof.Do: a
}
