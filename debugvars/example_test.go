package debugvars_test

import (
	"fmt"
	"log"
	"net/http"

	"github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/debugvars"
)

var user = contextvars.New[string]("user")

// A server of its own, which only this machine can reach, has the page.
func ExampleRegister() {
	mux := http.NewServeMux()
	debugvars.Register(mux, debugvars.Provenance())
	go func() { log.Print(http.ListenAndServe("localhost:6060", mux)) }()
}

// Where a mux serves others, too, something has to stand before the page that asks who they are.
func ExampleHandler() {
	page := debugvars.Handler()
	http.HandleFunc(debugvars.Path+"/", func(w http.ResponseWriter, r *http.Request) {
		if name, password, ok := r.BasicAuth(); !ok || !isAdmin(name, password) {
			w.Header().Set("WWW-Authenticate", "Basic")
			http.Error(w, "who are you?", http.StatusUnauthorized)
			return
		}
		page.ServeHTTP(w, r)
	})
}

func isAdmin(name, password string) bool { return false }

// A program looks at itself: who works for Ann?
func ExampleTake() {
	defer user.Set("Ann").Restore()
	ready, done := make(chan bool), make(chan bool)
	go func() {
		close(ready)
		<-done // it has inherited the user
	}()
	<-ready

	s, err := debugvars.Take(debugvars.Query{Vars: []string{"user=Ann"}, Group: "user"})
	if err != nil {
		log.Fatal(err)
	}
	close(done)
	for _, g := range s.Goroutines {
		fmt.Println(g.Variables[0].Name, g.Variables[0].Value, "inherited:", g.Inherited)
	}
	fmt.Println(s.Groups[0].Value, s.Groups[0].Count)
	// Output:
	// user Ann inherited: false
	// user Ann inherited: true
	// Ann 2
}
