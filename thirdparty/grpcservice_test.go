package thirdparty_test

import (
	"context"
	"net"
	"testing"

	"github.com/timandy/routine"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/test/bufconn"
	"google.golang.org/protobuf/types/known/emptypb"
	"google.golang.org/protobuf/types/known/wrapperspb"
)

// service is a gRPC service with a call that does nothing but see, and one that
// does so at the end of a stream. Both leave the variable set.
type service struct {
	saw       string
	goroutine uint64
}

func (s *service) see() {
	s.saw, s.goroutine = sees(), routine.Goid()
	leave()
}

const (
	unaryCall  = "/thirdparty.Service/Unary"
	streamCall = "/thirdparty.Service/Stream"
)

var serviceDesc = grpc.ServiceDesc{
	ServiceName: "thirdparty.Service",
	HandlerType: (*any)(nil),
	Methods: []grpc.MethodDesc{{MethodName: "Unary", Handler: func(
		s any, ctx context.Context, decode func(any) error, intercept grpc.UnaryServerInterceptor,
	) (any, error) {
		in := new(emptypb.Empty)
		if err := decode(in); err != nil {
			return nil, err
		}
		handle := func(context.Context, any) (any, error) {
			s.(*service).see()
			return new(emptypb.Empty), nil
		}
		if intercept == nil {
			return handle(ctx, in)
		}
		return intercept(ctx, in, &grpc.UnaryServerInfo{Server: s, FullMethod: unaryCall}, handle)
	}}},
	Streams: []grpc.StreamDesc{{StreamName: "Stream", ServerStreams: true, Handler: func(
		s any, stream grpc.ServerStream,
	) error {
		if err := stream.RecvMsg(new(emptypb.Empty)); err != nil {
			return err
		}
		s.(*service).see()
		return nil
	}}},
}

// serve runs the service until the test ends, and returns what its clients dial.
func serve(t *testing.T, s *service, opts ...grpc.ServerOption) *bufconn.Listener {
	t.Helper()
	l := bufconn.Listen(1 << 16)
	server := grpc.NewServer(opts...)
	server.RegisterService(&serviceDesc, s)
	served := make(chan error)
	go func() { served <- server.Serve(l) }()
	t.Cleanup(func() {
		server.Stop()
		noError(t, <-served)
	})
	return l
}

func newClient(t *testing.T, l *bufconn.Listener) *grpc.ClientConn {
	t.Helper()
	c, err := grpc.NewClient("passthrough:///service",
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) {
			return l.DialContext(ctx)
		}))
	noError(t, err)
	t.Cleanup(func() { noError(t, c.Close()) })
	return c
}

func callUnary(t *testing.T, c *grpc.ClientConn) {
	t.Helper()
	noError(t, c.Invoke(t.Context(), unaryCall, new(emptypb.Empty), new(emptypb.Empty)))
}

func callStream(t *testing.T, c *grpc.ClientConn) {
	t.Helper()
	stream, err := c.NewStream(t.Context(), &serviceDesc.Streams[0], streamCall)
	noError(t, err)
	noError(t, stream.SendMsg(new(emptypb.Empty)))
	noError(t, stream.CloseSend())
	if err := stream.RecvMsg(new(wrapperspb.StringValue)); err == nil || err.Error() != "EOF" {
		t.Errorf("got %v, want the end of the stream", err)
	}
}
