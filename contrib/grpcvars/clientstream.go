package grpcvars

import (
	"sync/atomic"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"

	"github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/wire"
)

type clientStream struct {
	grpc.ClientStream
	peer   *wire.Peer
	single bool // the first message is the end
	ended  bool // RecvMsg is never called by two at once

	// committed says that gRPC does not try the call again. Until then any method that
	// waits may start a new connection.
	committed atomic.Bool
}

func (s *clientStream) RecvMsg(m any) (err error) {
	s.lend(func() { err = s.ClientStream.RecvMsg(m) })
	s.committed.Store(true)
	if (err != nil || s.single) && !s.ended {
		s.ended = true
		s.peer.ExtractReply(received(s.Trailer()))
	}
	return err
}

func (s *clientStream) SendMsg(m any) (err error) {
	s.lend(func() { err = s.ClientStream.SendMsg(m) })
	return err
}

func (s *clientStream) Header() (md metadata.MD, err error) {
	s.lend(func() { md, err = s.ClientStream.Header() })
	return md, err
}

func (s *clientStream) lend(f func()) {
	if s.committed.Load() {
		f()
	} else {
		contextvars.Lend(f)
	}
}
