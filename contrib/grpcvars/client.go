package grpcvars

import (
	"context"
	"slices"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"

	"github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/wire"
)

// A ClientPeerFunc finds the peer of a call that is to be made: by the method, as in
// "/package.Service/Method", or by what the connection was made for, as cc.Target says. Nil
// closes the call both ways. It is called for each call, on the caller's goroutine.
type ClientPeerFunc func(ctx context.Context, method string, cc *grpc.ClientConn) *wire.Peer

// UnaryClientInterceptor returns the interceptor for unary calls to the peer. It sends the
// variables that are current at the call, as the peer's rules say, and when the call
// returns, also with an error, it sets those that came back, in the caller's context.
//
// Metadata that ctx has already for the call is sent as well. Of a "baggage" among it,
// members that are not variables of this process stay; those that are, as in metadata that
// a proxy has copied from its own caller, do not, also for a nil peer. Options of the
// call, such as grpc.Header and grpc.Trailer, work as ever.
//
// Connections that are made because of the call hold nothing of the caller's variables,
// once the call has returned: see [contextvars.Lend], which is why it belongs innermost.
// That also holds for a nil peer, with which nothing crosses.
//
// It costs some 0.5 µs with four variables.
func UnaryClientInterceptor(peer *wire.Peer) grpc.UnaryClientInterceptor {
	return UnaryClientInterceptorFunc(always(peer))
}

// UnaryClientInterceptorFunc is [UnaryClientInterceptor] with a func that finds the peer
// of each call. It panics if find is nil.
func UnaryClientInterceptorFunc(find ClientPeerFunc) grpc.UnaryClientInterceptor {
	checkFunc(find == nil, "UnaryClientInterceptorFunc")
	return func(
		ctx context.Context, method string, req, reply any, cc *grpc.ClientConn,
		invoke grpc.UnaryInvoker, opts ...grpc.CallOption,
	) (err error) {
		peer := find(ctx, method, cc)
		ctx = injected(ctx, peer)
		var trailer metadata.MD
		if peer != nil {
			opts = append(slices.Clip(opts), grpc.Trailer(&trailer))
		}
		contextvars.Lend(func() { err = invoke(ctx, method, req, reply, cc, opts...) })
		peer.ExtractReply(received(trailer))
		return err
	}
}

// StreamClientInterceptor returns the interceptor for streams to the peer. It does what
// [UnaryClientInterceptor] does: the variables that are sent are those that are current
// where the stream is made. Those that come back are set on the goroutine that calls
// RecvMsg, when that returns the end; where several goroutines read in turns, it is the
// one that reads the end.
//
// RecvMsg, SendMsg, and Header cost some 0.2 µs more until the first message has arrived
// or the stream has ended, and nothing to speak of afterwards.
func StreamClientInterceptor(peer *wire.Peer) grpc.StreamClientInterceptor {
	return StreamClientInterceptorFunc(always(peer))
}

// StreamClientInterceptorFunc is [StreamClientInterceptor] with a func that finds the peer
// of each stream. It panics if find is nil.
func StreamClientInterceptorFunc(find ClientPeerFunc) grpc.StreamClientInterceptor {
	checkFunc(find == nil, "StreamClientInterceptorFunc")
	return func(
		ctx context.Context, desc *grpc.StreamDesc, cc *grpc.ClientConn, method string,
		open grpc.Streamer, opts ...grpc.CallOption,
	) (stream grpc.ClientStream, err error) {
		peer := find(ctx, method, cc)
		ctx = injected(ctx, peer)
		contextvars.Lend(func() { stream, err = open(ctx, desc, cc, method, opts...) })
		if err != nil {
			return nil, err
		}
		return &clientStream{ClientStream: stream, peer: peer, single: !desc.ServerStreams}, nil
	}
}

func always(peer *wire.Peer) ClientPeerFunc {
	return func(context.Context, string, *grpc.ClientConn) *wire.Peer { return peer }
}

// injected returns ctx with what goes to the peer in its metadata.
func injected(ctx context.Context, peer *wire.Peer) context.Context {
	out := outgoing{ctx: ctx}
	peer.Inject(&out)
	return out.ctx
}

func checkFunc(missing bool, call string) {
	if missing {
		panic("grpcvars: " + call + " was given a nil func; give it one that finds the peer of a call")
	}
}
