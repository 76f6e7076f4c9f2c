package asyncio

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gocontextvars/contextvars"
)

// netLoop runs f in a loop.
func netLoop(t *testing.T, f func() error, opts ...RunOption) {
	t.Helper()
	if _, err := Run(func() (int, error) { return 0, f() }, opts...); err != nil {
		t.Error(err)
	}
}

// netRun runs f in a loop, and makes sure that no goroutine is left; testing/synctest does that by itself.
func netRun(t *testing.T, f func() error, opts ...RunOption) {
	t.Helper()
	before := runtime.NumGoroutine()
	netLoop(t, f, opts...)
	netSettled(t, before)
}

// netSettled makes sure that there are not more goroutines than before; those that have been waited
// for may still be on their way out.
func netSettled(t *testing.T, before int) {
	t.Helper()
	for range 1000 {
		if runtime.NumGoroutine() <= before {
			return
		}
		time.Sleep(time.Millisecond)
	}
	stacks := make([]byte, 1<<16)
	t.Errorf("%d goroutines, %d before\n%s", runtime.NumGoroutine(), before, stacks[:runtime.Stack(stacks, true)])
}

// netPipe returns streams over one end of a net.Pipe, and the other end.
func netPipe(opts ...StreamOption) (*StreamReader, *StreamWriter, net.Conn) {
	a, b := net.Pipe()
	r, w := WrapConn(a, opts...)
	return r, w, b
}

// netFake is a connection whose methods can be replaced.
type netFake struct {
	net.Conn
	read, write func([]byte) (int, error)
	close       func() error
	closed      atomic.Bool
}

func (c *netFake) Read(p []byte) (int, error) {
	if c.read != nil {
		return c.read(p)
	}
	return c.Conn.Read(p)
}

func (c *netFake) Write(p []byte) (int, error) {
	if c.write != nil {
		return c.write(p)
	}
	return c.Conn.Write(p)
}

func (c *netFake) Close() error {
	c.closed.Store(true)
	if c.close != nil {
		return c.close()
	}
	return c.Conn.Close()
}

// netEcho sends back what comes, until the end.
func netEcho(r *StreamReader, w *StreamWriter) error {
	_, err := io.Copy(w, r)
	return err
}

// netEach calls f with a kind of address to listen on.
func netEach(t *testing.T, f func(t *testing.T, network, address string)) {
	t.Run("tcp", func(t *testing.T) { f(t, "tcp", "127.0.0.1:0") })
	t.Run("unix", func(t *testing.T) {
		dir, err := os.MkdirTemp("", "asyncio") // t.TempDir may be too long for an address
		if err != nil {
			t.Fatal(err)
		}
		defer os.RemoveAll(dir)
		f(t, "unix", filepath.Join(dir, "s"))
	})
}

func TestOpenConnection(t *testing.T) {
	netEach(t, func(t *testing.T, network, address string) {
		netRun(t, func() error {
			s, err := StartServer(netEcho, network, address)
			if err != nil {
				return err
			}
			defer s.Close()
			r, w, err := OpenConnection(network, s.Addr().String())
			if err != nil {
				return err
			}
			if got := w.Conn().RemoteAddr().String(); got != s.Addr().String() {
				t.Error(got)
			}
			fmt.Fprintf(w, "hello\n")
			if line, err := r.ReadLine(); string(line) != "hello\n" || err != nil {
				t.Errorf("%q %v", line, err)
			}
			w.Close()
			return w.WaitClosed()
		})
	})
}

func TestOpenConnectionThatFails(t *testing.T) {
	netRun(t, func() error {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return err
		}
		listener.Close()
		r, w, err := OpenConnection("tcp", listener.Addr().String())
		if r != nil || w != nil || !errors.As(err, new(*net.OpError)) {
			t.Error(r, w, err)
		}
		if _, _, err := OpenConnection("tcp", "no such thing"); err == nil {
			t.Error("no error")
		}
		l, _ := RunningLoop()
		done := NewFuture[error]()
		l.CallSoon(func() {
			_, _, err := OpenConnection("tcp", "127.0.0.1:1")
			done.SetResult(err)
		})
		if err, _ := done.Await(); err != ErrNotInTask {
			t.Error(err)
		}
		return nil
	})
}

// Streams work where no loop runs, too.
func TestStreamsInGoroutines(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	before := runtime.NumGoroutine()
	go func() {
		conn, err := listener.Accept()
		if err != nil {
			t.Error(err)
			return
		}
		r, w := WrapConn(conn)
		netEcho(r, w)
		w.Close()
	}()
	r, w, err := OpenConnection("tcp", listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	sent := bytes.Repeat([]byte("0123456789abcdef"), 1<<16)
	go func() {
		w.Write(sent)
		w.WriteEOF()
	}()
	if got, err := r.ReadN(-1); !bytes.Equal(got, sent) || err != nil {
		t.Error(len(got), err)
	}
	w.Close()
	if err := w.WaitClosed(); err != nil {
		t.Error(err)
	}
	netSettled(t, before)
}

// A stream may be opened where no loop runs, and be used in one loop after another.
func TestStreamOfNoLoop(t *testing.T) {
	before := runtime.NumGoroutine()
	r, w, other := netPipe()
	for range 2 {
		Run(func() (int, error) {
			w.Write([]byte("hello\n"))
			go io.CopyN(other, other, 6)
			if line, err := r.ReadLine(); string(line) != "hello\n" || err != nil {
				t.Errorf("%q %v", line, err)
			}
			return 0, nil
		})
	}
	w.Close()
	netSettled(t, before)
}

// 171: what reads, writes and closes beside the loop has an empty context, not the one of who was first to
// wait, and holds nothing of it.
func TestConnectionGoroutinesHaveNoContext(t *testing.T) {
	v := contextvars.New[string]("v")
	a, b := net.Pipe()
	look := func(what string) {
		if s, ok := v.Lookup(); ok {
			t.Errorf("%s sees %q", what, s)
		}
	}
	conn := &netFake{Conn: a}
	conn.read = func(p []byte) (int, error) { look("Read"); return a.Read(p) }
	conn.write = func(p []byte) (int, error) { look("Write"); return a.Write(p) }
	conn.close = func() error { look("Close"); return a.Close() }
	netRun(t, func() error {
		v.Set("task")
		r, w := WrapConn(conn)
		go io.Copy(b, b)
		w.Write([]byte("hello\n"))
		if _, err := r.ReadLine(); err != nil {
			t.Error(err)
		}
		w.Close()
		return w.WaitClosed()
	})
}

func TestReaderGoroutinePinsNothingOfItsStarter(t *testing.T) {
	v := contextvars.New[*[1 << 16]byte]("v")
	netRun(t, func() error {
		r, w, other := netPipe()
		defer w.Close()
		freed := make(chan struct{})
		task := Go(func() error {
			big := new([1 << 16]byte)
			runtime.AddCleanup(big, func(struct{}) { close(freed) }, struct{}{})
			v.Set(big)
			go other.Write([]byte("hello\n"))
			_, err := r.ReadLine()
			return err
		})
		if _, err := task.Await(); err != nil {
			t.Error(err)
		}
		for {
			runtime.GC()
			select {
			case <-freed:
				return nil
			case <-time.After(time.Millisecond):
			}
		}
	})
}

// What is open when Run ends is closed then: nothing is left, and nothing is said.
func TestRunEndsWithOpenConnections(t *testing.T) {
	netEach(t, func(t *testing.T, network, address string) {
		files := netFiles(t)
		var conns []*netFake
		netRun(t, func() error {
			l, _ := RunningLoop()
			l.SetExceptionHandler(func(_ *EventLoop, c ErrorContext) { t.Error(c) })
			s, err := StartServer(netEcho, network, address)
			if err != nil {
				return err
			}
			for i := range 20 {
				r, w, err := OpenConnection(network, s.Addr().String())
				if err != nil {
					return err
				}
				switch i % 4 {
				case 0: // reads when Run ends
					Go(func() error { _, err := r.ReadLine(); return err })
				case 1: // has read, so that there is a goroutine that reads
					w.Write([]byte("x\n"))
					if _, err := r.ReadLine(); err != nil {
						t.Error(err)
					}
				case 2: // writes when Run ends
					w.Write(make([]byte, 8<<20))
					Go(w.Drain)
				}
			}
			for range 5 {
				a, b := net.Pipe()
				fake := &netFake{Conn: a}
				conns = append(conns, fake)
				r, _ := WrapConn(fake)
				WrapConn(b)
				Go(func() error { _, err := r.ReadLine(); return err })
			}
			return Sleep(0)
		})
		for _, c := range conns {
			if !c.closed.Load() {
				t.Error("a connection is open")
			}
		}
		if n := netFiles(t); n > files {
			t.Errorf("%d open files, %d before", n, files)
		}
	})
}

// netFiles returns the number of open files, where the system tells.
func netFiles(t *testing.T) int {
	runtime.GC()
	files, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return 0
	}
	return len(files)
}

func TestDebugModeReportsWhatWasOpen(t *testing.T) {
	var said []string
	netRun(t, func() error {
		l, _ := RunningLoop()
		l.SetExceptionHandler(func(_ *EventLoop, c ErrorContext) { said = append(said, c.String()) })
		s, err := StartServer(netEcho, "tcp", "127.0.0.1:0")
		if err != nil {
			return err
		}
		_, w, other := netPipe()
		_, w2, _ := netPipe()
		w2.Write([]byte("it is closed in time"))
		w2.Close()
		go func() { io.ReadAll(other) }()
		_, _ = s, w
		return nil
	}, WithDebug(true))
	all := strings.Join(said, "\n")
	if len(said) != 2 || !strings.Contains(all, "server(127.0.0.1:") ||
		!strings.Contains(all, "connection(pipe, pipe)") {
		t.Error(all)
	}
}

// What was closed before Run ends still gets rid of its buffer, for a while.
func TestRunEndsWhileConnectionsFlush(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var got []byte
		a, b := net.Pipe()
		read := make(chan struct{})
		go func() {
			defer close(read)
			time.Sleep(graceTime / 2)
			got, _ = io.ReadAll(b)
		}()
		start := time.Now()
		netLoop(t, func() error {
			_, w := WrapConn(a)
			w.Write([]byte("last words"))
			w.Close()
			_, stuck, _ := netPipe() // the other end never reads
			stuck.Write([]byte("for nobody"))
			stuck.Close()
			return nil
		})
		<-read
		if string(got) != "last words" {
			t.Errorf("%q", got)
		}
		if d := time.Since(start); d != graceTime {
			t.Error(d)
		}
	})
}

// Close of a loop unwinds tasks that wait for a connection; their deferred functions may use it.
func TestCloseUnwindsTasksInStreams(t *testing.T) {
	before := runtime.NumGoroutine()
	l := NewEventLoop()
	unwound := 0
	RunUntilComplete(l, func() (int, error) {
		for range 10 {
			r, w, _ := netPipe()
			w.SetWriteBufferLimits(0, 0)
			w.Write([]byte("for nobody"))
			for _, wait := range []func() error{
				w.Drain, w.WaitClosed, func() error { _, err := r.ReadLine(); return err },
			} {
				Go(func() error {
					defer func() {
						unwound++
						w.Close()
						w.WaitClosed() // ends it
						t.Error("a second wait has returned")
					}()
					err := wait()
					t.Error("a doomed wait has returned", err)
					return err
				})
			}
		}
		return 0, Sleep(0)
	})
	if err := l.Close(); err != nil || unwound != 30 {
		t.Error(err, unwound)
	}
	if l.operations != 0 {
		t.Error(l.operations)
	}
	netSettled(t, before)
}

// A goroutine that waits for a connection of the loop is told when the loop is closed.
func TestCloseWakesGoroutinesInStreams(t *testing.T) {
	ended := make(chan error, 3)
	netRun(t, func() error {
		r, w, _ := netPipe()
		w.SetWriteBufferLimits(0, 0)
		w.Write([]byte("for nobody"))
		go func() { _, err := r.ReadLine(); ended <- err }()
		go func() { ended <- w.Drain() }()
		go func() { ended <- w.WaitClosed() }()
		for {
			r.mutex.Lock()
			w.mutex.Lock()
			n := r.line.waiting + w.line.waiting
			r.mutex.Unlock()
			w.mutex.Unlock()
			if n == 3 {
				return nil
			}
			runtime.Gosched()
		}
	})
	for range 3 {
		if err := <-ended; err != io.EOF && !errors.Is(err, net.ErrClosed) {
			t.Error(err)
		}
	}
}

// A loop knows the connections that are open, and those that come too late are closed at once.
func TestLoopForgetsClosedConnections(t *testing.T) {
	l := NewEventLoop()
	RunUntilComplete(l, func() (int, error) {
		s, connect := netServe(t, netEcho)
		for range 10 {
			r, w := connect()
			netAsk(t, r, w, "hello")
			w.Close()
			w.WaitClosed()
		}
		s.Close()
		s.WaitClosed()
		l.openings.mutex.Lock()
		defer l.openings.mutex.Unlock()
		if n := len(l.openings.open); n != 0 {
			t.Errorf("%d are left", n)
		}
		return 0, nil
	})
	l.Close()
	a, _ := net.Pipe()
	conn := &netFake{Conn: a}
	c := newConnection(l, conn, nil)
	l.openings.add(c)
	c.writer.WaitClosed()
	if !conn.closed.Load() {
		t.Error("it is open")
	}
}

// In testing/synctest, time goes on while all wait for connections: timeouts are exact.
func TestStreamsInSynctest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		netLoop(t, func() error {
			r, w, other := netPipe()
			defer w.Close()
			start := time.Now()
			err := Timeout(time.Minute, func() error {
				_, err := r.ReadLine()
				return err
			})
			if d := time.Since(start); !errors.Is(err, ErrTimeout) || d != time.Minute {
				t.Error(err, d)
			}
			go func() {
				time.Sleep(time.Hour)
				other.Write([]byte("late\n"))
			}()
			line, err := r.ReadLine()
			if d := time.Since(start); string(line) != "late\n" || err != nil || d != time.Hour+time.Minute {
				t.Errorf("%q %v %v", line, err, d)
			}
			return nil
		})
	})
}

// A virtual clock does not jump while a task waits for a connection.
func TestVirtualClockWaitsForConnections(t *testing.T) {
	clock := &netClock{waits: make(chan bool, 1)}
	netRun(t, func() error {
		r, w, other := netPipe()
		defer w.Close()
		go func() {
			if busy := <-clock.waits; !busy {
				t.Error("not busy")
			}
			other.Write([]byte("x"))
		}()
		err := Timeout(time.Hour, func() error { _, err := r.ReadExactly(1); return err })
		if err != nil || clock.Now() != 0 {
			t.Error(err, clock.Now())
		}
		Sleep(time.Hour) // nobody waits: the connection is open, but the clock jumps
		if clock.Now() != time.Hour {
			t.Error(clock.Now())
		}
		return nil
	}, WithClock(clock))
}

func TestConnectionBadInput(t *testing.T) {
	for want, f := range map[string]func(){
		"WrapConn was given a nil net.Conn": func() { WrapConn(nil) },
		"WithStreamLimit was given 0":       func() { WithStreamLimit(0) },
	} {
		if got := fmt.Sprint(netPanic(f)); !strings.Contains(got, want) || !strings.HasPrefix(got, "asyncio: ") {
			t.Errorf("%q does not say %q", got, want)
		}
	}
}

func netPanic(f func()) (p any) {
	defer func() { p = recover() }()
	f()
	return nil
}

// A connection that the other side has reset: the error is the system's.
func TestConnectionReset(t *testing.T) {
	netRun(t, func() error {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return err
		}
		defer listener.Close()
		r, w, err := OpenConnection("tcp", listener.Addr().String())
		if err != nil {
			return err
		}
		other, err := listener.Accept()
		if err != nil {
			return err
		}
		other.Write([]byte("data"))
		if p, err := r.ReadExactly(2); string(p) != "da" || err != nil {
			t.Errorf("%q %v", p, err)
		}
		other.(*net.TCPConn).SetLinger(0)
		other.Close()
		if p, err := r.ReadExactly(3); p != nil || !errors.Is(err, syscall.ECONNRESET) {
			t.Errorf("%q %v", p, err)
		}
		if p, err := r.ReadN(10); string(p) != "ta" || err != nil { // what has arrived is not lost
			t.Errorf("%q %v", p, err)
		}
		if _, err := r.ReadN(-1); !errors.Is(err, syscall.ECONNRESET) {
			t.Error(err)
		}
		w.SetWriteBufferLimits(0, 0)
		for err = nil; err == nil; err = w.Drain() {
			w.Write([]byte("x"))
		}
		if !errors.Is(err, syscall.EPIPE) && !errors.Is(err, syscall.ECONNRESET) {
			t.Error(err)
		}
		if _, again := w.Write([]byte("x")); again != err {
			t.Error(again)
		}
		w.Close()
		if again := w.WaitClosed(); again != err {
			t.Error(again)
		}
		return nil
	})
}
