package asyncio

import (
	"context"
	"fmt"
	"maps"
	"net"
	"slices"
	"sync"

	"github.com/gocontextvars/contextvars/internal/current"
)

// Server accepts connections and has a task for each: see [StartServer]. Its methods may be called by
// any goroutine. With defer server.Close() it is used as Python's "async with server".
type Server struct {
	loop     *EventLoop
	listener net.Listener
	opts     []StreamOption
	closing  chan struct{} // closed by Close

	mutex     sync.Mutex
	line      line // those who wait for the end
	closed    bool
	accepting bool // the goroutine that accepts has not ended
	forever   bool // somebody is in ServeForever
	clients   map[*served]struct{}
}

// StartServer listens on the address, as net.Listen does, and calls client in a new task of the running loop for
// each connection. Each task starts from a copy of the context as it is now, at StartServer: a
// connection's task sees neither what others set nor what this one sets later (168-170).
//
// The connection is closed when client returns, after what is in the writer's buffer was written. A
// client that gives the streams to another task returns with WaitClosed. If client returns an error, panics
// or calls runtime.Goexit, that goes to the exception handler, in the task's context, unless it is a
// *CancelledError; the server goes on.
//
// It has to be called in a task, as it may have to look up a name. Where no loop runs the error is ErrNoRunningLoop.
// The server is closed with the loop at the latest.
func StartServer(client func(*StreamReader, *StreamWriter) error, network, address string,
	opts ...StreamOption) (*Server, error) {
	checkFunc(client == nil, "StartServer")
	if _, err := RunningLoop(); err != nil {
		return nil, err
	}
	listener, err := operate(func(ctx context.Context) (net.Listener, error) {
		var config net.ListenConfig
		return config.Listen(ctx, network, address)
	}, func(listener net.Listener) { listener.Close() })
	if err != nil {
		return nil, err
	}
	return ServeListener(client, listener, opts...)
}

// ServeListener is [StartServer] with a listener that is there already, one of tls.NewListener for example. The
// server closes it. ServeListener does not wait, and may be called in a callback.
func ServeListener(client func(*StreamReader, *StreamWriter) error, listener net.Listener,
	opts ...StreamOption) (*Server, error) {
	checkFunc(client == nil, "ServeListener")
	if listener == nil {
		panic("asyncio: ServeListener was given a nil net.Listener")
	}
	l, err := RunningLoop()
	if err != nil {
		return nil, err
	}
	s := &Server{
		loop: l, listener: listener, opts: opts, closing: make(chan struct{}),
		accepting: true, clients: make(map[*served]struct{}),
	}
	l.openings.add(s)
	// The goroutine has the content of the context, and the Server has not: it ends with Close.
	content := current.Shared()
	beside(l, func() error { return s.accept(client, content) }, func(err error) {
		if err != nil {
			s.report(fmt.Sprintf("%v has ended", s), err, content)
		}
		s.ended()
	})
	return s, nil
}

// Addr returns the address that the server listens on.
func (s *Server) Addr() net.Addr { return s.listener.Addr() }

func (s *Server) String() string { return fmt.Sprintf("server(%v)", s.Addr()) }

// IsServing reports whether the server accepts connections.
func (s *Server) IsServing() bool {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return s.accepting && !s.closed
}

// Close stops listening. Connections that were accepted go on: CloseClients and AbortClients are for
// those. More than once is harmless.
func (s *Server) Close() {
	s.mutex.Lock()
	if s.closed {
		s.mutex.Unlock()
		return
	}
	s.closed = true
	close(s.closing)
	s.mutex.Unlock()
	s.listener.Close()
}

// CloseClients calls Close of the writers of all connections: a client that reads gets io.EOF.
func (s *Server) CloseClients() {
	for _, c := range s.connected() {
		c.conn.writer.Close()
	}
}

// AbortClients calls Abort of the writers of all connections.
func (s *Server) AbortClients() {
	for _, c := range s.connected() {
		c.conn.writer.Abort()
	}
}

func (s *Server) connected() []*served {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return slices.Collect(maps.Keys(s.clients))
}

// WaitClosed waits until Close was called, all clients have returned, and their connections are closed. A
// client must not call it. The error is a *CancelledError if the waiting task was cancelled; ErrNotInTask in
// a callback, if there is something to wait for.
func (s *Server) WaitClosed() error {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	for !s.over() {
		if err := s.line.stay(&s.mutex); err != nil {
			return err
		}
	}
	return nil
}

func (s *Server) over() bool { return s.closed && !s.accepting && len(s.clients) == 0 }

// changed is called when the server may be over, with the mutex held.
func (s *Server) changed() {
	if s.over() {
		s.loop.openings.remove(s)
	}
	s.line.callAll()
}

// ServeForever waits until Close is called, and returns nil. If the waiting task is cancelled, it closes the
// server and the connections, waits until the clients have returned, and returns the
// *CancelledError. One task at a time can be in it; for others, and after Close, the error is ErrInvalidState.
func (s *Server) ServeForever() error {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	switch {
	case s.closed:
		return fmt.Errorf("%w: ServeForever of %v, which is closed", ErrInvalidState, s)
	case s.forever:
		return fmt.Errorf("%w: another task is in ServeForever of %v", ErrInvalidState, s)
	}
	s.forever = true
	defer func() { s.forever = false }()
	for !s.closed {
		if err := s.line.stay(&s.mutex); err != nil {
			return s.giveUp(err)
		}
	}
	return nil
}

// giveUp ends a server for whose sake nobody is there any more.
func (s *Server) giveUp(why error) error {
	if why == ErrNotInTask {
		return why
	}
	s.mutex.Unlock()
	defer s.mutex.Lock()
	s.Close()
	s.CloseClients()
	if err := s.WaitClosed(); err != nil {
		return err
	}
	return why
}
