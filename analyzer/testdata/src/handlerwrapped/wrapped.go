// Package handlerwrapped serves with httpvars: each request has a context of its own.
package handlerwrapped

import (
	"net/http"

	"github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/httpvars"
)

var user = contextvars.New[string]("user")

func handle(w http.ResponseWriter, r *http.Request) {
	user.Set("x")
	authenticate("x")
}

// authenticate is called by handlers alone.
func authenticate(name string) {
	user.Set(name)
	func() {}()
}

var Server = &http.Server{Handler: httpvars.Handler(http.HandlerFunc(handle))}
