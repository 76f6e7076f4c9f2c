package httpvars

import (
	"net/http"

	"github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/lifetime"
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
// Each request is a piece of work, named by its method and path, for package lifetime: while somebody
// tracks, it is known who still holds its variables when next has returned.
//
// The cost is about that of a few Sets for each request. A nil next panics.
func Handler(next http.Handler) http.Handler {
	checkHandler("Handler", next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		run(contextvars.CopyContext(), r, func() { next.ServeHTTP(w, r) })
	})
}

// run calls f in c for the request, which is a piece of work.
func run(c *contextvars.Context, r *http.Request, f func()) {
	lifetime.RunNamed(c, func() string { return nameOf(r) }, f)
}

// nameOf returns the method and the path of a request. The query is not for everybody who reads a list.
func nameOf(r *http.Request) string {
	if r.URL == nil { // it was not made by a server
		return r.Method
	}
	return r.Method + " " + r.URL.Path
}

func checkHandler(call string, next http.Handler) {
	if f, ok := next.(http.HandlerFunc); next == nil || ok && f == nil {
		panic("httpvars: " + call + " was given a nil http.Handler; give it the one that serves the requests, such as http.DefaultServeMux")
	}
}
