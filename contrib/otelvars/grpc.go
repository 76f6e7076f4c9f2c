package otelvars

import "context"

// UnaryServer is [Run] as an interceptor of a gRPC server, beside the stats handler of
// otelgrpc:
//
//	grpc.NewServer(
//		grpc.StatsHandler(otelgrpc.NewServerHandler()),
//		grpc.ChainUnaryInterceptor(otelvars.UnaryServer),
//		grpc.ChainStreamInterceptor(otelvars.StreamServer))
//
// The compiler finds the type parameters; by them this module does without the one of
// gRPC. It is right with grpc.NumStreamWorkers, too.
func UnaryServer[Info any, Handler ~func(context.Context, any) (any, error)](
	ctx context.Context, req any, _ Info, handler Handler,
) (resp any, err error) {
	Run(ctx, func() { resp, err = handler(ctx, req) })
	return resp, err
}

// StreamServer is [UnaryServer] for streams.
func StreamServer[Stream interface{ Context() context.Context }, Info any, Handler ~func(any, Stream) error](
	srv any, stream Stream, _ Info, handler Handler,
) (err error) {
	Run(stream.Context(), func() { err = handler(srv, stream) })
	return err
}
