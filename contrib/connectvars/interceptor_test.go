package connectvars_test

import (
	"context"
	"errors"
	"net/http"
	"runtime/pprof"
	"slices"
	"strings"
	"testing"

	"connectrpc.com/connect"

	"github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/contrib/connectvars"
	"github.com/gocontextvars/contextvars/wire"
)

func TestHandlerSeesTheCallers(t *testing.T) {
	forEach(t, func(t *testing.T, p protocol, call caller) {
		saw, see := seen()
		c := p.client(t, serve(t, mux(see, handling(open))), open)
		defer who.Set("the caller's").Restore()
		_, err := call(t.Context(), c, "")
		noError(t, err)
		want(t, "the handler sees", <-saw, "the caller's")
	})
}

// All calls of an HTTP/1.1 connection run on one goroutine.
func TestCallsOfAConnectionAreKeptApart(t *testing.T) {
	for name, peer := range map[string]*wire.Peer{"open": open, "closed": nil} {
		t.Run(name, func(t *testing.T) {
			forEach(t, func(t *testing.T, p protocol, call caller) {
				saw, see := seen()
				leave := func(ctx context.Context, h http.Header, in string) (string, error) {
					//contextvars:ignore token what is left is tested
					defer who.Set("what the last call left")
					return see(ctx, h, in)
				}
				c := p.client(t, serve(t, mux(leave, handling(peer))), open)
				for range 3 {
					_, err := call(t.Context(), c, "")
					noError(t, err)
					want(t, "the handler sees", <-saw, "nothing")
				}
			})
		})
	}
}

func TestServerIsClosedByDefault(t *testing.T) {
	forEach(t, func(t *testing.T, p protocol, call caller) {
		saw, see := seen()
		c := p.client(t, serve(t, mux(see, handling(nil))), open)
		defer who.Set("the caller's").Restore()
		_, err := call(t.Context(), c, "")
		noError(t, err)
		want(t, "the handler sees", <-saw, "nothing")
	})
}

func TestClientIsClosedByDefault(t *testing.T) {
	forEach(t, func(t *testing.T, p protocol, call caller) {
		got, see := baggage()
		c := p.client(t, serve(t, mux(see)), nil)
		defer who.Set("the caller's").Restore()
		_, err := call(t.Context(), c, "")
		noError(t, err)
		want(t, "baggage", <-got, "")
	})
}

func TestBaggageOfTheRequest(t *testing.T) {
	for name, tt := range map[string]struct {
		peer *wire.Peer
		want string
	}{
		"open peer":                  {open, "more=3,theirs=1;p=2,who=ours"},
		"closed peer":                {nil, "more=3,theirs=1;p=2"},
		"peer that is open for less": {wire.NewPeer("ledger", wire.Send(once)), "more=3,theirs=1;p=2"},
	} {
		t.Run(name, func(t *testing.T) {
			forEach(t, func(t *testing.T, p protocol, call caller) {
				got, see := baggage()
				c := p.client(t, serve(t, mux(see)), tt.peer)
				defer who.Set("ours").Restore()
				_, err := call(t.Context(), c, "", "Baggage", "theirs=1;p=2,who=evil", "baggage", "more=3,who=evil", "BAGGAGE", "who=evil")
				noError(t, err)
				want(t, "baggage", <-got, tt.want)
			})
		})
	}
}

func TestBaggageOfTheRequestThatIsNotToBeSent(t *testing.T) {
	forEach(t, func(t *testing.T, p protocol, call caller) {
		got, see := baggage()
		c := p.client(t, serve(t, mux(see)), nil)
		for _, key := range []string{"Baggage", "baggage", "bAGGAGE"} {
			_, err := call(t.Context(), c, "", key, "who=evil")
			noError(t, err)
			want(t, key, <-got, "")
		}
	})
}

func TestVariablesHaveTheirRoomFirst(t *testing.T) {
	forEach(t, func(t *testing.T, p protocol, call caller) {
		saw, see := seen()
		c := p.client(t, serve(t, mux(see, handling(open))), open)
		defer who.Set("the caller's").Restore()
		_, err := call(t.Context(), c, "", "Baggage", strings.Repeat("theirs=1,", wire.MaxMembers))
		noError(t, err)
		want(t, "the handler sees", <-saw, "the caller's")
	})
}

// A request that is used again carries what is current then.
func TestRequestThatIsUsedAgain(t *testing.T) {
	for _, p := range protocols {
		t.Run(p.name, func(t *testing.T) {
			got, see := baggage()
			c := p.client(t, serve(t, mux(see)), open)
			req := connect.NewRequest(new(text))
			for _, tt := range []struct {
				set  func() contextvars.Token[string]
				want string
			}{
				{func() contextvars.Token[string] { return who.Set("1") }, "who=1"},
				{func() contextvars.Token[string] { return once.Set("2") }, "once=2;hops=1"},
			} {
				token := tt.set()
				_, err := c.unary.CallUnary(t.Context(), req)
				token.Restore()
				noError(t, err)
				want(t, "baggage", <-got, tt.want)
			}
		})
	}
}

// The variables of a stream are those of where it is made, whoever sends first.
func TestVariablesOfAStreamAreThoseOfWhereItIsMade(t *testing.T) {
	got, see := baggage()
	p := protocols[1]
	c := p.client(t, serve(t, mux(see)), open)
	var stream *connect.BidiStreamForClient[text, text]
	who.With("the maker's", func() { stream = c.both.CallBidiStream(t.Context()) })
	who.With("the sender's", func() { noError(t, stream.Send(new(text))) })
	noError(t, stream.CloseRequest())
	_, err := toEnd(stream)
	noError(t, err)
	want(t, "baggage", <-got, "who=the%20maker's")
}

// Once the header is sent it is left alone, since net/http may be reading it.
func TestHeaderOfAStreamIsWrittenOnce(t *testing.T) {
	c := protocols[1].client(t, serve(t, mux(func(context.Context, http.Header, string) (string, error) {
		return "", nil
	})), open)
	defer who.Set("the caller's").Restore()
	stream := c.both.CallBidiStream(t.Context())
	for range 2 {
		noError(t, stream.Send(new(text)))
		_, err := stream.Receive() // so the header has been read
		noError(t, err)
		stream.RequestHeader().Del("baggage")
	}
	noError(t, stream.Send(new(text)))
	noError(t, stream.CloseRequest())
	want(t, "baggage", stream.RequestHeader().Get("baggage"), "")
	_, err := toEnd(stream)
	noError(t, err)
}

// A stream may also begin with its end.
func TestVariablesOfAStreamThatSendsNothing(t *testing.T) {
	saw, see := seen()
	p := protocols[1]
	c := p.client(t, serve(t, mux(see, handling(open))), open)
	defer who.Set("the caller's").Restore()
	_, err := c.client.CallClientStream(t.Context()).CloseAndReceive()
	noError(t, err)
	want(t, "the handler sees", <-saw, "the caller's")
}

func TestPeerOfACallIsFound(t *testing.T) {
	names := map[string]string{"unary": "Unary", "client stream": "Client", "server stream": "Server", "both stream": "Both"}
	type found struct {
		spec connect.Spec
		peer connect.Peer
	}
	type closedKey struct{}
	for _, p := range protocols {
		for kind, call := range kinds {
			if kind == "both stream" && !p.h2 {
				continue
			}
			t.Run(p.name+"/"+kind, func(t *testing.T) {
				calls := make(chan found, 2)
				find := connectvars.InterceptorFunc(func(ctx context.Context, spec connect.Spec, peer connect.Peer) *wire.Peer {
					calls <- found{spec, peer}
					if ctx.Value(closedKey{}) != nil {
						return nil
					}
					return open
				})
				saw, see := seen()
				url := serve(t, mux(see, connect.WithInterceptors(find)))
				c := p.clientWith(t, url, find)
				defer who.Set("the caller's").Restore()
				_, err := call(t.Context(), c, "")
				noError(t, err)
				want(t, "the handler sees", <-saw, "the caller's")
				client, server := <-calls, <-calls
				want(t, "client", client.spec.IsClient, true)
				want(t, "server", server.spec.IsClient, false)
				want(t, "procedure", client.spec.Procedure, "/test.Service/"+names[kind])
				want(t, "procedure", server.spec.Procedure, "/test.Service/"+names[kind])
				want(t, "address", "http://"+client.peer.Addr, url)
				want(t, "address is known", server.peer.Addr != "", true)
				_, err = call(context.WithValue(t.Context(), closedKey{}, true), c, "")
				noError(t, err)
				want(t, "the handler sees", <-saw, "nothing")
			})
		}
	}
}

var errRefused = connect.NewError(connect.CodeFailedPrecondition, errors.New("refused"))

func TestReplyBringsBack(t *testing.T) {
	for name, fail := range map[string]error{"success": nil, "error": errRefused} {
		t.Run(name, func(t *testing.T) {
			forEach(t, func(t *testing.T, p protocol, call caller) {
				c := p.client(t, serve(t, mux(func(context.Context, http.Header, string) (string, error) {
					answer.Set("the handler's")
					return "out", fail
				}, handling(open))), open)
				defer answer.Set("the caller's").Restore()
				out, err := call(t.Context(), c, "")
				if fail == nil {
					noError(t, err)
					want(t, "answer", out, "out")
				} else {
					want(t, "code", connect.CodeOf(err), connect.CodeFailedPrecondition)
				}
				want(t, "the caller sees", answer.Get(), "the handler's")
			})
		})
	}
}

func TestReplyHasOnlyWhatIsStillSet(t *testing.T) {
	forEach(t, func(t *testing.T, p protocol, call caller) {
		c := p.client(t, serve(t, mux(func(context.Context, http.Header, string) (string, error) {
			defer answer.Set("the handler's").Restore()
			return "", nil
		}, handling(open))), open)
		_, err := call(t.Context(), c, "")
		noError(t, err)
		want(t, "the caller sees", answer.GetOr("nothing"), "nothing")
	})
}

func TestReplyIsClosed(t *testing.T) {
	for name, peers := range map[string][2]*wire.Peer{
		"by the server":         {nil, open},
		"by the server's rules": {wire.NewPeer("front", wire.Accept(answer)), open},
		"by the client":         {open, nil},
		"by the client's rules": {open, wire.NewPeer("ledger", wire.Send(answer))},
	} {
		t.Run(name, func(t *testing.T) {
			forEach(t, func(t *testing.T, p protocol, call caller) {
				c := p.client(t, serve(t, mux(func(context.Context, http.Header, string) (string, error) {
					answer.Set("the handler's")
					return "", nil
				}, handling(peers[0]))), peers[1])
				_, err := call(t.Context(), c, "")
				noError(t, err)
				want(t, "the caller sees", answer.GetOr("nothing"), "nothing")
			})
		})
	}
}

// Trailers of the handler's own arrive as well.
func TestTrailersOfTheHandlerStay(t *testing.T) {
	for _, p := range protocols {
		t.Run(p.name, func(t *testing.T) {
			m := http.NewServeMux()
			m.Handle("/test.Service/Unary", connect.NewUnaryHandler("/test.Service/Unary",
				func(context.Context, *connect.Request[text]) (*connect.Response[text], error) {
					answer.Set("the handler's")
					resp := connect.NewResponse(new(text))
					resp.Header().Set("H", "header")
					resp.Trailer().Set("T", "trailer")
					return resp, nil
				}, handling(open)))
			resp, err := p.client(t, serve(t, m), open).unary.CallUnary(t.Context(), connect.NewRequest(new(text)))
			noError(t, err)
			want(t, "header", resp.Header().Get("H"), "header")
			want(t, "trailer", resp.Trailer().Get("T"), "trailer")
			want(t, "the caller sees", answer.GetOr("nothing"), "the handler's")
		})
	}
}

func TestReplyOfAStreamIsForWhoReadsItsEndAndSetOnce(t *testing.T) {
	for _, p := range protocols {
		if !p.h2 {
			continue
		}
		t.Run(p.name, func(t *testing.T) {
			c := p.client(t, serve(t, mux(func(context.Context, http.Header, string) (string, error) {
				answer.Set("the handler's")
				return "", nil
			}, handling(open))), open)
			stream := c.both.CallBidiStream(t.Context())
			read := make(chan string)
			go func() {
				if _, err := toEnd(stream); err != nil {
					t.Error(err)
				}
				read <- answer.GetOr("nothing")
				answer.Set("the reader's")
				if _, err := stream.Receive(); err == nil {
					t.Error("there is a message after the end")
				}
				read <- answer.Get()
			}()
			noError(t, stream.Send(new(text)))
			noError(t, stream.CloseRequest())
			want(t, "the reader sees", <-read, "the handler's")
			want(t, "the reader sees", <-read, "the reader's")
			want(t, "the sender sees", answer.GetOr("nothing"), "nothing")
		})
	}
}

func TestGoroutinesOfAHandlerBeginWithItsContext(t *testing.T) {
	forEach(t, func(t *testing.T, p protocol, call caller) {
		c := p.client(t, serve(t, mux(func(ctx context.Context, _ http.Header, _ string) (string, error) {
			saw := make(chan string, 1)
			pprof.Do(ctx, pprof.Labels("a", "b"), func(context.Context) { // good for this, too
				go func() { saw <- who.GetOr("nothing") }()
			})
			if got := <-saw; got != "the caller's" {
				return "", errors.New("the goroutine saw " + got)
			}
			if vars, ok := contextvars.FromContext(ctx); !ok || !vars.Contains(who) {
				return "", errors.New("the ctx does not carry the context")
			}
			return "", nil
		}, handling(open))), open)
		defer who.Set("the caller's").Restore()
		_, err := call(t.Context(), c, "")
		noError(t, err)
	})
}

func TestPanicOfAHandler(t *testing.T) {
	forEach(t, func(t *testing.T, p protocol, call caller) {
		recovered := make(chan any, 1)
		c := p.client(t, serve(t, mux(func(context.Context, http.Header, string) (string, error) {
			answer.Set("the handler's")
			panic("p")
		}, connect.WithRecover(func(_ context.Context, _ connect.Spec, _ http.Header, r any) error {
			recovered <- r
			return errRefused
		}), handling(open))), open)
		_, err := call(t.Context(), c, "")
		want(t, "code", connect.CodeOf(err), connect.CodeFailedPrecondition)
		want[any](t, "recovered", <-recovered, "p")
		want(t, "the caller sees", answer.GetOr("nothing"), "nothing")
	})
}

// An interceptor around ours on the client, and one inside of it on the server.
func TestInterceptorsInAChain(t *testing.T) {
	forEach(t, func(t *testing.T, p protocol, call caller) {
		saw, see := seen()
		sees := make(chan string, 1)
		inside := &spy{func() { sees <- who.GetOr("nothing") }}
		outside := &spy{func() { who.Set("the outer interceptor's") }}
		url := serve(t, mux(see, connect.WithInterceptors(connectvars.Interceptor(open), inside)))
		c := p.clientWith(t, url, outside, connectvars.Interceptor(open))
		_, err := call(t.Context(), c, "")
		noError(t, err)
		want(t, "the inner interceptor sees", <-sees, "the outer interceptor's")
		want(t, "the handler sees", <-saw, "the outer interceptor's")
	})
}

// spy is an interceptor that calls a func before each call.
type spy struct{ before func() }

func (s *spy) WrapUnary(next connect.UnaryFunc) connect.UnaryFunc {
	return func(ctx context.Context, req connect.AnyRequest) (connect.AnyResponse, error) {
		s.before()
		return next(ctx, req)
	}
}

func (s *spy) WrapStreamingClient(next connect.StreamingClientFunc) connect.StreamingClientFunc {
	return func(ctx context.Context, spec connect.Spec) connect.StreamingClientConn {
		s.before()
		return next(ctx, spec)
	}
}

func (s *spy) WrapStreamingHandler(next connect.StreamingHandlerFunc) connect.StreamingHandlerFunc {
	return func(ctx context.Context, conn connect.StreamingHandlerConn) error {
		s.before()
		return next(ctx, conn)
	}
}

// Calls by GET have no body, but a header.
func TestGet(t *testing.T) {
	saw, see := seen()
	methods := make(chan string, 1)
	m := mux(see, handling(open), connect.WithIdempotency(connect.IdempotencyNoSideEffects))
	url := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		methods <- r.Method
		m.ServeHTTP(w, r)
	}))
	p := protocols[0]
	p.opts = []connect.ClientOption{connect.WithHTTPGet(), connect.WithIdempotency(connect.IdempotencyNoSideEffects)}
	c := p.client(t, url, open)
	defer who.Set("the caller's").Restore()
	_, err := c.unary.CallUnary(t.Context(), connect.NewRequest(new(text)))
	noError(t, err)
	want(t, "method", <-methods, http.MethodGet)
	want(t, "the handler sees", <-saw, "the caller's")
}

func TestInterceptorFuncRefusesNil(t *testing.T) {
	defer func() {
		if r, _ := recover().(string); !strings.HasPrefix(r, "connectvars: InterceptorFunc was given a nil func") {
			t.Errorf("panic: %q", r)
		}
	}()
	connectvars.InterceptorFunc(nil)
}

// Headers, which a carrier asks for in another form than an http.Header has them.
func TestHeadersAreInTheFormOfHTTP(t *testing.T) {
	var keys []string
	header := &spyHeader{func(h http.Header) {
		for k := range h {
			if strings.EqualFold(k, wire.Key) {
				keys = append(keys, k)
			}
		}
	}}
	p := protocols[0]
	_, see := seen()
	c := p.clientWith(t, serve(t, mux(see)), connectvars.Interceptor(open), header)
	defer who.Set("1").Restore()
	_, err := kinds["unary"](t.Context(), c, "", "baggage", "x=1", "BAGGAGE", "y=1")
	noError(t, err)
	want(t, "one key", slices.Equal(keys, []string{"Baggage"}), true)
}

type spyHeader struct{ look func(http.Header) }

func (s *spyHeader) WrapUnary(next connect.UnaryFunc) connect.UnaryFunc {
	return func(ctx context.Context, req connect.AnyRequest) (connect.AnyResponse, error) {
		s.look(req.Header())
		return next(ctx, req)
	}
}

func (s *spyHeader) WrapStreamingClient(next connect.StreamingClientFunc) connect.StreamingClientFunc {
	return next
}

func (s *spyHeader) WrapStreamingHandler(next connect.StreamingHandlerFunc) connect.StreamingHandlerFunc {
	return next
}
