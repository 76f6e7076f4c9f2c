package asyncio

import (
	"context"
	"fmt"
	"net"
	"sync"
	"time"
)

// StreamOption says how the streams of a connection, or of those that a server accepts, are to be.
type StreamOption struct{ limit int }

// WithStreamLimit sets how long a line may be, or what else ReadUntil reads, in bytes: 64 KiB without the option.
// A StreamReader keeps up to twice as much in its buffer.
func WithStreamLimit(n int) StreamOption {
	if n <= 0 {
		panic(fmt.Sprintf("asyncio: WithStreamLimit was given %d; give it more than 0", n))
	}
	return StreamOption{limit: n}
}

const defaultLimit = 64 << 10

// OpenConnection connects to the address, as net.Dial does, and returns streams. The loop goes on meanwhile. If the
// task is cancelled, then so is the attempt; [Timeout] limits it. In a callback of a loop the error
// is ErrNotInTask; a goroutine that no loop runs is blocked.
//
// Close the writer after use. What is open when the loop is closed, at the end of [Run], is closed then,
// and debug mode reports it.
//
// While a task waits for a connection, to connect, read, drain or close, a [VirtualClock] stands still, since
// nobody can know what is under way: not even timers of the task's own come then. To test such code with
// time, use testing/synctest with [net.Pipe] and [WrapConn], and the loop's own clock.
func OpenConnection(network, address string, opts ...StreamOption) (*StreamReader, *StreamWriter, error) {
	conn, err := operate(func(ctx context.Context) (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, network, address)
	}, func(conn net.Conn) { conn.Close() })
	if err != nil {
		return nil, nil, err
	}
	r, w := WrapConn(conn, opts...)
	return r, w, nil
}

// WrapConn returns streams over a connection that is there already: one of tls.Client, of net.Pipe, of a dialer with
// settings of its own. conn must not be used otherwise from then on. It belongs to the loop that runs the calling
// goroutine, if one does, and is closed with that at the latest.
func WrapConn(conn net.Conn, opts ...StreamOption) (*StreamReader, *StreamWriter) {
	if conn == nil {
		panic("asyncio: WrapConn was given a nil net.Conn")
	}
	l, _ := RunningLoop()
	c := newConnection(l, conn, opts)
	if l != nil {
		l.openings.add(c)
	}
	return &c.reader, &c.writer
}

// connection is what a reader and a writer are the two directions of.
type connection struct {
	net.Conn
	loop   *EventLoop // nil: there is none
	reader StreamReader
	writer StreamWriter
	// served is not nil if a server has accepted it.
	served *served
}

func newConnection(l *EventLoop, conn net.Conn, opts []StreamOption) *connection {
	c := &connection{Conn: conn, loop: l}
	c.reader = StreamReader{conn: c, limit: defaultLimit, chunk: firstChunk}
	c.writer = StreamWriter{conn: c, direct: newDirect(conn), low: lowWater, high: highWater}
	for _, o := range opts {
		if o.limit > 0 {
			c.reader.limit = o.limit
		}
	}
	return c
}

func (c *connection) String() string {
	return fmt.Sprintf("connection(%v, %v)", c.LocalAddr(), c.RemoteAddr())
}

func (c *connection) disconnect() error {
	c.reader.close()
	return c.Conn.Close()
}

// gone is called when the connection is closed.
func (c *connection) gone() {
	if c.loop != nil {
		c.loop.openings.remove(c)
	}
	if c.served != nil {
		c.served.ended(&c.served.connection)
	}
}

// end closes the connection because its loop is closed. One that is to be closed when something
// else was written has some time for that.
func (c *connection) end() (early bool) {
	closing := c.writer.IsClosing()
	if !closing || c.SetWriteDeadline(time.Now().Add(graceTime)) != nil {
		c.writer.Abort()
	}
	return !closing
}

// openings are what has to be closed when a loop is: connections and servers.
type openings struct {
	mutex sync.Mutex
	open  map[opening]struct{}
	over  bool
}

type opening interface {
	// end closes it, as far as it is not closed already, and reports whether it was not.
	end() (early bool)
	String() string
}

// serve reports whether there is a server among them, which may wait for clients for ever.
func (s *openings) serve() bool {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	for o := range s.open {
		if _, ok := o.(*Server); ok {
			return true
		}
	}
	return false
}

// add has o ended with the loop; at once if that is over.
func (s *openings) add(o opening) {
	s.mutex.Lock()
	over := s.over
	if !over {
		if s.open == nil {
			s.open = make(map[opening]struct{})
		}
		s.open[o] = struct{}{}
	}
	s.mutex.Unlock()
	if over {
		o.end()
	}
}

func (s *openings) remove(o opening) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	delete(s.open, o)
}

// endAll is called once, when the loop is closed.
func (s *openings) endAll(l *EventLoop) {
	s.mutex.Lock()
	all := s.open
	s.open, s.over = nil, true
	s.mutex.Unlock()
	for o := range all {
		if o.end() && l.Debug() {
			l.report(ErrorContext{Message: fmt.Sprintf("%v was still open when the event loop was closed", o)})
		}
	}
}
