package httpvars

import (
	"net/http"

	"github.com/gocontextvars/contextvars"
)

// Handler returns a handler that calls next in a copy of the server's context,
// one for each request: the variables that were set where the server was started
// are seen, and what the request sets is gone when next returns, panics or calls
// runtime.Goexit. Goroutines that next starts begin with a copy of the request's
// context, and keep it when the request is over.
//
// Without it a request on a kept-alive HTTP/1.1 connection sees what the one
// before has left, since both run on one goroutine.
//
// Make it the outermost handler: what a middleware around it sets without
// undoing that, stays on the connection, and the requests that follow start from it.
// A token of such a middleware's Set is refused inside, with
// [contextvars.ErrTokenContext].
//
// The server's context is the one in force on the goroutine that calls
// ServeHTTP. With net/http that is a copy of what the goroutine that called
// Serve had when the connection was accepted. A server of another make that
// answers requests on goroutines of a pool may bring along what those had.
//
// The ResponseWriter and the Request are passed on as they are, so nothing
// that they can do is lost; a panic, http.ErrAbortHandler too, goes on its way
// with its value and its stack.
//
// The cost is about that of a few Sets for each request. A nil next panics.
func Handler(next http.Handler) http.Handler {
	checkHandler("Handler", next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		contextvars.CopyContext().Run(func() { next.ServeHTTP(w, r) })
	})
}

func checkHandler(call string, next http.Handler) {
	if f, ok := next.(http.HandlerFunc); next == nil || ok && f == nil {
		panic("httpvars: " + call + " was given a nil http.Handler; give it the one that serves the requests, such as http.DefaultServeMux")
	}
}
