package grpcvars_test

import (
	"context"
	"strings"
	"testing"

	"google.golang.org/grpc/metadata"

	"github.com/gocontextvars/contextvars/wire"
)

// Three processes, each a server but the first: front calls middle, and middle calls back.
func TestThreeHops(t *testing.T) {
	forEach(t, func(t *testing.T, call caller) {
		hops := make(chan string, 2)
		note := func(ctx context.Context) {
			hops <- who.GetOr("nothing") + ", " + once.GetOr("nothing")
		}
		back, _ := dial(t, serve(t, func(ctx context.Context, _ string) (string, error) {
			note(ctx)
			answer.Set("back's")
			return "", nil
		}, accepting(open)...), sending(open)...)
		middle, _ := dial(t, serve(t, func(ctx context.Context, _ string) (string, error) {
			note(ctx)
			return call(ctx, back, "")
		}, accepting(open)...), sending(open)...)
		defer who.Set("all hops").Restore()
		defer once.Set("one hop").Restore()
		_, err := call(t.Context(), middle, "")
		noError(t, err)
		want(t, "middle sees", <-hops, "all hops, one hop")
		want(t, "back sees", <-hops, "all hops, nothing")
		want(t, "front sees", answer.GetOr("nothing"), "back's")
	})
}

func TestUnknownEntriesPass(t *testing.T) {
	passing := wire.NewPeer("passing", wire.PassUnknown())
	for name, tt := range map[string]struct {
		to   *wire.Peer
		want string
	}{"to a peer that is open for them": {passing, "stranger=1;p=2,more=%20"}, "not to another": {open, ""}} {
		t.Run(name, func(t *testing.T) {
			forEach(t, func(t *testing.T, call caller) {
				got, see := baggage()
				back, _ := dial(t, serve(t, see), sending(tt.to)...)
				middle, _ := dial(t, serve(t, func(ctx context.Context, _ string) (string, error) {
					return call(ctx, back, "")
				}, accepting(passing)...))
				ctx := metadata.AppendToOutgoingContext(t.Context(), "baggage", "stranger=1;p=2, more=%20")
				_, err := call(ctx, middle, "")
				noError(t, err)
				want(t, "baggage", strings.ReplaceAll(<-got, ", ", ","), tt.want)
			})
		})
	}
}
