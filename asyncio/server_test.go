package asyncio

import (
	"errors"
	"fmt"
	"io"
	"net"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gocontextvars/contextvars"
)

// netServe is StartServer on some port, and a function that connects to it.
func netServe(t *testing.T, client func(*StreamReader, *StreamWriter) error) (
	s *Server, connect func() (*StreamReader, *StreamWriter)) {
	t.Helper()
	s, err := StartServer(client, "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return s, func() (*StreamReader, *StreamWriter) {
		t.Helper()
		r, w, err := OpenConnection("tcp", s.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		return r, w
	}
}

// netAsk writes a line and reads one.
func netAsk(t *testing.T, r *StreamReader, w *StreamWriter, question string) string {
	t.Helper()
	fmt.Fprintln(w, question)
	answer, err := r.ReadLine()
	if err != nil {
		t.Errorf("%s: %v", question, err)
	}
	return strings.TrimSuffix(string(answer), "\n")
}

// 168, 169, 170, 171: a connection's task begins with the values as of StartServer; what it sets stays until
// the connection ends, and no other connection sees it.
func TestServerContexts(t *testing.T) {
	v, count := contextvars.New[string]("v"), contextvars.New[int]("count")
	netRun(t, func() error {
		v.Set("at StartServer")
		s, connect := netServe(t, func(r *StreamReader, w *StreamWriter) error {
			for {
				line, err := r.ReadLine()
				if err != nil {
					return nil
				}
				func() {
					defer v.Set(string(line)).Restore() // a request's own
					Sleep(0)
				}()
				count.Set(count.Get() + 1)
				fmt.Fprintln(w, v.Get(), count.Get())
			}
		})
		defer s.Close()
		v.Set("later")
		var r [3]*StreamReader
		var w [3]*StreamWriter
		for i := range r {
			defer v.Set(fmt.Sprint("client ", i)).Restore()
			r[i], w[i] = connect()
			defer w[i].Close()
		}
		for n := range 10 {
			for i := range r {
				if n%(i+1) != 0 {
					continue
				}
				want := fmt.Sprintln("at StartServer", n/(i+1)+1)
				if got := netAsk(t, r[i], w[i], "question") + "\n"; got != want {
					t.Errorf("connection %d: %q, want %q", i, got, want)
				}
			}
		}
		if count.Get() != 0 || v.Get() != "client 2" {
			t.Error(count.Get(), v.Get())
		}
		return nil
	})
}

// 136, 170: the task factory is called in the server's context, and so begin eager tasks.
func TestServerWithTaskFactory(t *testing.T) {
	v := contextvars.New[string]("v")
	netRun(t, func() error {
		l, _ := RunningLoop()
		v.Set("at StartServer")
		s, connect := netServe(t, func(_ *StreamReader, w *StreamWriter) error {
			fmt.Fprintln(w, v.Get())
			v.Set("client")
			return nil
		})
		defer s.Close()
		v.Set("later")
		calls := 0
		l.SetTaskFactory(func(l *EventLoop, opts []CallOption, create func(...CallOption) AnyTask) {
			calls++
			if v.Get() != "at StartServer" {
				t.Error(v.Get())
			}
			EagerTaskFactory(l, opts, create)
		})
		for range 2 {
			r, w := connect()
			if got := netAsk(t, r, w, ""); got != "at StartServer" {
				t.Error(got)
			}
			w.Close()
		}
		// One that panics costs its connection only.
		l.SetExceptionHandler(func(_ *EventLoop, c ErrorContext) { calls += 10 })
		l.SetTaskFactory(func(*EventLoop, []CallOption, func(...CallOption) AnyTask) { panic("no") })
		r, w := connect()
		if _, err := r.ReadLine(); err != io.EOF {
			t.Error(err)
		}
		w.Close()
		l.SetTaskFactory(nil)
		r, w = connect()
		if got := netAsk(t, r, w, ""); got != "at StartServer" || calls != 12 {
			t.Error(got, calls)
		}
		w.Close()
		s.Close()
		return s.WaitClosed()
	})
}

// Each of many clients at once gets its own answers.
func TestServer1000Clients(t *testing.T) {
	number := contextvars.New[string]("number")
	netEach(t, func(t *testing.T, network, address string) {
		clients, rounds := 1000, 5
		if testing.Short() {
			clients = 100
		}
		netRun(t, func() error {
			s, err := StartServer(func(r *StreamReader, w *StreamWriter) error {
				first, err := r.ReadLine()
				if err != nil {
					return err
				}
				number.Set(string(first))
				for {
					line, err := r.ReadLine()
					if err != nil {
						return nil
					}
					fmt.Fprintf(w, "%s%s", line, number.Get())
					if err := w.Drain(); err != nil {
						return err
					}
				}
			}, network, address)
			if err != nil {
				return err
			}
			defer s.Close()
			together := NewBarrier(clients)
			return TaskGroup(func(g *Group) error {
				for i := range clients {
					Spawn(g, func() (int, error) {
						r, w, err := OpenConnection(network, s.Addr().String())
						if err != nil {
							return 0, err
						}
						defer w.Close()
						fmt.Fprintln(w, i)
						if _, err := together.Wait(); err != nil {
							return 0, err
						}
						for n := range rounds {
							fmt.Fprintln(w, "round", n)
							want := fmt.Sprintf("round %d\n%d\n", n, i)
							got, err := r.ReadExactly(len(want))
							if string(got) != want || err != nil {
								return 0, fmt.Errorf("%q, not %q: %w", got, want, err)
							}
						}
						return 0, nil
					})
				}
				return nil
			})
		})
	})
}

// 142: what a client returns, and how else it ends, goes to the exception handler, in its context. The
// connection is closed, and the server goes on.
func TestServerClientsThatFail(t *testing.T) {
	v := contextvars.New[string]("v")
	broken := errors.New("broken")
	ends := map[string]func() error{
		"error":     func() error { return broken },
		"panic":     func() error { panic(broken) },
		"Goexit":    func() error { runtime.Goexit(); return nil },
		"cancelled": func() error { CurrentTask().Cancel(); return Sleep(0) },
		"nothing":   func() error { return nil },
	}
	netRun(t, func() error {
		l, _ := RunningLoop()
		said := make(map[string]ErrorContext)
		l.SetExceptionHandler(func(_ *EventLoop, c ErrorContext) {
			if _, again := said[v.Get()]; again {
				t.Error("reported twice:", v.Get())
			}
			said[v.Get()] = c
		})
		s, connect := netServe(t, func(r *StreamReader, w *StreamWriter) error {
			line, err := r.ReadLine()
			if err != nil {
				return err
			}
			v.Set(strings.TrimSpace(string(line)))
			w.Write([]byte("before the end"))
			return ends[v.Get()]()
		})
		defer s.Close()
		for name := range ends {
			r, w := connect()
			fmt.Fprintln(w, name)
			if all, err := r.ReadN(-1); string(all) != "before the end" || err != nil {
				t.Errorf("%s: %q %v", name, all, err)
			}
			w.Close()
		}
		s.Close()
		s.WaitClosed()
		Sleep(0)
		if len(said) != 3 {
			t.Error(said)
		}
		for name, want := range map[string]error{"error": broken, "panic": broken, "Goexit": ErrGoexit} {
			c := said[name]
			if !errors.Is(c.Err, want) || c.Task == nil || !strings.Contains(c.Message, s.String()) {
				t.Error(name, c)
			}
			if (len(c.Stack) > 0) != (name == "panic") {
				t.Errorf("%s: stack %q", name, c.Stack)
			}
		}
		return nil
	})
}

// An error that comes when Run ends is reported, too.
func TestServerClientThatFailsAtTheEnd(t *testing.T) {
	broken := errors.New("broken")
	var said []error
	netRun(t, func() error {
		l, _ := RunningLoop()
		l.SetExceptionHandler(func(_ *EventLoop, c ErrorContext) { said = append(said, c.Err) })
		_, connect := netServe(t, func(r *StreamReader, w *StreamWriter) error {
			w.Write([]byte("x"))
			r.ReadLine()
			return broken
		})
		r, _ := connect()
		_, err := r.ReadExactly(1)
		return err
	})
	if len(said) != 1 || said[0] != broken {
		t.Error(said)
	}
}

// Close ends the listening, and nothing else; WaitClosed waits for the rest.
func TestServerClose(t *testing.T) {
	netRun(t, func() error {
		s, connect := netServe(t, netEcho)
		r, w := connect()
		netAsk(t, r, w, "hello")
		if !s.IsServing() {
			t.Error("not serving")
		}
		early := Go(s.WaitClosed)
		Sleep(0)
		s.Close()
		s.Close()
		if s.IsServing() {
			t.Error("serving")
		}
		if _, _, err := OpenConnection("tcp", s.Addr().String()); err == nil {
			t.Error("somebody listens")
		}
		if got := netAsk(t, r, w, "still there?"); got != "still there?" || early.Done() {
			t.Errorf("%q %v", got, early.Done())
		}
		w.Close()
		outside := make(chan error)
		go func() { outside <- s.WaitClosed() }()
		if _, err := early.Await(); err != nil {
			t.Error(err)
		}
		if err := <-outside; err != nil {
			t.Error(err)
		}
		return s.WaitClosed()
	})
}

func TestServerCloseClients(t *testing.T) {
	for name, f := range map[string]func(*Server){"Close": (*Server).CloseClients, "Abort": (*Server).AbortClients} {
		netRun(t, func() error {
			const clients = 10
			ended := 0
			s, connect := netServe(t, func(r *StreamReader, w *StreamWriter) error {
				fmt.Fprintln(w, "hello")
				_, err := r.ReadLine()
				if err != io.EOF {
					t.Error(name, err)
				}
				ended++
				return Sleep(time.Millisecond) // WaitClosed waits for that, too
			})
			var readers []*StreamReader
			for range clients {
				r, w := connect()
				defer w.Close()
				r.ReadLine()
				readers = append(readers, r)
			}
			f(s)
			s.Close()
			if err := s.WaitClosed(); err != nil || ended != clients || len(s.clients) != 0 {
				t.Error(name, err, ended)
			}
			for _, r := range readers {
				if _, err := r.ReadLine(); err != io.EOF {
					t.Error(name, err)
				}
			}
			f(s) // nobody is there
			return nil
		})
	}
}

// Its task cancelled, ServeForever closes the server and the connections and waits for the clients.
func TestServeForeverCancelled(t *testing.T) {
	netRun(t, func() error {
		ended := false
		s, connect := netServe(t, func(r *StreamReader, w *StreamWriter) error {
			fmt.Fprintln(w, "hello")
			r.ReadLine()
			defer func() { ended = true }()
			return Sleep(time.Millisecond)
		})
		r, w := connect()
		defer w.Close()
		r.ReadLine()
		forever := Go(s.ServeForever)
		Sleep(0)
		if err := s.ServeForever(); !errors.Is(err, ErrInvalidState) {
			t.Error(err)
		}
		forever.Cancel("enough")
		_, err := forever.Await()
		if !errors.Is(err, ErrCancelled) || !strings.Contains(err.Error(), "enough") || !ended || s.IsServing() {
			t.Error(err, ended, s.IsServing())
		}
		return nil
	})
}

// A second cancellation ends the waiting for clients that do not end.
func TestServeForeverCancelledTwice(t *testing.T) {
	netRun(t, func() error {
		s, connect := netServe(t, func(_ *StreamReader, w *StreamWriter) error {
			fmt.Fprintln(w, "hello")
			return Sleep(time.Hour)
		})
		r, w := connect()
		defer w.Close()
		r.ReadLine()
		forever := Go(s.ServeForever)
		for range 2 {
			for range 10 {
				Sleep(0)
			}
			forever.Cancel()
		}
		if _, err := forever.Await(); !errors.Is(err, ErrCancelled) {
			t.Error(err)
		}
		return nil
	})
}

func TestServeForeverEndsByClose(t *testing.T) {
	netRun(t, func() error {
		l, _ := RunningLoop()
		s, _ := netServe(t, netEcho)
		go s.Close()
		if err := s.ServeForever(); err != nil {
			t.Error(err)
		}
		if err := s.ServeForever(); !errors.Is(err, ErrInvalidState) {
			t.Error(err)
		}
		s, _ = netServe(t, netEcho)
		done := NewFuture[error]()
		l.CallSoon(func() { done.SetResult(s.ServeForever()) })
		if err, _ := done.Await(); err != ErrNotInTask || !s.IsServing() {
			t.Error(err, s.IsServing())
		}
		outside := make(chan error)
		go func() { outside <- s.ServeForever() }() // blocks that goroutine
		for {
			s.mutex.Lock()
			forever := s.forever
			s.mutex.Unlock()
			if forever {
				break
			}
			Sleep(0)
		}
		s.Close()
		if err := <-outside; err != nil {
			t.Error(err)
		}
		return nil
	})
}

// Goroutines that wait for a server are told when its loop is closed.
func TestServerIsClosedWithItsLoop(t *testing.T) {
	ended := make(chan error, 2)
	netRun(t, func() error {
		s, connect := netServe(t, netEcho)
		r, w := connect()
		netAsk(t, r, w, "hello")
		go func() { ended <- s.WaitClosed() }()
		go func() { ended <- s.ServeForever() }()
		for {
			s.mutex.Lock()
			n := s.line.waiting
			s.mutex.Unlock()
			if n == 2 {
				return nil
			}
			Sleep(0)
		}
	})
	for range 2 {
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}
}

// Run's end does not wait for clients that connect while it cancels tasks: those tasks never begin.
func TestServerAcceptsNobodyWhenRunEnds(t *testing.T) {
	cleanedUp := false
	netRun(t, func() error {
		l, _ := RunningLoop()
		l.SetExceptionHandler(func(_ *EventLoop, c ErrorContext) { t.Error(c) })
		_, connect := netServe(t, func(*StreamReader, *StreamWriter) error {
			t.Error("a task begins")
			return Sleep(NoTimeout)
		})
		Go(func() error {
			defer func() {
				r, w := connect()
				defer w.Close()
				if _, err := r.ReadLine(); err != io.EOF {
					t.Error(err)
				}
				cleanedUp = true
			}()
			return Sleep(NoTimeout)
		})
		return Sleep(0)
	})
	if !cleanedUp {
		t.Error("the clean-up was cut off")
	}
}

// A connection whose task has not begun when the loop is closed is closed, and nobody waits for it.
func TestServerIsClosedBeforeATaskBegins(t *testing.T) {
	before := runtime.NumGoroutine()
	l, listener := NewEventLoop(), newNetListener()
	s, _ := RunUntilComplete(l, func() (*Server, error) { return ServeListener(netEcho, listener) })
	conn := listener.connect()
	for len(s.connected()) == 0 {
		runtime.Gosched()
	}
	s.Close()
	ended := make(chan error)
	go func() { ended <- s.WaitClosed() }()
	for waiting := 0; waiting == 0; runtime.Gosched() {
		s.mutex.Lock()
		waiting = s.line.waiting
		s.mutex.Unlock()
	}
	l.Close()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if _, err := conn.Read(make([]byte, 1)); err != io.EOF {
		t.Error(err)
	}
	netSettled(t, before)
}

// netListener is a listener that accepts what comes over a channel: a connection or an error.
type netListener struct {
	come   chan any
	once   sync.Once
	closed chan struct{}
}

func newNetListener() *netListener {
	return &netListener{come: make(chan any), closed: make(chan struct{})}
}

func (l *netListener) Accept() (net.Conn, error) {
	select {
	case x := <-l.come:
		if err, ok := x.(error); ok {
			return nil, err
		}
		return x.(net.Conn), nil
	case <-l.closed:
		return nil, errors.New("it is closed, and says so in words of its own")
	}
}

func (l *netListener) Close() error   { l.once.Do(func() { close(l.closed) }); return nil }
func (l *netListener) Addr() net.Addr { return &net.UnixAddr{Name: "listener"} }

func (l *netListener) connect() net.Conn {
	a, b := net.Pipe()
	l.come <- a
	return b
}

type netTemporary struct{ error }

func (netTemporary) Temporary() bool { return true }

// Any listener will do; and with time as testing/synctest has it, the pauses after failures are exact.
func TestServeListener(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		netLoop(t, func() error {
			l, _ := RunningLoop()
			var said []string
			l.SetExceptionHandler(func(_ *EventLoop, c ErrorContext) { said = append(said, c.String()) })
			listener := newNetListener()
			s, err := ServeListener(netEcho, listener)
			if err != nil {
				return err
			}
			r, w := WrapConn(listener.connect())
			if got := netAsk(t, r, w, "hello"); got != "hello" {
				t.Error(got)
			}
			w.Close()
			start := time.Now()
			for range 10 {
				listener.come <- netTemporary{errors.New("too many open files")}
			}
			b := listener.connect()
			if d := time.Since(start); d != (5+10+20+40+80+160+320+640+1000+1000)*time.Millisecond {
				t.Error(d)
			}
			b.Close()
			start = time.Now()
			listener.come <- netTemporary{errors.New("again")}
			listener.connect().Close()
			if d := time.Since(start); d != 5*time.Millisecond { // the pauses begin anew
				t.Error(d)
			}
			Sleep(time.Millisecond)
			if len(said) != 11 || !strings.Contains(said[0], "could not accept a connection") ||
				!strings.Contains(said[0], "too many open files") {
				t.Errorf("%d: %q", len(said), said)
			}
			listener.come <- errors.New("broken")
			if err := s.ServeForever(); err != nil && !errors.Is(err, ErrInvalidState) {
				t.Error(err)
			}
			s.WaitClosed()
			Sleep(time.Millisecond)
			if s.IsServing() || len(said) != 12 || !strings.Contains(said[11], "server(listener) has ended: broken") {
				t.Error(said)
			}
			// Close during a pause does not wait for its end.
			listener = newNetListener()
			s, _ = ServeListener(netEcho, listener)
			listener.come <- netTemporary{errors.New("x")}
			start = time.Now()
			s.Close()
			s.WaitClosed()
			if d := time.Since(start); d != 0 {
				t.Error(d)
			}
			return nil
		})
	})
}

// While the server runs, nothing of it holds what its creator has set later, nor after Close what
// the context had.
func TestServerPinsNoContext(t *testing.T) {
	v := contextvars.New[*[1 << 16]byte]("v")
	freed := make(chan string, 2)
	collected := func(what string) {
		for {
			runtime.GC()
			select {
			case got := <-freed:
				if got != what {
					t.Errorf("%s was freed, not %s", got, what)
				}
				return
			case <-time.After(time.Millisecond):
			}
		}
	}
	big := func(what string) *[1 << 16]byte {
		b := new([1 << 16]byte)
		runtime.AddCleanup(b, func(s string) { freed <- s }, what)
		return b
	}
	netRun(t, func() error {
		var s *Server
		start := func() error {
			v.Set(big("as of StartServer"))
			var connect func() (*StreamReader, *StreamWriter)
			s, connect = netServe(t, netEcho)
			v.Set(big("later"))
			r, w := connect()
			netAsk(t, r, w, "hello")
			return nil
		}
		Go(start).Await()
		collected("later")
		s.CloseClients()
		s.Close()
		s.WaitClosed()
		collected("as of StartServer")
		return nil
	})
}

// A client that hands its streams on keeps the connection open by WaitClosed.
func TestServerClientHandsOn(t *testing.T) {
	netRun(t, func() error {
		type streams struct {
			r *StreamReader
			w *StreamWriter
		}
		q := NewQueue[streams](0)
		s, connect := netServe(t, func(r *StreamReader, w *StreamWriter) error {
			if err := q.Put(streams{r, w}); err != nil {
				return err
			}
			return w.WaitClosed()
		})
		defer s.Close()
		r, w := connect()
		fmt.Fprintln(w, "hello")
		got, err := q.Get()
		if err != nil {
			return err
		}
		if line, err := got.r.ReadLine(); string(line) != "hello\n" || err != nil {
			t.Errorf("%q %v", line, err)
		}
		got.w.Write([]byte("bye"))
		got.w.Close()
		if all, err := r.ReadN(-1); string(all) != "bye" || err != nil {
			t.Errorf("%q %v", all, err)
		}
		w.Close()
		return nil
	})
}

func TestServerBadInput(t *testing.T) {
	if s, err := StartServer(netEcho, "tcp", "127.0.0.1:0"); s != nil || err != ErrNoRunningLoop {
		t.Error(s, err)
	}
	listener := newNetListener()
	if s, err := ServeListener(netEcho, listener); s != nil || err != ErrNoRunningLoop {
		t.Error(s, err)
	}
	for want, f := range map[string]func(){
		"StartServer was given a nil func":           func() { StartServer(nil, "tcp", "127.0.0.1:0") },
		"ServeListener was given a nil func":         func() { ServeListener(nil, listener) },
		"ServeListener was given a nil net.Listener": func() { ServeListener(netEcho, nil) },
	} {
		if got := fmt.Sprint(netPanic(f)); got != "asyncio: "+want {
			t.Errorf("%q, not %q", got, want)
		}
	}
	netRun(t, func() error {
		l, _ := RunningLoop()
		if _, err := StartServer(netEcho, "tcp", "no such thing"); err == nil {
			t.Error("no error")
		}
		done := NewFuture[error]()
		l.CallSoon(func() {
			_, err := StartServer(netEcho, "tcp", "127.0.0.1:0")
			done.SetResult(err)
		})
		if err, _ := done.Await(); err != ErrNotInTask {
			t.Error(err)
		}
		l.CallSoon(func() { // it does not wait
			s, err := ServeListener(netEcho, listener)
			if err == nil {
				s.Close()
			}
			done = NewFuture[error]()
			done.SetResult(err)
		})
		Sleep(0)
		if err, _ := done.Await(); err != nil {
			t.Error(err)
		}
		return nil
	})
}
