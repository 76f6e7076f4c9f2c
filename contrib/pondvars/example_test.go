package pondvars_test

import (
	"fmt"

	"github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/contrib/pondvars"
)

var requestID = contextvars.New[string]("request_id")

// One worker does the tasks of two requests. Each task sees its own request's id.
func ExampleNewPool() {
	pool := pondvars.NewPool(1)
	for _, id := range []string{"r-1", "r-2"} {
		requestID.With(id, func() {
			pool.Submit(func() {
				fmt.Println("working for", requestID.Get())
				requestID.Set("left behind")
			})
		})
	}
	pool.StopAndWait()
	// Output:
	// working for r-1
	// working for r-2
}

func ExampleNewResultPool() {
	pool := pondvars.NewResultPool[string](1)
	defer pool.StopAndWait()

	defer requestID.Set("r-1").Restore()
	group := pool.NewGroup()
	for _, page := range []string{"a", "b"} {
		group.Submit(func() string { return page + " for " + requestID.Get() })
	}
	pages, err := group.Wait()
	fmt.Println(pages, err)
	// Output: [a for r-1 b for r-1] <nil>
}
