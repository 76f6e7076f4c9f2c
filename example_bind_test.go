package contextvars_test

import (
	"context"
	"fmt"

	"github.com/gocontextvars/contextvars"
)

// How does a job that a pool runs see the variables of whoever submitted it?
func ExampleBind() {
	user := contextvars.New[string]("user")
	jobs, done := make(chan func()), make(chan bool)
	go func() { // a worker, with a context of its own
		for job := range jobs {
			job()
		}
		close(done)
	}()
	work := func() { fmt.Printf("%q\n", user.Get()) }
	user.With("ann", func() {
		jobs <- work
		jobs <- contextvars.Bind(work)
	})
	close(jobs)
	<-done
	// Output:
	// ""
	// "ann"
}

// How do I bind a callback that takes an argument?
func ExampleBind1() {
	user := contextvars.New[string]("user")
	var onMessage func(string)
	user.With("ann", func() {
		onMessage = contextvars.Bind1(func(text string) { fmt.Println(user.Get(), "gets", text) })
	})
	onMessage("mail")
	// Output: ann gets mail
}

// How do I bind a callback that returns something?
func ExampleBindResult() {
	factor := contextvars.New[int]("factor")
	var scale func(int) int
	factor.With(10, func() {
		scale = contextvars.BindResult(func(n int) int { return n * factor.Get() })
	})
	fmt.Println(scale(4), factor.Get())
	// Output: 40 0
}

// How do I start a goroutine that keeps its variables whatever pprof.Do does to it?
func ExampleGo() {
	user := contextvars.New[string]("user")
	done := make(chan bool)
	user.With("ann", func() {
		contextvars.Go(func() {
			fmt.Println(user.Get())
			done <- true
		})
	})
	<-done
	// Output: ann
}

// How do I start a goroutine that outlives the request that happens to start it?
func ExampleGoDetached() {
	requestID := contextvars.New[string]("request_id")
	jobs, done := make(chan string), make(chan bool)
	requestID.With("first", func() {
		contextvars.GoDetached(func() {
			fmt.Printf("worker of request %q\n", requestID.Get())
			for id := range jobs {
				requestID.With(id, func() { fmt.Printf("job of request %q\n", requestID.Get()) })
			}
			done <- true
		})
		jobs <- requestID.Get()
	})
	close(jobs)
	<-done
	// Output:
	// worker of request ""
	// job of request "first"
}

// How do I call code that is to see none of my variables?
func ExampleDetach() {
	user := contextvars.New[string]("user")
	user.With("ann", func() {
		contextvars.Detach(func() { fmt.Printf("%q\n", user.Get()) })
		fmt.Printf("%q\n", user.Get())
	})
	// Output:
	// ""
	// "ann"
}

// How do I call code that starts goroutines for good, but calls me back on this one?
func ExampleLend() {
	user := contextvars.New[string]("user")
	jobs, results := make(chan bool), make(chan string)
	connect := func(callback func()) { // somebody else's code
		go func() {
			for range jobs {
				results <- user.Get()
			}
		}()
		callback()
	}
	user.With("ann", func() {
		contextvars.Lend(func() {
			connect(func() { fmt.Printf("callback: %q\n", user.Get()) })
		})
		jobs <- true
		fmt.Printf("goroutine: %q\n", <-results)
	})
	close(jobs)
	// Output:
	// callback: "ann"
	// goroutine: ""
}

// How does a timer see the variables of whoever set it?
func ExampleAfterFunc() {
	user := contextvars.New[string]("user")
	fired := make(chan string)
	user.With("ann", func() {
		contextvars.AfterFunc(0, func() { fired <- user.Get() })
	})
	fmt.Println(<-fired)
	// Output: ann
}

// How does a clean-up after a cancellation see the variables of whoever asked for it?
func ExampleAfterDone() {
	user := contextvars.New[string]("user")
	ctx, cancel := context.WithCancel(context.Background())
	cleaned := make(chan string)
	user.With("ann", func() {
		contextvars.AfterDone(ctx, func() { cleaned <- user.Get() })
	})
	user.With("the canceller", cancel)
	fmt.Println(<-cleaned)
	// Output: ann
}
