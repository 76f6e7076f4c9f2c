package grpcvars_test

import (
	"context"
	"fmt"
	"net"
	"runtime"
	"sync"
	"testing"
	"weak"

	"google.golang.org/grpc"
	"google.golang.org/grpc/connectivity"
	"google.golang.org/grpc/credentials/insecure"
	pb "google.golang.org/grpc/interop/grpc_testing"

	"github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/contrib/grpcvars"
)

// idle has the connection dropped, and waits until the client knows: then the next call
// makes a new one, on goroutines that it starts itself.
func idle(t *testing.T, l *listener, conn *grpc.ClientConn) {
	t.Helper()
	l.drop()
	for state := conn.GetState(); state != connectivity.Idle; state = conn.GetState() {
		if !conn.WaitForStateChange(t.Context(), state) {
			t.Fatal("the client does not notice that its connection is gone")
		}
	}
}

// as calls f with a value of the caller's, and returns whether the value is still held.
func as(f func()) weak.Pointer[value] {
	v := &value{name: "the caller's"}
	payload.With(v, f)
	return weak.Make(v)
}

func TestConnectionThatACallMakesAnewHoldsNothing(t *testing.T) {
	for name, tt := range map[string]struct {
		opts []grpc.DialOption
		held bool
	}{"interceptors": {sending(open), false}, "closed interceptors": {sending(nil), false}, "none": {nil, true}} {
		t.Run(name, func(t *testing.T) {
			forEach(t, func(t *testing.T, call caller) {
				l := serve(t, sawWho, accepting(open)...)
				c, conn := dial(t, l, tt.opts...)
				do := func() {
					_, err := call(t.Context(), c, "")
					noError(t, err)
				}
				do()
				idle(t, l, conn)
				w := as(do)
				want(t, "held", held(func() bool { return w.Value() == nil }), tt.held)
				runtime.KeepAlive(conn)
			})
		})
	}
}

// gRPC tries a call again in whatever method of the stream waits, and that may make the new
// connection.
func TestConnectionThatAStreamMakesAnewHoldsNothing(t *testing.T) {
	send := func(stream pb.TestService_FullDuplexCallClient) { noError(t, stream.Send(nil)) }
	recv := func(stream pb.TestService_FullDuplexCallClient) {
		_, err := stream.Recv()
		noError(t, err)
	}
	header := func(stream pb.TestService_FullDuplexCallClient) {
		_, err := stream.Header()
		noError(t, err)
	}
	for name, tt := range map[string]struct {
		before, after []func(pb.TestService_FullDuplexCallClient) // the loss of the connection
	}{
		"SendMsg": {nil, []func(pb.TestService_FullDuplexCallClient){send, recv}},
		"RecvMsg": {[]func(pb.TestService_FullDuplexCallClient){send}, []func(pb.TestService_FullDuplexCallClient){recv}},
		"Header":  {[]func(pb.TestService_FullDuplexCallClient){send}, []func(pb.TestService_FullDuplexCallClient){header, recv}},
	} {
		t.Run(name, func(t *testing.T) {
			lost, arrived := make(chan bool), make(chan bool, 2)
			l := serve(t, func(ctx context.Context, _ string) (string, error) {
				arrived <- true
				select {
				case <-lost:
					return "", nil
				case <-ctx.Done():
					return "", ctx.Err()
				}
			}, accepting(open)...)
			c, conn := dial(t, l, append(sending(open), grpc.WithDefaultServiceConfig(threeAttempts(t)))...)
			w := as(func() {
				stream, err := c.FullDuplexCall(t.Context())
				noError(t, err)
				for _, f := range tt.before {
					f(stream)
					<-arrived // what has not been sent yet is another case for gRPC
				}
				idle(t, l, conn)
				close(lost)
				for _, f := range tt.after {
					f(stream)
				}
				noError(t, stream.CloseSend())
				_, err = toEnd(stream.Recv)
				noError(t, err)
			})
			if held(func() bool { return w.Value() == nil }) {
				t.Error("the value is held")
			}
			runtime.KeepAlive(conn)
		})
	}
}

func TestNewClientHoldsNothing(t *testing.T) {
	l := serve(t, sawWho)
	for name, tt := range map[string]struct {
		make func(string, ...grpc.DialOption) (*grpc.ClientConn, error)
		held bool
	}{"NewClient": {grpcvars.NewClient, false}, "grpc.NewClient": {grpc.NewClient, true}} {
		t.Run(name, func(t *testing.T) {
			var conn *grpc.ClientConn
			w := as(func() {
				var err error
				conn, err = tt.make(l.Addr().String(), append(sending(open), grpc.WithTransportCredentials(insecure.NewCredentials()))...)
				noError(t, err)
			})
			defer conn.Close()
			_, err := kinds["unary"](t.Context(), pb.NewTestServiceClient(conn), "")
			noError(t, err)
			want(t, "held", held(func() bool { return w.Value() == nil }), tt.held)
		})
	}
}

func TestStreamWorkerHoldsNothing(t *testing.T) {
	forEach(t, func(t *testing.T, call caller) {
		handlers := make(chan weak.Pointer[value], 1)
		c, _ := dial(t, serve(t, func(context.Context, string) (string, error) {
			v := &value{name: "the handler's"}
			payload.Set(v)
			handlers <- weak.Make(v)
			return "", nil
		}, append(accepting(open), grpc.NumStreamWorkers(2))...), sending(open)...)
		_, err := call(t.Context(), c, "")
		noError(t, err)
		w := <-handlers
		if held(func() bool { return w.Value() == nil }) {
			t.Error("the value is held")
		}
	})
}

// Many callers at once, each with its own values, over one connection.
func TestConcurrentCallers(t *testing.T) {
	for name, workers := range map[string]uint32{"a goroutine for each call": 0, "stream workers": 3} {
		t.Run(name, func(t *testing.T) {
			c, _ := dial(t, serve(t, func(_ context.Context, text string) (string, error) {
				if got := who.GetOr("nothing"); got != text {
					return "", fmt.Errorf("%s saw %s", text, got)
				}
				who.Set("a leftover")
				answer.Set("for " + text)
				return "", nil
			}, append(accepting(open), grpc.NumStreamWorkers(workers))...), sending(open)...)
			var (
				wg     sync.WaitGroup
				mu     sync.Mutex
				values []weak.Pointer[value]
			)
			for i := range 16 {
				wg.Go(func() {
					for j := range 20 {
						for kind, call := range kinds {
							name := fmt.Sprintf("%s %d/%d", kind, i, j)
							w := as(func() {
								contextvars.CopyContext().Run(func() {
									who.Set(name)
									if _, err := call(t.Context(), c, name); err != nil {
										t.Error(err)
									}
									if a := answer.GetOr("nothing"); a != "for "+name {
										t.Errorf("%s: the answer is %s", name, a)
									}
								})
							})
							mu.Lock()
							values = append(values, w)
							mu.Unlock()
						}
					}
				})
			}
			wg.Wait()
			if held(func() bool {
				for _, w := range values {
					if w.Value() != nil {
						return false
					}
				}
				return true
			}) {
				t.Error("values are held")
			}
		})
	}
}

// hookedConn tells what its goroutines see.
type hookedConn struct {
	net.Conn
	write func()
}

func (c *hookedConn) Write(p []byte) (int, error) {
	c.write()
	return c.Conn.Write(p)
}

// dialHooked dials with a func that is called, before each Write, on gRPC's goroutine
// that writes.
func dialHooked(t *testing.T, l *listener, write func(), opts ...grpc.DialOption) (pb.TestServiceClient, *grpc.ClientConn) {
	return dial(t, l, append(opts, grpc.WithContextDialer(func(ctx context.Context, address string) (net.Conn, error) {
		c, err := new(net.Dialer).DialContext(ctx, "tcp", address)
		return &hookedConn{c, write}, err
	}))...)
}
