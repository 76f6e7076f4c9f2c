package concvars_test

import (
	"fmt"

	"github.com/sourcegraph/conc/iter"
	"github.com/sourcegraph/conc/pool"
	"github.com/sourcegraph/conc/stream"

	"github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/contrib/concvars"
)

var requestID = contextvars.New[string]("request_id")

// One goroutine does the jobs of two requests. Each job sees its own request's id.
func ExampleGo() {
	p := pool.New().WithMaxGoroutines(1)
	for _, id := range []string{"r-1", "r-2"} {
		requestID.With(id, func() {
			concvars.Go(p, func() {
				fmt.Println("working for", requestID.Get())
				requestID.Set("left behind")
			})
		})
	}
	p.Wait()
	// Output:
	// working for r-1
	// working for r-2
}

// Callbacks share a goroutine. Each sees what was set where its task was submitted.
func ExampleGoStream() {
	s := stream.New()
	for _, id := range []string{"r-1", "r-2"} {
		requestID.With(id, func() {
			concvars.GoStream(s, func() stream.Callback {
				page := "page of " + requestID.Get()
				return func() { fmt.Println(page, "for", requestID.Get()) }
			})
		})
	}
	s.Wait()
	// Output:
	// page of r-1 for r-1
	// page of r-2 for r-2
}

func ExampleBindErr() {
	defer requestID.Set("r-1").Restore()
	pages, err := iter.MapErr([]string{"a", "b"}, concvars.BindErr(func(name *string) (string, error) {
		return *name + " for " + requestID.Get(), nil
	}))
	fmt.Println(pages, err)
	// Output: [a for r-1 b for r-1] <nil>
}
