package asyncio

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net"
	"slices"
	"sync"
	"time"

	"github.com/gocontextvars/contextvars/internal/current"
	"github.com/gocontextvars/contextvars/internal/frame"
)

// Server accepts connections and has a task for each: see [StartServer]. Its methods may be called by
// any goroutine. With defer server.Close() it is used as Python's "async with server".
type Server struct {
	loop     *EventLoop
	listener net.Listener
	opts     []StreamOption
	over     chan struct{} // closed by Close

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

// ServeListener is [StartServer] with a listener that is there already, one of tls.NewListener for example, and which the
// server closes. It does not wait, and may be called in a callback.
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
		loop: l, listener: listener, opts: opts, over: make(chan struct{}),
		accepting: true, clients: make(map[*served]struct{}),
	}
	// The goroutine has the content of the context, and the Server has not: it ends with Close.
	content := current.Shared()
	beside(l, func() error { return s.accept(client, content) }, func(err error) {
		if err != nil {
			s.report(fmt.Sprintf("%v has ended", s), err, content)
		}
		s.ended()
	})
	l.openings.add(s)
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
	close(s.over)
	s.line.callAll()
	s.mutex.Unlock()
	s.listener.Close()
	s.loop.openings.remove(s)
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
	for !s.closed || s.accepting || len(s.clients) > 0 {
		if err := s.line.stay(&s.mutex); err != nil {
			return err
		}
	}
	return nil
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

// accept runs beside the loop until the server is closed.
func (s *Server) accept(client func(*StreamReader, *StreamWriter) error, content *frame.Frame) error {
	var pause time.Duration
	for {
		conn, err := s.listener.Accept()
		if err == nil {
			pause = 0
			s.serve(conn, client, content)
			continue
		}
		select {
		case <-s.over:
			return nil
		default:
		}
		if t, ok := err.(interface{ Temporary() bool }); !ok || !t.Temporary() {
			return err
		}
		// As net/http does: there may be too many open files, which is not for ever.
		pause = min(max(2*pause, 5*time.Millisecond), time.Second)
		s.report(fmt.Sprintf("%v could not accept a connection, and tries again", s), err, content)
		select {
		case <-s.over:
			return nil
		case <-time.After(pause):
		}
	}
}

// ended says that no connections are accepted any more.
func (s *Server) ended() {
	s.Close()
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.accepting = false
	s.line.callAll()
}

// end closes the server because its loop is closed. Tasks have ended, and nobody is going to tell those
// that have not begun.
func (s *Server) end() (early bool) {
	s.mutex.Lock()
	early = !s.closed
	s.clients = nil
	s.mutex.Unlock()
	s.Close()
	return early
}

func (s *Server) report(message string, err error, content *frame.Frame) {
	s.loop.post(letter{entry: entry{handle: &Handle{frame: content, f: func() {
		s.loop.report(ErrorContext{Message: message, Err: err})
	}}}})
}

// served is a connection that a server has accepted, and its task.
type served struct {
	waiter // for the end of the task
	server *Server
	conn   *connection
	// what has not ended
	task, connection bool
}

// serve has a task begin for conn. It is called beside the loop.
func (s *Server) serve(conn net.Conn, client func(*StreamReader, *StreamWriter) error, content *frame.Frame) {
	c := &served{server: s, conn: newConnection(s.loop, conn, s.opts), task: true, connection: true}
	c.who, c.conn.served = c, c
	s.mutex.Lock()
	if s.clients != nil {
		s.clients[c] = struct{}{}
	}
	s.mutex.Unlock()
	s.loop.openings.add(c.conn)
	s.loop.post(letter{entry: entry{handle: &Handle{frame: content, f: func() { c.begin(client) }}}})
}

// begin creates the task, in a callback whose context the task gets a copy of.
func (c *served) begin(client func(*StreamReader, *StreamWriter) error) {
	created := false
	defer func() {
		if !created {
			c.conn.writer.Abort()
			c.ended(&c.task)
		}
	}()
	l := c.server.loop
	if l.draining {
		return // all tasks were cancelled; this one would not be
	}
	t := newTask(l, func() (struct{}, error) { return struct{}{}, client(&c.conn.reader, &c.conn.writer) })
	t.watch(&c.waiter)
	l.create(&t.task, nil) // a task factory may panic
	created = true
}

// finished is the end of the task. It is called in the task's context.
func (c *served) finished(f *future) {
	c.conn.writer.Close()
	if r := f.failure; r != nil {
		f.loop.ready.push(entry{handle: &Handle{frame: r.content, f: func() {
			if !r.asked() {
				return
			}
			e := ErrorContext{Message: fmt.Sprintf("a client of %v failed", c.server), Err: f.err, Task: f.self.(AnyTask)}
			if p := (*PanicError)(nil); errors.As(f.err, &p) {
				e.Stack = p.Stack
			}
			f.loop.report(e)
		}}})
	}
	c.ended(&c.task)
}

func (c *served) waiting() *task  { return nil }
func (c *served) bystander() bool { return true }

// ended says that the task or the connection has.
func (c *served) ended(which *bool) {
	s := c.server
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if *which = false; c.task || c.connection {
		return
	}
	delete(s.clients, c)
	s.line.callAll()
}
