package grpcvars_test

import (
	"context"
	"encoding/json"
	"errors"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	pb "google.golang.org/grpc/interop/grpc_testing"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/contrib/grpcvars"
	"github.com/gocontextvars/contextvars/wire"
)

// baggage has handlers write what was on the wire to a channel.
func baggage() (chan string, func(context.Context, string) (string, error)) {
	c := make(chan string, 1)
	return c, func(ctx context.Context, _ string) (string, error) {
		values := metadata.ValueFromIncomingContext(ctx, "baggage")
		if slices.Contains(values, "") {
			return "", errors.New("there is an empty baggage")
		}
		c <- strings.Join(values, " and ")
		return "", nil
	}
}

func TestClientIsClosedByDefault(t *testing.T) {
	forEach(t, func(t *testing.T, call caller) {
		got, see := baggage()
		c, _ := dial(t, serve(t, see), sending(nil)...)
		defer who.Set("the caller's").Restore()
		_, err := call(t.Context(), c, "")
		noError(t, err)
		want(t, "baggage", <-got, "")
	})
}

func TestClientSendsOnlyWhatIsOpen(t *testing.T) {
	forEach(t, func(t *testing.T, call caller) {
		got, see := baggage()
		c, _ := dial(t, serve(t, see), sending(wire.NewPeer("ledger", wire.Send(once)))...)
		defer who.Set("the caller's").Restore()
		defer once.Set("1").Restore()
		_, err := call(t.Context(), c, "")
		noError(t, err)
		want(t, "baggage", <-got, "once=1;hops=1")
	})
}

func TestBaggageOfOthersStays(t *testing.T) {
	forEach(t, func(t *testing.T, call caller) {
		got, see := baggage()
		c, _ := dial(t, serve(t, see), sending(open)...)
		defer who.Set("ours").Restore()
		ctx := metadata.AppendToOutgoingContext(t.Context(), "Baggage", "theirs=1;p=2,who=theirs", "baggage", "more=3", "x", "y")
		_, err := call(ctx, c, "")
		noError(t, err)
		want(t, "baggage", <-got, "theirs=1;p=2,more=3,who=ours")
		md, _ := metadata.FromOutgoingContext(ctx)
		want(t, "the caller's metadata", strings.Join(md["baggage"], " and "), "theirs=1;p=2,who=theirs and more=3")
	})
}

func TestVariablesHaveTheirRoomFirst(t *testing.T) {
	forEach(t, func(t *testing.T, call caller) {
		saw, see := seen()
		c, _ := dial(t, serve(t, see, accepting(open)...), sending(open)...)
		defer who.Set("the caller's").Restore()
		ctx := metadata.AppendToOutgoingContext(t.Context(), "baggage", strings.Repeat("theirs=1,", wire.MaxMembers))
		_, err := call(ctx, c, "")
		noError(t, err)
		want(t, "the handler sees", <-saw, "the caller's")
	})
}

// A proxy may copy the metadata of its own caller, which nobody has allowed it.
func TestBaggageOfVariablesIsWrittenFromVariablesOnly(t *testing.T) {
	for name, tt := range map[string]struct {
		peer        *wire.Peer
		given, want string
	}{
		"closed peer":                {nil, "who=evil,theirs=1", "theirs=1"},
		"closed peer, nothing else":  {nil, "who=evil", ""},
		"open peer":                  {open, "who=evil,theirs=1", "theirs=1,once=1;hops=1"},
		"peer that is open for less": {wire.NewPeer("ledger", wire.Send(answer)), "who=evil,once=2", ""},
	} {
		t.Run(name, func(t *testing.T) {
			forEach(t, func(t *testing.T, call caller) {
				got, see := baggage()
				c, _ := dial(t, serve(t, see), sending(tt.peer)...)
				defer once.Set("1").Restore()
				_, err := call(metadata.AppendToOutgoingContext(t.Context(), "baggage", tt.given), c, "")
				noError(t, err)
				want(t, "baggage", <-got, tt.want)
			})
		})
	}
}

type closedKey struct{}

func TestClientFindsThePeerOfACall(t *testing.T) {
	forEach(t, func(t *testing.T, call caller) {
		got, see := baggage()
		l := serve(t, see)
		methods := make(chan string, 1)
		find := func(ctx context.Context, method string, cc *grpc.ClientConn) *wire.Peer {
			want(t, "target", cc.Target(), l.Addr().String())
			methods <- method
			if ctx.Value(closedKey{}) != nil {
				return nil
			}
			return open
		}
		c, _ := dial(t, l,
			grpc.WithUnaryInterceptor(grpcvars.UnaryClientInterceptorFunc(find)),
			grpc.WithStreamInterceptor(grpcvars.StreamClientInterceptorFunc(find)))
		defer who.Set("1").Restore()
		_, err := call(t.Context(), c, "")
		noError(t, err)
		want(t, "baggage", <-got, "who=1")
		if m := <-methods; !strings.HasPrefix(m, "/grpc.testing.TestService/") {
			t.Errorf("method: %q", m)
		}
		_, err = call(context.WithValue(t.Context(), closedKey{}, true), c, "")
		noError(t, err)
		want(t, "baggage", <-got, "")
		<-methods
	})
}

func TestReplyBringsBack(t *testing.T) {
	for name, fail := range map[string]error{"success": nil, "error": errRefused} {
		t.Run(name, func(t *testing.T) {
			forEach(t, func(t *testing.T, call caller) {
				c, _ := dial(t, serve(t, func(context.Context, string) (string, error) {
					answer.Set("the handler's")
					return "", fail
				}, accepting(open)...), sending(open)...)
				defer answer.Set("the caller's").Restore()
				_, err := call(t.Context(), c, "")
				if !errors.Is(err, fail) {
					t.Errorf("error: got %v, want %v", err, fail)
				}
				want(t, "the caller sees", answer.Get(), "the handler's")
			})
		})
	}
}

func TestReplyHasOnlyWhatIsStillSet(t *testing.T) {
	forEach(t, func(t *testing.T, call caller) {
		c, _ := dial(t, serve(t, func(context.Context, string) (string, error) {
			defer answer.Set("the handler's").Restore()
			go func() { answer.Set("a goroutine's") }()
			return "", nil
		}, accepting(open)...), sending(open)...)
		_, err := call(t.Context(), c, "")
		noError(t, err)
		want(t, "the caller sees", answer.GetOr("nothing"), "nothing")
	})
}

func TestReplyIsClosed(t *testing.T) {
	for name, peers := range map[string][2]*wire.Peer{
		"by the server":          {nil, open},
		"by the server's rules":  {wire.NewPeer("front", wire.Accept(answer)), open},
		"by the client":          {open, nil},
		"by the client's rules":  {open, wire.NewPeer("ledger", wire.Send(answer))},
		"by nobody, for control": {open, open},
	} {
		t.Run(name, func(t *testing.T) {
			forEach(t, func(t *testing.T, call caller) {
				c, _ := dial(t, serve(t, func(context.Context, string) (string, error) {
					answer.Set("the handler's")
					return "", nil
				}, accepting(peers[0])...), sending(peers[1])...)
				contextvars.CopyContext().Run(func() {
					_, err := call(t.Context(), c, "")
					noError(t, err)
					sees := "nothing"
					if peers == [2]*wire.Peer{open, open} {
						sees = "the handler's"
					}
					want(t, "the caller sees", answer.GetOr("nothing"), sees)
				})
			})
		})
	}
}

// The goroutine that reads the end has the reply's variables, not the one that made the stream.
func TestReplyOfAStreamIsForWhoReadsItsEnd(t *testing.T) {
	c, _ := dial(t, serve(t, func(context.Context, string) (string, error) {
		answer.Set("the handler's")
		return "", nil
	}, accepting(open)...), sending(open)...)
	stream, err := c.FullDuplexCall(t.Context())
	noError(t, err)
	read := make(chan string)
	go func() {
		_, err := toEnd(stream.Recv)
		if err != nil {
			t.Error(err)
		}
		read <- answer.GetOr("nothing")
	}()
	noError(t, stream.Send(nil))
	noError(t, stream.CloseSend())
	want(t, "the reader sees", <-read, "the handler's")
	want(t, "the sender sees", answer.GetOr("nothing"), "nothing")
}

// A RecvMsg after the end does not set the variables again.
func TestReplyOfAStreamIsSetOnce(t *testing.T) {
	c, _ := dial(t, serve(t, func(context.Context, string) (string, error) {
		answer.Set("the handler's")
		return "", nil
	}, accepting(open)...), sending(open)...)
	stream, err := c.FullDuplexCall(t.Context())
	noError(t, err)
	noError(t, stream.Send(nil))
	noError(t, stream.CloseSend())
	_, err = toEnd(stream.Recv)
	noError(t, err)
	want(t, "the caller sees", answer.GetOr("nothing"), "the handler's")
	answer.Set("the caller's")
	if _, err := stream.Recv(); err == nil {
		t.Error("there is a message after the end")
	}
	want(t, "the caller sees", answer.Get(), "the caller's")
}

func TestOptionsOfTheCallStillWork(t *testing.T) {
	header := func(ctx context.Context, text string) (string, error) {
		answer.Set("the handler's")
		if err := grpc.SetHeader(ctx, metadata.Pairs("h", "header")); err != nil {
			return "", err
		}
		return "", grpc.SetTrailer(ctx, metadata.Pairs("t", "trailer"))
	}
	forEach(t, func(t *testing.T, call caller) {
		c, _ := dial(t, serve(t, header, accepting(open)...), sending(open)...)
		var h, tr metadata.MD
		finished := make(chan error, 1)
		_, err := call(t.Context(), c, "", grpc.Header(&h), grpc.Trailer(&tr), grpc.WaitForReady(true),
			grpc.OnFinish(func(err error) { finished <- err }))
		noError(t, err)
		noError(t, <-finished)
		want(t, "header", strings.Join(h["h"], ","), "header")
		want(t, "trailer", strings.Join(tr["t"], ","), "trailer")
		want(t, "the caller sees", answer.GetOr("nothing"), "the handler's")
	})
}

// Calls may share a slice of options that has room for more.
func TestOptionsOfTheCallAreNotWrittenInto(t *testing.T) {
	_, conn := dial(t, serve(t, sawWho, accepting(open)...), sending(open)...)
	opts := append(make([]grpc.CallOption, 0, 2), grpc.WaitForReady(true))
	noError(t, conn.Invoke(t.Context(), pb.TestService_UnaryCall_FullMethodName, new(pb.SimpleRequest), new(pb.SimpleResponse), opts...))
	want(t, "the option behind", opts[:2][1], nil)
}

// threeAttempts is a service config for gRPC's own retries.
func threeAttempts(t *testing.T) string {
	t.Helper()
	config, err := json.Marshal(map[string]any{"methodConfig": []any{map[string]any{
		"name": []any{map[string]any{}},
		"retryPolicy": map[string]any{
			"maxAttempts": 3, "initialBackoff": "0.001s", "maxBackoff": "0.001s", "backoffMultiplier": 1,
			"retryableStatusCodes": []string{"UNAVAILABLE"},
		},
	}}})
	noError(t, err)
	return string(config)
}

// Each attempt of gRPC's own retries has the variables; the last one's reply counts.
func TestRetries(t *testing.T) {
	forEach(t, func(t *testing.T, call caller) {
		var attempts atomic.Int32
		c, _ := dial(t, serve(t, func(context.Context, string) (string, error) {
			want(t, "the handler sees", who.GetOr("nothing"), "the caller's")
			if attempts.Add(1) < 3 {
				answer.Set("that of an attempt that failed")
				return "", status.Error(codes.Unavailable, "not now")
			}
			answer.Set("the last one's")
			return "", nil
		}, accepting(open)...), append(sending(open), grpc.WithDefaultServiceConfig(threeAttempts(t)))...)
		defer who.Set("the caller's").Restore()
		_, err := call(t.Context(), c, "")
		noError(t, err)
		want(t, "attempts", attempts.Load(), 3)
		want(t, "the caller sees", answer.GetOr("nothing"), "the last one's")
	})
}

// What fails before anything is sent, sets nothing, and the caller's context is as before.
func TestCallThatFailsAtOnce(t *testing.T) {
	forEach(t, func(t *testing.T, call caller) {
		c, conn := dial(t, serve(t, sawWho, accepting(open)...), sending(open)...)
		conn.Close()
		defer who.Set("the caller's").Restore()
		_, err := call(t.Context(), c, "")
		want(t, "code", status.Code(err), codes.Canceled)
		want(t, "the caller sees", who.Get(), "the caller's")
		want(t, "the caller sees", answer.GetOr("nothing"), "nothing")
	})
}

// Panics and Goexit in the midst of a call go on their way.
func TestPanicAndGoexitInACall(t *testing.T) {
	l := serve(t, sawWho, accepting(open)...)
	for name, leave := range map[string]func(){"panic": func() { panic("p") }, "Goexit": runtime.Goexit} {
		t.Run(name, func(t *testing.T) {
			forEach(t, func(t *testing.T, call caller) {
				first := true
				c, _ := dial(t, l, append(sending(open), grpc.WithChainUnaryInterceptor(func(
					ctx context.Context, method string, in, out any, cc *grpc.ClientConn, invoke grpc.UnaryInvoker, opts ...grpc.CallOption,
				) error {
					if first {
						leave()
					}
					return invoke(ctx, method, in, out, cc, opts...)
				}), grpc.WithChainStreamInterceptor(func(
					ctx context.Context, desc *grpc.StreamDesc, cc *grpc.ClientConn, method string, open grpc.Streamer, opts ...grpc.CallOption,
				) (grpc.ClientStream, error) {
					if first {
						leave()
					}
					return open(ctx, desc, cc, method, opts...)
				}))...)
				done := make(chan any)
				go func() {
					who.Set("the caller's")
					defer func() {
						r := recover()
						want(t, "the caller sees", who.Get(), "the caller's")
						sees := make(chan string)
						go func() { sees <- who.GetOr("nothing") }() // no more lent
						want(t, "a goroutine of the caller's sees", <-sees, "the caller's")
						done <- r
					}()
					call(t.Context(), c, "")
				}()
				if r := <-done; name == "panic" && r != "p" {
					t.Errorf("recovered %v", r)
				}
				first = false
				_, err := call(t.Context(), c, "")
				noError(t, err)
			})
		})
	}
}

func TestClientInterceptorsRefuseNil(t *testing.T) {
	for call, f := range map[string]func(){
		"UnaryClientInterceptorFunc":  func() { grpcvars.UnaryClientInterceptorFunc(nil) },
		"StreamClientInterceptorFunc": func() { grpcvars.StreamClientInterceptorFunc(nil) },
	} {
		wantPanic(t, "grpcvars: "+call+" was given a nil func", f)
	}
}

func TestInterceptorsInAChain(t *testing.T) {
	forEach(t, func(t *testing.T, call caller) {
		saw, see := seen()
		var order []string
		c, _ := dial(t, serve(t, see, accepting(open)...),
			grpc.WithChainUnaryInterceptor(func(
				ctx context.Context, method string, in, out any, cc *grpc.ClientConn, invoke grpc.UnaryInvoker, opts ...grpc.CallOption,
			) error {
				defer who.Set("the outer interceptor's").Restore()
				order = append(order, "outer")
				return invoke(ctx, method, in, out, cc, opts...)
			}, grpcvars.UnaryClientInterceptor(open)),
			grpc.WithChainStreamInterceptor(func(
				ctx context.Context, desc *grpc.StreamDesc, cc *grpc.ClientConn, method string, open grpc.Streamer, opts ...grpc.CallOption,
			) (grpc.ClientStream, error) {
				defer who.Set("the outer interceptor's").Restore()
				order = append(order, "outer")
				return open(ctx, desc, cc, method, opts...)
			}, grpcvars.StreamClientInterceptor(open)))
		_, err := call(t.Context(), c, "")
		noError(t, err)
		want(t, "the handler sees", <-saw, "the outer interceptor's")
		want(t, "interceptors", slices.Equal(order, []string{"outer"}), true)
	})
}
