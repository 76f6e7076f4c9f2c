package asyncio

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// Write does not wait, whoever calls it; Drain does, until the buffer is as short as the low-water mark.
func TestWriterBackpressure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		netLoop(t, func() error {
			_, w, other := netPipe()
			defer w.Close()
			w.Write(make([]byte, highWater))
			if err := w.Drain(); err != nil || w.BufferSize() != highWater { // it is not longer than that
				t.Error(err, w.BufferSize())
			}
			w.Write([]byte("x"))
			var drained [3]error
			for i := range drained { // several may wait
				drained[i] = io.EOF
				Go(func() error { drained[i] = w.Drain(); return nil })
			}
			outside := make(chan error, 1)
			go func() { outside <- w.Drain() }()
			synctest.Wait()
			Sleep(0)
			if drained != [3]error{io.EOF, io.EOF, io.EOF} || len(outside) != 0 {
				t.Error("Drain has not waited")
			}
			// The buffer gets shorter piece by piece.
			io.CopyN(io.Discard, other, highWater)
			synctest.Wait()
			Sleep(0)
			Sleep(0)
			if drained != [3]error{} || len(outside) != 1 || <-outside != nil {
				t.Error("Drain goes on waiting", drained, w.BufferSize())
			}
			return nil
		})
	})
}

func TestWriterLimits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		netLoop(t, func() error {
			_, w, other := netPipe()
			defer w.Close()
			w.SetWriteBufferLimits(0, 0)
			w.Write([]byte("abc"))
			task := Go(w.Drain)
			Sleep(0)
			if task.Done() {
				t.Error("Drain has not waited")
			}
			w.SetWriteBufferLimits(3*maxPiece, maxPiece) // it need not wait any more
			if _, err := task.Await(); err != nil {
				t.Error(err)
			}
			io.CopyN(io.Discard, other, 3)
			w.Write(make([]byte, 4*maxPiece))
			task = Go(w.Drain)
			for range 3 { // until the buffer is as short as the low-water mark
				synctest.Wait()
				Sleep(0)
				Sleep(0)
				if task.Done() {
					t.Error("Drain has not waited", w.BufferSize())
				}
				io.CopyN(io.Discard, other, maxPiece)
			}
			if _, err := task.Await(); err != nil {
				t.Error(err)
			}
			for _, limits := range [][2]int{{1, 2}, {1, -1}, {-1, -1}} {
				p := netPanic(func() { w.SetWriteBufferLimits(limits[0], limits[1]) })
				if s, _ := p.(string); !strings.HasPrefix(s, "asyncio: StreamWriter.SetWriteBufferLimits was given") {
					t.Error(limits, p)
				}
			}
			return nil
		})
	})
}

// The buffer does not grow with what went through it.
func TestWriterBufferStaysSmall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		netLoop(t, func() error {
			_, w, other := netPipe()
			defer w.Close()
			w.Write(make([]byte, 100_000)) // it is never empty
			for range 100 {
				w.Write(make([]byte, 100_000))
				io.CopyN(io.Discard, other, 100_000)
			}
			synctest.Wait()
			room := func() int {
				w.mutex.Lock()
				defer w.mutex.Unlock()
				return cap(w.buffer)
			}
			if n := room(); n > 1_000_000 {
				t.Error(n)
			}
			io.CopyN(io.Discard, other, 100_000)
			synctest.Wait()
			if n := room(); n > maxPiece {
				t.Error(n)
			}
			return nil
		})
	})
}

// All that is written arrives, in order, also if the socket takes only some of it at a time.
func TestWriterWritesAll(t *testing.T) {
	netEach(t, func(t *testing.T, network, address string) {
		sent := make([]byte, 20<<20)
		for i := range sent {
			sent[i] = byte(i * i >> 7)
		}
		netRun(t, func() error {
			s, err := StartServer(func(_ *StreamReader, w *StreamWriter) error {
				longest := 0
				for p := sent; len(p) > 0; {
					n := min(len(p), 1+len(p)%100_000)
					if _, err := w.Write(p[:n]); err != nil {
						return err
					}
					longest = max(longest, w.BufferSize())
					if err := w.Drain(); err != nil {
						return err
					}
					p = p[n:]
				}
				if longest == 0 || longest > highWater+100_000 {
					t.Error("longest buffer:", longest)
				}
				return nil
			}, network, address)
			if err != nil {
				return err
			}
			defer s.Close()
			r, w, err := OpenConnection(network, s.Addr().String())
			if err != nil {
				return err
			}
			defer w.Close()
			var got []byte
			for len(got) < len(sent) {
				p, err := r.ReadN(1 << 20)
				if err != nil {
					return err
				}
				if got = append(got, p...); len(got) < 1<<20 {
					Sleep(0)
				}
			}
			if !bytes.Equal(got, sent) {
				t.Error("something else has arrived")
			}
			_, err = r.ReadN(1)
			if err != io.EOF {
				t.Error(err)
			}
			return nil
		})
	})
}

// Half a connection: this side has said all, and still hears the other.
func TestWriterEOF(t *testing.T) {
	netEach(t, func(t *testing.T, network, address string) {
		netRun(t, func() error {
			s, err := StartServer(func(r *StreamReader, w *StreamWriter) error {
				all, err := r.ReadN(-1)
				if err != nil || !r.AtEOF() {
					t.Error(err, r.AtEOF())
				}
				w.Write(bytes.ToUpper(all))
				return nil
			}, network, address)
			if err != nil {
				return err
			}
			defer s.Close()
			r, w, err := OpenConnection(network, s.Addr().String())
			if err != nil {
				return err
			}
			if !w.CanWriteEOF() {
				t.Error("it can")
			}
			question := strings.Repeat("question ", 1<<17)
			w.Write([]byte(question)) // more than fits: the end comes after it
			for range 2 {
				if err := w.WriteEOF(); err != nil {
					t.Error(err)
				}
			}
			if _, err := w.Write([]byte("x")); !errors.Is(err, ErrInvalidState) {
				t.Error(err)
			}
			if all, err := r.ReadN(-1); string(all) != strings.ToUpper(question) || err != nil {
				t.Error(len(all), err)
			}
			w.Close()
			if err := w.WriteEOF(); err != nil { // done already
				t.Error(err)
			}
			return w.WaitClosed()
		})
	})
	_, w, _ := netPipe()
	if err := w.WriteEOF(); w.CanWriteEOF() || !errors.Is(err, errors.ErrUnsupported) {
		t.Error(err)
	}
	w.Close()
	w.WaitClosed()
}

// Close lets what was written before arrive, and nothing after.
func TestWriterClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		netLoop(t, func() error {
			_, w, other := netPipe()
			if w.IsClosing() {
				t.Error("closing")
			}
			early := Go(w.WaitClosed)
			Sleep(0)
			w.Write(make([]byte, 3*maxPiece+1))
			for range 2 {
				if err := w.Close(); err != nil {
					t.Error(err)
				}
			}
			if _, err := w.Write([]byte("x")); !w.IsClosing() || !errors.Is(err, net.ErrClosed) {
				t.Error(w.IsClosing(), err)
			}
			waits := Go(w.WaitClosed)
			Sleep(0)
			synctest.Wait()
			Sleep(0)
			if early.Done() || waits.Done() {
				t.Error("not everything was written yet")
			}
			if p, err := io.ReadAll(other); len(p) != 3*maxPiece+1 || err != nil {
				t.Error(len(p), err)
			}
			for _, task := range []*Task[struct{}]{early, waits, Go(w.WaitClosed), Go(w.Drain)} {
				if _, err := task.Await(); err != nil {
					t.Error(err)
				}
			}
			w.Abort() // too late
			if err := w.WaitClosed(); err != nil {
				t.Error(err)
			}
			return nil
		})
	})
}

// A virtual clock does not jump while a connection is being closed; it does while nobody closes it.
func TestVirtualClockWaitsForClose(t *testing.T) {
	clock := &netClock{waits: make(chan bool, 1)}
	netRun(t, func() error {
		a, _ := net.Pipe()
		_, w := WrapConn(&netFake{Conn: a, close: func() error {
			if busy := <-clock.waits; !busy {
				t.Error("not busy")
			}
			return a.Close()
		}})
		if err := Timeout(time.Minute, w.WaitClosed); !errors.Is(err, ErrTimeout) || clock.Now() != time.Minute {
			t.Error(err, clock.Now())
		}
		<-clock.waits
		w.Close()
		if err := Timeout(time.Minute, w.WaitClosed); err != nil || clock.Now() != time.Minute {
			t.Error(err, clock.Now())
		}
		return nil
	}, WithClock(clock))
}

func TestWriterAbort(t *testing.T) {
	for _, closeFirst := range []bool{false, true} {
		netRun(t, func() error {
			r, w, _ := netPipe()
			w.Write(make([]byte, 2*highWater))
			drain, read := Go(w.Drain), Go(func() error { _, err := r.ReadLine(); return err })
			Sleep(0)
			if closeFirst {
				w.Close()
			}
			w.Abort()
			w.Abort()
			if _, err := drain.Await(); !errors.Is(err, net.ErrClosed) {
				t.Error(err)
			}
			if _, err := read.Await(); err != io.EOF {
				t.Error(err)
			}
			err := w.WaitClosed()
			if !errors.Is(err, net.ErrClosed) || !strings.HasPrefix(err.Error(), "asyncio: 131072 bytes") {
				t.Error(err)
			}
			r, w, _ = netPipe()
			w.Abort()
			if err := w.WaitClosed(); err != nil { // nothing was lost
				t.Error(err)
			}
			return nil
		})
	}
}

// C4: a task that is cancelled while it drains or waits for the end leaves all as it is.
func TestWriterCancelled(t *testing.T) {
	netRun(t, func() error {
		_, w, other := netPipe()
		w.Write(make([]byte, 2*highWater))
		for range 3 {
			drain := Go(w.Drain)
			Sleep(0)
			drain.Cancel("msg")
			if _, err := drain.Await(); !errors.Is(err, ErrCancelled) || !strings.Contains(err.Error(), "msg") {
				t.Error(err)
			}
		}
		w.Close()
		wait := Go(w.WaitClosed)
		Sleep(0)
		wait.Cancel()
		if _, err := wait.Await(); !errors.Is(err, ErrCancelled) {
			t.Error(err)
		}
		n, err := ToThread(func() (int64, error) { return io.Copy(io.Discard, other) })
		if n != 2*highWater || err != nil {
			t.Error(n, err)
		}
		return w.WaitClosed()
	})
}

func TestWriterInCallback(t *testing.T) {
	netRun(t, func() error {
		_, w, _ := netPipe()
		l, _ := RunningLoop()
		done := NewFuture[struct{}]()
		l.CallSoon(func() {
			defer done.SetResult(struct{}{})
			if err := w.Drain(); err != nil { // nothing to wait for
				t.Error(err)
			}
			w.Write(make([]byte, 2*highWater))
			if err := w.Drain(); err != ErrNotInTask {
				t.Error(err)
			}
			if err := w.WaitClosed(); err != ErrNotInTask {
				t.Error(err)
			}
		})
		done.Await()
		if l.operations != 0 {
			t.Error(l.operations)
		}
		return nil
	})
}

func TestWriterErrors(t *testing.T) {
	broken := errors.New("broken")
	for name, c := range map[string]struct {
		fail func() error
		want func(error) bool
	}{
		"error": {func() error { return broken }, func(err error) bool { return err == broken }},
		"panic": {func() error { panic("oops") }, func(err error) bool {
			p, ok := err.(*PanicError)
			return ok && p.Value == "oops"
		}},
		"Goexit": {func() error { runtime.Goexit(); return nil }, func(err error) bool { return err == ErrGoexit }},
	} {
		netRun(t, func() error {
			a, other := net.Pipe()
			conn := &netFake{Conn: a, write: func(p []byte) (int, error) { return 0, c.fail() }}
			r, w := WrapConn(conn)
			w.SetWriteBufferLimits(0, 0)
			w.Write([]byte("abc"))
			for range 2 {
				if err := w.Drain(); !c.want(err) {
					t.Error(name, err)
				}
			}
			if n, err := w.Write([]byte("x")); n != 0 || !c.want(err) {
				t.Error(name, n, err)
			}
			go other.Write([]byte("read on"))
			if p, err := r.ReadExactly(7); string(p) != "read on" || err != nil {
				t.Errorf("%s: %q %v", name, p, err)
			}
			w.Close()
			if err := w.WaitClosed(); !c.want(err) || !conn.closed.Load() {
				t.Error(name, err)
			}
			return nil
		})
	}
}

// The error of closing is WaitClosed's, unless somebody else was first.
func TestWriterCloseErrors(t *testing.T) {
	broken := errors.New("broken")
	for _, c := range []struct{ err, want error }{{broken, broken}, {net.ErrClosed, nil}, {nil, nil}} {
		netRun(t, func() error {
			a, _ := net.Pipe()
			_, w := WrapConn(&netFake{Conn: a, close: func() error { a.Close(); return c.err }})
			w.Close()
			if err := w.WaitClosed(); err != c.want {
				t.Error(err)
			}
			return nil
		})
	}
}

// Closing a connection may take long: the loop goes on.
func TestWriterCloseDoesNotBlockTheLoop(t *testing.T) {
	netRun(t, func() error {
		a, _ := net.Pipe()
		resume := make(chan struct{})
		_, w := WrapConn(&netFake{Conn: a, close: func() error { <-resume; return a.Close() }})
		w.Close()
		l, _ := RunningLoop()
		l.CallSoon(func() { close(resume) })
		return w.WaitClosed()
	})
}

// io.Copy to a StreamWriter drains: a reader that is slow does not fill memory.
func TestWriterReadFrom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		netLoop(t, func() error {
			r, from, other := netPipe()
			_, w, to := netPipe()
			defer from.Close()
			const size = 5 << 20
			go func() {
				other.Write(bytes.Repeat([]byte("12345678"), size/8))
				other.Close()
			}()
			var n int64
			task := Go(func() (err error) {
				n, err = io.Copy(w, r)
				w.Close()
				return err
			})
			Sleep(time.Second)
			if task.Done() || w.BufferSize() == 0 || w.BufferSize() > highWater+(32<<10) {
				t.Error(task.Done(), w.BufferSize())
			}
			go func() {
				if p, err := io.ReadAll(to); len(p) != size || err != nil {
					t.Error(len(p), err)
				}
			}()
			if _, err := task.Await(); n != size || err != nil {
				t.Error(n, err)
			}
			return w.WaitClosed()
		})
	})
}

func TestWriterReadFromErrors(t *testing.T) {
	netRun(t, func() error {
		_, w, other := netPipe()
		go io.Copy(io.Discard, other)
		broken := errors.New("broken")
		n, err := w.ReadFrom(io.MultiReader(strings.NewReader("abc"), &netFake{
			read: func([]byte) (int, error) { return 0, broken }}))
		if n != 3 || err != broken {
			t.Error(n, err)
		}
		w.Close()
		if n, err := w.ReadFrom(strings.NewReader("abc")); n != 0 || !errors.Is(err, net.ErrClosed) {
			t.Error(n, err)
		}
		return w.WaitClosed()
	})
}

func TestWriterIsAnIOWriter(t *testing.T) {
	netRun(t, func() error {
		_, w, other := netPipe()
		json.NewEncoder(w).Encode([]int{1, 2})
		io.WriteString(w, "end")
		w.Close()
		all, err := ToThread(func() ([]byte, error) { return io.ReadAll(other) })
		if string(all) != "[1,2]\nend" || err != nil {
			t.Errorf("%q %v", all, err)
		}
		var _ io.ReadWriteCloser = struct { // as net/rpc and others want it
			*StreamReader
			*StreamWriter
		}{}
		return nil
	})
}

// Many goroutines and tasks may write at once: each Write stays together.
func TestWriterFromEverywhere(t *testing.T) {
	netRun(t, func() error {
		s, err := StartServer(netEcho, "tcp", "127.0.0.1:0")
		if err != nil {
			return err
		}
		defer s.Close()
		r, w, err := OpenConnection("tcp", s.Addr().String())
		if err != nil {
			return err
		}
		const writers, each = 8, 500
		for i := range writers {
			write := func() error {
				line := append(bytes.Repeat([]byte{byte('a' + i)}, 100), '\n')
				for range each {
					w.Write(line)
					if err := w.Drain(); err != nil {
						t.Error(err)
					}
				}
				return nil
			}
			if i%2 == 0 {
				Go(write)
			} else {
				go write()
			}
		}
		for range writers * each {
			line, err := r.ReadLine()
			if err != nil || string(line) != strings.Repeat(string(line[0]), 100)+"\n" {
				t.Fatalf("%q %v", line, err)
			}
		}
		w.Close()
		return w.WaitClosed()
	})
}
