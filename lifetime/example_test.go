package lifetime_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/httpvars"
	"github.com/gocontextvars/contextvars/lifetime"
)

var tenant = contextvars.NewDefault("tenant", "nobody")

// A handler leaves a goroutine behind, which shows who it is for.
func Example() {
	defer lifetime.Track()()
	mail, until := make(chan bool), make(chan bool)
	handler := httpvars.Handler(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		tenant.Set("acme")
		go func() { <-until; close(mail) }() // nobody waits for it
	}))
	handler.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/orders", nil))

	for _, h := range lifetime.Held() {
		if h.Work.Name() == "GET /orders" {
			fmt.Println(h.Work.Name(), "is held by", len(h.Goroutines), "goroutine")
		}
	}
	close(until)
	<-mail
	// Output:
	// GET /orders is held by 1 goroutine
}

// A job of its own does not hold the request that it was started for.
func ExampleRun() {
	defer lifetime.Track()()
	done := make(chan bool)
	lifetime.Run(contextvars.NewContext(), "request", func() {
		tenant.Set("acme")
		go lifetime.Run(contextvars.CopyContext(), "mail", func() {
			fmt.Println(lifetime.Current().Name(), "for", tenant.Get())
			close(done)
		})
		<-done
	})
	// Output:
	// mail for acme
}

// What reads after the end no longer sees anything.
func ExampleRevoke() {
	defer lifetime.Track(lifetime.Revoke())()
	var report func()
	lifetime.Run(contextvars.NewContext(), "request", func() {
		tenant.Set("acme")
		report = contextvars.Bind(func() { fmt.Println("for", tenant.Get()) })
		report()
	})
	report()
	// Output:
	// for acme
	// for nobody
}

// It is a mistake to read after the end. This tells where it is made.
func ExampleReport() {
	defer lifetime.Track(lifetime.Report(func(u lifetime.Use) {
		fmt.Printf("%q of %q was read after the end\n", u.Variable.Name(), u.Work.Name())
	}))()
	done := make(chan bool)
	var late func()
	lifetime.Run(contextvars.NewContext(), "request", func() {
		tenant.Set("acme")
		late = contextvars.Bind(func() {
			fmt.Println("billing", tenant.Get())
			close(done)
		})
	})
	time.AfterFunc(time.Millisecond, late)
	<-done
	// Output:
	// "tenant" of "request" was read after the end
	// billing acme
}
