package syncvars_test

import (
	"fmt"

	"github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/syncvars"
)

// How do I keep the first request's variables out of what is made once for all?
func ExampleOnceValue() {
	requestID := contextvars.New[string]("request_id")
	connect := syncvars.OnceValue(func() string {
		return fmt.Sprintf("connected for request %q", requestID.Get())
	})
	requestID.With("r-1", func() { fmt.Println(connect()) })
	requestID.With("r-2", func() { fmt.Println(connect()) })
	// Output:
	// connected for request ""
	// connected for request ""
}

// How do I load something once for all who ask for it at the same time?
func ExampleGroup() {
	user := contextvars.New[string]("user")
	var prices syncvars.Group[string, int]
	load := func() (int, error) {
		fmt.Printf("loading for user %q\n", user.Get())
		return 42, nil
	}
	user.With("ann", func() {
		price, _, _ := prices.Do("tea", load)
		fmt.Println(price)
	})
	// Output:
	// loading for user ""
	// 42
}

// What if the result is another one for each tenant?
func ExampleWith() {
	tenant := contextvars.New[string]("tenant")
	prices := syncvars.NewGroup[string, string](syncvars.With(tenant))
	let := make(chan bool)
	load := func() (string, error) {
		<-let // until both have asked
		return "price for " + tenant.Get(), nil
	}
	var acme, globex <-chan syncvars.Result[string]
	tenant.With("acme", func() { acme = prices.DoChan("tea", load) })
	tenant.With("globex", func() { globex = prices.DoChan("tea", load) })
	close(let)
	fmt.Println((<-acme).Val)
	fmt.Println((<-globex).Val)
	// Output:
	// price for acme
	// price for globex
}

// How do I wait for shared work no longer than my own ctx allows? Have DoChan do it,
// and let the work go on for the others.
func ExampleGroup_DoChan() {
	var pages syncvars.Group[string, string]
	enough, let := make(chan bool), make(chan bool)
	ch := pages.DoChan("home", func() (string, error) { <-let; return "welcome", nil })
	close(enough) // ctx.Done() in a program
	select {
	case page := <-ch:
		fmt.Println(page.Val)
	case <-enough:
		fmt.Println("did not wait")
	}
	close(let)
	fmt.Println((<-ch).Val)
	// Output:
	// did not wait
	// welcome
}
