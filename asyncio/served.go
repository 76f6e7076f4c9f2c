package asyncio

import (
	"errors"
	"fmt"
	"net"
	"time"

	"github.com/gocontextvars/contextvars/internal/frame"
)

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
		case <-s.closing:
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
		case <-s.closing:
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
	s.changed()
}

// end closes the server because its loop is closed. Tasks have ended, and nobody is going to tell those
// that have not begun.
func (s *Server) end() (early bool) {
	s.mutex.Lock()
	early = !s.closed
	s.clients = nil
	s.changed()
	s.mutex.Unlock()
	s.Close()
	return early
}

func (s *Server) report(message string, err error, content *frame.Frame) {
	s.loop.postCall(content, func() { s.loop.report(ErrorContext{Message: message, Err: err}) })
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
	s.loop.postCall(content, func() { c.begin(client) })
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
		f.loop.schedule(r.content, func() {
			if !r.asked() {
				return
			}
			e := ErrorContext{
				Message: fmt.Sprintf("a client of %v failed", c.server), Err: f.err, Task: f.self.(AnyTask),
			}
			if p := (*PanicError)(nil); errors.As(f.err, &p) {
				e.Stack = p.Stack
			}
			f.loop.report(e)
		})
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
	s.changed()
}
