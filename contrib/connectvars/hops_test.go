package connectvars_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/gocontextvars/contextvars/wire"
)

// Three processes, each a server but the first: front calls middle, and middle calls back.
func TestThreeHops(t *testing.T) {
	forEach(t, func(t *testing.T, p protocol, call caller) {
		hops := make(chan string, 2)
		note := func() { hops <- who.GetOr("nothing") + ", " + once.GetOr("nothing") }
		back := p.client(t, serve(t, mux(func(context.Context, http.Header, string) (string, error) {
			note()
			answer.Set("back's")
			return "", nil
		}, handling(open))), open)
		middle := p.client(t, serve(t, mux(func(ctx context.Context, _ http.Header, _ string) (string, error) {
			note()
			return call(ctx, back, "")
		}, handling(open))), open)
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
			forEach(t, func(t *testing.T, p protocol, call caller) {
				got, see := baggage()
				back := p.client(t, serve(t, mux(see)), tt.to)
				middle := p.client(t, serve(t, mux(func(ctx context.Context, _ http.Header, _ string) (string, error) {
					return call(ctx, back, "")
				}, handling(passing))), nil)
				_, err := call(t.Context(), middle, "", "baggage", "stranger=1;p=2, more=%20")
				noError(t, err)
				want(t, "baggage", strings.ReplaceAll(<-got, ", ", ","), tt.want)
			})
		})
	}
}

func TestHostileBaggage(t *testing.T) {
	for name, tt := range map[string]struct {
		text string
		err  error
		sees string
	}{
		"bytes":              {"who=" + strings.Repeat("x", 512<<10), wire.ErrTooLarge, "nothing"}, // net/http's limit is 1 MB
		"members":            {strings.Repeat("who=x,", wire.MaxMembers+1), wire.ErrTooLarge, "nothing"},
		"not UTF-8":          {"who=\xff\xfe", wire.ErrMalformed, "nothing"},
		"not UTF-8, escaped": {"who=%ff%fe", wire.ErrMalformed, "nothing"},
		"no value":           {"who", wire.ErrMalformed, "nothing"},
		"partly":             {"who=1,once=%", wire.ErrMalformed, "1"},
	} {
		t.Run(name, func(t *testing.T) {
			forEach(t, func(t *testing.T, p protocol, call caller) {
				saw, see := seen()
				reports := make(chan wire.Report, 100)
				peer := wire.NewPeer("hostile", wire.Everything(), wire.ReportTo(func(r wire.Report) { reports <- r }))
				c := p.clientWith(t, serve(t, mux(see, handling(peer))))
				_, err := call(t.Context(), c, "", "baggage", tt.text)
				noError(t, err)
				want(t, "the handler sees", <-saw, tt.sees)
				if r := <-reports; !errors.Is(r.Err, tt.err) {
					t.Errorf("report: %v", r)
				}
			})
		})
	}
}

// net/http itself refuses headers of over 1 MB and such with control characters.
func TestHostileHeadersThatNetHTTPRefuses(t *testing.T) {
	for name, text := range map[string]string{"1 MB": "who=" + strings.Repeat("x", 2<<20), "control": "who=a\x01b"} {
		t.Run(name, func(t *testing.T) {
			p := protocols[0]
			c := p.clientWith(t, serve(t, mux(func(context.Context, http.Header, string) (string, error) {
				t.Error("the handler was called")
				return "", nil
			}, handling(wire.Trusted()))))
			if _, err := kinds["unary"](t.Context(), c, "", "baggage", text); err == nil {
				t.Error("it was not refused")
			}
		})
	}
}
