package connectvars_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/gocontextvars/contextvars/lifetime"
)

// Each call is a piece of work; its values go back before they are taken back.
func TestCallsAreWork(t *testing.T) {
	defer lifetime.Track(lifetime.Revoke())()
	forEach(t, func(t *testing.T, p protocol, call caller) {
		works := make(chan *lifetime.Work, 2)
		c := p.client(t, serve(t, mux(func(context.Context, http.Header, string) (string, error) {
			works <- lifetime.Current()
			answer.Set("the handler's")
			return "", nil
		}, handling(open))), open)
		for range 2 {
			defer answer.Set("the caller's").Restore()
			_, err := call(t.Context(), c, "")
			noError(t, err)
			want(t, "the caller sees", answer.Get(), "the handler's")
		}
		a, b := <-works, <-works
		if a == nil || b == nil || a == b || !strings.HasPrefix(a.Name(), "/test.Service/") {
			t.Errorf("the calls are %v and %v, want two pieces of work, named by the procedure", a, b)
		}
	})
}
