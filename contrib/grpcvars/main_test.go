package grpcvars_test

import (
	"context"
	"io"
	"net"
	"runtime"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	pb "google.golang.org/grpc/interop/grpc_testing"
	"google.golang.org/grpc/status"

	"github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/contrib/grpcvars"
	"github.com/gocontextvars/contextvars/wire"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// value is large enough not to share memory with others, so that a weak pointer tells
// whether it is still held.
type value struct {
	name string
	_    [64]byte
}

var (
	who     = contextvars.New[string]("who", wire.Travels(wire.AllHops))
	once    = contextvars.New[string]("once", wire.Travels(wire.OneHop))
	answer  = contextvars.New[string]("answer", wire.Travels(wire.Back))
	payload = contextvars.New[*value]("payload") // does not travel
)

// open is a peer for all variables of these tests.
var open = wire.NewPeer("open", wire.Send(who, once, answer), wire.Accept(who, once, answer))

// service has a call of each kind. Each calls see with what the call carries as its text, and
// answers with what that returns.
type service struct {
	pb.UnimplementedTestServiceServer
	see func(ctx context.Context, text string) (string, error)
}

func (s *service) UnaryCall(ctx context.Context, in *pb.SimpleRequest) (*pb.SimpleResponse, error) {
	saw, err := s.see(ctx, string(in.GetPayload().GetBody()))
	if err != nil {
		return nil, err
	}
	return &pb.SimpleResponse{Payload: body(saw)}, nil
}

func (s *service) StreamingInputCall(stream pb.TestService_StreamingInputCallServer) error {
	text := ""
	for {
		in, err := stream.Recv()
		if err == io.EOF {
			break
		}
		if err != nil {
			return err
		}
		text = string(in.GetPayload().GetBody())
	}
	if _, err := s.see(stream.Context(), text); err != nil {
		return err
	}
	return stream.SendAndClose(&pb.StreamingInputCallResponse{})
}

func (s *service) StreamingOutputCall(in *pb.StreamingOutputCallRequest, stream pb.TestService_StreamingOutputCallServer) error {
	saw, err := s.see(stream.Context(), string(in.GetPayload().GetBody()))
	if err != nil {
		return err
	}
	return stream.Send(&pb.StreamingOutputCallResponse{Payload: body(saw)})
}

func (s *service) FullDuplexCall(stream pb.TestService_FullDuplexCallServer) error {
	for {
		in, err := stream.Recv()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		saw, err := s.see(stream.Context(), string(in.GetPayload().GetBody()))
		if err != nil {
			return err
		}
		if err := stream.Send(&pb.StreamingOutputCallResponse{Payload: body(saw)}); err != nil {
			return err
		}
	}
}

func body(text string) *pb.Payload { return &pb.Payload{Body: []byte(text)} }

// kinds makes a call of each kind, and returns what the handler has answered with, if
// calls of the kind can have an answer.
var kinds = map[string]func(ctx context.Context, c pb.TestServiceClient, text string, opts ...grpc.CallOption) (string, error){
	"unary": func(ctx context.Context, c pb.TestServiceClient, text string, opts ...grpc.CallOption) (string, error) {
		out, err := c.UnaryCall(ctx, &pb.SimpleRequest{Payload: body(text)}, opts...)
		return string(out.GetPayload().GetBody()), err
	},
	"client stream": func(ctx context.Context, c pb.TestServiceClient, text string, opts ...grpc.CallOption) (string, error) {
		stream, err := c.StreamingInputCall(ctx, opts...)
		if err != nil {
			return "", err
		}
		if err := stream.Send(&pb.StreamingInputCallRequest{Payload: body(text)}); err != nil && err != io.EOF {
			return "", err
		}
		_, err = stream.CloseAndRecv()
		return "", err
	},
	"server stream": func(ctx context.Context, c pb.TestServiceClient, text string, opts ...grpc.CallOption) (string, error) {
		stream, err := c.StreamingOutputCall(ctx, &pb.StreamingOutputCallRequest{Payload: body(text)}, opts...)
		if err != nil {
			return "", err
		}
		return toEnd(stream.Recv)
	},
	"both stream": func(ctx context.Context, c pb.TestServiceClient, text string, opts ...grpc.CallOption) (string, error) {
		stream, err := c.FullDuplexCall(ctx, opts...)
		if err != nil {
			return "", err
		}
		if err := stream.Send(&pb.StreamingOutputCallRequest{Payload: body(text)}); err != nil && err != io.EOF {
			return "", err
		}
		if err := stream.CloseSend(); err != nil {
			return "", err
		}
		return toEnd(stream.Recv)
	},
}

func toEnd(recv func() (*pb.StreamingOutputCallResponse, error)) (text string, err error) {
	for {
		out, err := recv()
		if err == io.EOF {
			return text, nil
		}
		if err != nil {
			return text, err
		}
		text += string(out.GetPayload().GetBody())
	}
}

// forEach runs a test for each kind of call.
func forEach(t *testing.T, f func(t *testing.T, call func(ctx context.Context, c pb.TestServiceClient, text string, opts ...grpc.CallOption) (string, error))) {
	for name, call := range kinds {
		t.Run(name, func(t *testing.T) { f(t, call) })
	}
}

// listener remembers the connections that it has accepted.
type listener struct {
	net.Listener
	mu    sync.Mutex
	conns []net.Conn
}

func (l *listener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	l.mu.Lock()
	defer l.mu.Unlock()
	l.conns = append(l.conns, c)
	return c, err
}

// drop closes the connections, as a server behind a balancer does.
func (l *listener) drop() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, c := range l.conns {
		c.Close()
	}
	l.conns = nil
}

// serve runs a service whose calls see on loopback until the test ends.
func serve(t testing.TB, see func(ctx context.Context, text string) (string, error), opts ...grpc.ServerOption) *listener {
	t.Helper()
	inner, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l := &listener{Listener: inner}
	server := grpc.NewServer(append(opts, grpc.WaitForHandlers(true))...)
	pb.RegisterTestServiceServer(server, &service{see: see})
	served := make(chan error)
	go func() { served <- server.Serve(l) }()
	t.Cleanup(func() {
		server.Stop()
		if err := <-served; err != nil {
			t.Error(err)
		}
	})
	return l
}

// accepting are the options of a server with interceptors for the peer.
func accepting(peer *wire.Peer) []grpc.ServerOption {
	return []grpc.ServerOption{
		grpc.ChainUnaryInterceptor(grpcvars.UnaryServerInterceptor(peer)),
		grpc.ChainStreamInterceptor(grpcvars.StreamServerInterceptor(peer)),
	}
}

// sending are the options of a client with interceptors for the peer.
func sending(peer *wire.Peer) []grpc.DialOption {
	return []grpc.DialOption{
		grpc.WithUnaryInterceptor(grpcvars.UnaryClientInterceptor(peer)),
		grpc.WithStreamInterceptor(grpcvars.StreamClientInterceptor(peer)),
	}
}

func dial(t testing.TB, l net.Listener, opts ...grpc.DialOption) (pb.TestServiceClient, *grpc.ClientConn) {
	t.Helper()
	conn, err := grpcvars.NewClient(l.Addr().String(),
		append([]grpc.DialOption{grpc.WithTransportCredentials(insecure.NewCredentials())}, opts...)...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return pb.NewTestServiceClient(conn), conn
}

// sawWho is what a handler sees of who.
func sawWho(context.Context, string) (string, error) { return who.GetOr("nothing"), nil }

var errRefused = status.Error(codes.FailedPrecondition, "refused")

func want[T comparable](t testing.TB, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

func noError(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// held reports whether there is something that is not dead after a number of collections.
func held(dead func() bool) bool {
	for range 20 {
		runtime.GC()
		if dead() {
			return false
		}
		time.Sleep(time.Millisecond) // finalizers run on a goroutine of their own
	}
	return true
}
