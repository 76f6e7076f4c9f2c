package handler

import (
	"net/http"

	"github.com/gocontextvars/contextvars"
	"library"
)

var user = contextvars.New[string]("user")

func handle(w http.ResponseWriter, r *http.Request) {
	user.Set(r.Header.Get("User")) // want `the next request on this connection sees what user.Set sets; write defer user.Set\(…\).Restore\(\), or serve with httpvars.Handler`
	func() {
		user.Set("x") // want `the next request`
	}()
	work()
}

type service struct{ next http.Handler }

func (s *service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	_ = user.Set("x") // want `the next request`
	s.next.ServeHTTP(w, r)
}

func middleware(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if name := r.Header.Get("User"); name != "" {
			library.SetUser(name) // want `the next request on this connection sees what library.SetUser sets`
		}
		next.ServeHTTP(w, r)
	})
}

func good(w http.ResponseWriter, r *http.Request) {
	defer user.Set("x").Restore()
	library.Cost.Set(3) // for the reply
	contextvars.Detach(func() { user.Set("y") })
	go func() { user.Set("z") }()
	work()
}

func work() {}
