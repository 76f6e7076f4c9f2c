package grpcvars_test

import (
	"context"
	"strings"
	"testing"

	"github.com/gocontextvars/contextvars/lifetime"
)

// Each call is a piece of work; its values go back before they are taken back.
func TestCallsAreWork(t *testing.T) {
	defer lifetime.Track(lifetime.Revoke())()
	forEach(t, func(t *testing.T, call caller) {
		works := make(chan *lifetime.Work, 2)
		c, _ := dial(t, serve(t, func(context.Context, string) (string, error) {
			works <- lifetime.Current()
			answer.Set("the handler's")
			return "", nil
		}, accepting(open)...), sending(open)...)
		for range 2 {
			defer answer.Set("the caller's").Restore()
			_, err := call(t.Context(), c, "")
			noError(t, err)
			want(t, "the caller sees", answer.Get(), "the handler's")
		}
		a, b := <-works, <-works
		if a == nil || b == nil || a == b || !strings.HasPrefix(a.Name(), "/grpc.testing.TestService/") {
			t.Errorf("the calls are %v and %v, want two pieces of work, named by the method", a, b)
		}
	})
}
