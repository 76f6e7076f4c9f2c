package antsvars_test

import (
	"fmt"
	"sync"

	"github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/contrib/antsvars"
)

var requestID = contextvars.New[string]("request_id")

// One worker does the jobs of two requests. Each job sees its own request's id.
func ExamplePool() {
	pool, err := antsvars.NewPool(1)
	if err != nil {
		panic(err)
	}
	defer pool.Release()

	var jobs sync.WaitGroup
	for _, id := range []string{"r-1", "r-2"} {
		requestID.With(id, func() {
			jobs.Add(1)
			err := pool.Submit(func() {
				defer jobs.Done()
				fmt.Println("working for", requestID.Get())
				requestID.Set("left behind")
			})
			if err != nil {
				panic(err)
			}
		})
	}
	jobs.Wait()
	// Output:
	// working for r-1
	// working for r-2
}

func ExamplePoolWithFuncGeneric() {
	var calls sync.WaitGroup
	pool, err := antsvars.NewPoolWithFuncGeneric(1, func(n int) {
		defer calls.Done()
		fmt.Println(requestID.Get(), "squares:", n*n)
	})
	if err != nil {
		panic(err)
	}
	defer pool.Release()

	calls.Add(1)
	requestID.With("r-1", func() { err = pool.Invoke(7) })
	if err != nil {
		panic(err)
	}
	calls.Wait()
	// Output: r-1 squares: 49
}
