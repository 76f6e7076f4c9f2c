package asyncio

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
)

// netFed returns a reader of a connection on which the pieces come, one by one, and then the end.
func netFed(pieces []string, opts ...StreamOption) *StreamReader {
	r, _, other := netPipe(opts...)
	go func() {
		for _, p := range pieces {
			other.Write([]byte(p))
		}
		other.Close()
	}()
	return r
}

// What each call returns, however the data comes in pieces.
func TestReaderCalls(t *testing.T) {
	type call = func(*StreamReader) ([]byte, error)
	n := func(n int) call { return func(r *StreamReader) ([]byte, error) { return r.ReadN(n) } }
	exactly := func(n int) call { return func(r *StreamReader) ([]byte, error) { return r.ReadExactly(n) } }
	until := func(seps ...string) call {
		return func(r *StreamReader) ([]byte, error) {
			var separators [][]byte
			for _, s := range seps {
				separators = append(separators, []byte(s))
			}
			return r.ReadUntil(separators...)
		}
	}
	var line call = (*StreamReader).ReadLine
	type step struct {
		call call
		want string
		err  error // the type and text have to be the same
	}
	eof, many := io.EOF, strings.Repeat("x", 100)
	short := func(partial string, n int) error { return &IncompleteReadError{[]byte(partial), n} }
	over := func(n int) error { return &LimitOverrunError{n, 8} }
	for name, c := range map[string]struct {
		data  string
		steps []step
	}{
		"lines": {"one\ntwo\n", []step{
			{line, "one\n", nil}, {line, "two\n", nil}, {line, "", eof}, {line, "", eof},
		}},
		"last line without an end": {"one\ntwo", []step{
			{line, "one\n", nil}, {line, "two", nil}, {line, "", eof},
		}},
		"nothing": {"", []step{
			{line, "", eof}, {n(1), "", eof}, {n(-1), "", nil}, {exactly(0), "", nil},
			{exactly(1), "", short("", 1)}, {until("x"), "", short("", -1)},
		}},
		"line of the limit": {"12345678\n", []step{
			{line, "12345678\n", nil}, {line, "", eof},
		}},
		"line beyond the limit": {"123456789\nnext\n", []step{
			{line, "", over(9)}, {line, "next\n", nil},
		}},
		"exactly": {"abcdefgh", []step{
			{exactly(3), "abc", nil}, {exactly(0), "", nil}, {exactly(5), "defgh", nil},
		}},
		"exactly, too little": {"abc", []step{
			{exactly(5), "", short("abc", 5)}, {exactly(5), "", short("", 5)},
		}},
		"exactly, beyond limits": {many, []step{
			{exactly(100), many, nil},
		}},
		"all": {many, []step{
			{exactly(1), "x", nil}, {n(-1), many[1:], nil}, {n(-1), "", nil},
		}},
		"none": {"abc", []step{
			{n(0), "", nil}, {exactly(3), "abc", nil}, {n(3), "", eof},
		}},
		"until": {"a--b-c--", []step{
			{until("--"), "a--", nil}, {until("--"), "b-c--", nil}, {until("--"), "", short("", -1)},
		}},
		"until, of several": {"a\r\nb\n\r", []step{
			{until("\n", "\r\n"), "a\r\n", nil}, {until("\n\r", "\n"), "b\n", nil}, {until("\n", "\r"), "\r", nil},
		}},
		"until, the first to end": {"abcdef", []step{
			{until("bcde", "cd"), "abcd", nil},
		}},
		"until, not there": {"abc", []step{
			{until("x"), "", short("abc", -1)}, {n(1), "", eof},
		}},
		"until, within limit": {"0123456789ab;", []step{
			{exactly(4), "0123", nil}, {until(";"), "456789ab;", nil},
		}},
		"until, beyond the limit": {"0123456789abc;x", []step{
			{until(";"), "", over(13)}, {exactly(14), "0123456789abc;", nil}, {until("x"), "x", nil},
		}},
	} {
		t.Run(name, func(t *testing.T) {
			for _, size := range []int{1, 2, 3, 7, 1000} {
				if size < 1000 && strings.Contains(name, "beyond the limit") {
					continue // how far it looks depends on what has come
				}
				var pieces []string
				for d := c.data; d != ""; {
					k := min(size, len(d))
					pieces, d = append(pieces, d[:k]), d[k:]
				}
				netRun(t, func() error {
					r := netFed(pieces, WithStreamLimit(8))
					for i, s := range c.steps {
						got, err := s.call(r)
						if string(got) != s.want || fmt.Sprintf("%T%[1]v", err) != fmt.Sprintf("%T%[1]v", s.err) {
							t.Errorf("pieces of %d, step %d: %q, %v; want %q, %v", size, i, got, err, s.want, s.err)
						}
					}
					return nil
				})
			}
		})
	}
}

// Whatever comes, in whatever pieces, and whatever is called: each byte is read once, in order.
func TestReaderModel(t *testing.T) {
	for seed := range uint64(30) {
		random := rand.New(rand.NewPCG(seed, 1))
		data := make([]byte, 200_000)
		for i := range data {
			data[i] = "abcdefghij\n;"[random.IntN(12)]
		}
		netRun(t, func() error {
			r, w, other := netPipe(WithStreamLimit(500 + random.IntN(5000))) // longer than any line
			defer w.Close()
			sizes := rand.New(rand.NewPCG(seed, 2))
			go func() {
				for d := data; len(d) > 0; {
					k := min(1+sizes.IntN(1+sizes.IntN(10_000)), len(d))
					other.Write(d[:k])
					d = d[k:]
				}
				other.Close()
			}()
			var read []byte
			for !r.AtEOF() {
				var p []byte
				var err error
				switch n := random.IntN(1 + random.IntN(20_000)); random.IntN(5) {
				case 0:
					p, err = r.ReadN(n)
				case 1:
					p, err = r.ReadExactly(n)
				case 2:
					p, err = r.ReadLine()
				case 3:
					p, err = r.ReadUntil([]byte("j;"), []byte("a"))
				case 4:
					p = make([]byte, n)
					n, err = r.Read(p)
					p = p[:n]
				}
				if e, ok := err.(*IncompleteReadError); ok {
					p = e.Partial
				} else if err != nil && err != io.EOF {
					t.Error(err)
				}
				if read = append(read, p...); !bytes.HasPrefix(data, read) {
					t.Fatalf("seed %d: something else was read", seed)
				}
			}
			if !bytes.Equal(read, data) {
				t.Errorf("seed %d: %d bytes were read of %d", seed, len(read), len(data))
			}
			return nil
		})
	}
}

// C4: the wait that is cancelled ends at once, and nothing is lost.
func TestReaderCancelledLosesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for name, call := range map[string]func(*StreamReader) ([]byte, error){
			"ReadExactly": func(r *StreamReader) ([]byte, error) { return r.ReadExactly(10) },
			"ReadLine":    (*StreamReader).ReadLine,
			"ReadUntil":   func(r *StreamReader) ([]byte, error) { return r.ReadUntil([]byte("\n")) },
			"ReadN":       func(r *StreamReader) ([]byte, error) { return r.ReadN(-1) },
		} {
			for _, late := range []bool{false, true} {
				netLoop(t, func() error {
					r, w, other := netPipe()
					defer w.Close()
					var err error
					task := Go(func() error { _, err = call(r); return err })
					Sleep(0)
					other.Write([]byte("0123"))
					if late { // it has been woken, or at least could have been
						other.Write([]byte("45678\n"))
					}
					synctest.Wait()
					task.Cancel("msg")
					task.Await()
					if !errors.Is(err, ErrCancelled) || !strings.Contains(err.Error(), "msg") {
						t.Error(name, err)
					}
					if !late {
						other.Write([]byte("45678\n"))
					}
					if p, err := r.ReadExactly(10); string(p) != "012345678\n" || err != nil {
						t.Errorf("%s: %q %v", name, p, err)
					}
					return nil
				})
			}
		}
	})
}

// One reads at a time, and who comes second is told so, also if there is something to read.
func TestReaderIsForOneAtATime(t *testing.T) {
	netRun(t, func() error {
		r, w, other := netPipe()
		defer w.Close()
		task := CreateTask(func() ([]byte, error) { return r.ReadExactly(10) })
		Sleep(0)
		other.Write([]byte("01234"))
		_, err := r.Read(make([]byte, 1))
		if !errors.Is(err, ErrInvalidState) || !strings.Contains(err.Error(), "StreamReader.Read ") {
			t.Error(err)
		}
		outside := make(chan error)
		go func() { _, err := r.ReadLine(); outside <- err }()
		if err := <-outside; !errors.Is(err, ErrInvalidState) {
			t.Error(err)
		}
		other.Write([]byte("56789"))
		if p, err := task.Await(); string(p) != "0123456789" || err != nil {
			t.Errorf("%q %v", p, err)
		}
		return nil
	})
}

func TestReaderInCallback(t *testing.T) {
	netRun(t, func() error {
		r, w, other := netPipe()
		defer w.Close()
		l, _ := RunningLoop()
		try := func() error {
			result := NewFuture[error]()
			l.CallSoon(func() { _, err := r.ReadExactly(1); result.SetResult(err) })
			err, _ := result.Await()
			return err
		}
		if err := try(); err != ErrNotInTask {
			t.Error(err)
		}
		other.Write([]byte("ab"))
		if p, err := r.ReadExactly(1); string(p) != "a" || err != nil {
			t.Errorf("%q %v", p, err)
		}
		if err := try(); err != nil { // it is there
			t.Error(err)
		}
		return nil
	})
}

// A goroutine that no loop runs is blocked, and the loop is not.
func TestReaderOnForeignGoroutine(t *testing.T) {
	netRun(t, func() error {
		r, w, other := netPipe()
		defer w.Close()
		got := make(chan string, 1)
		task := Go(func() error {
			go func() {
				line, err := r.ReadLine()
				got <- fmt.Sprintf("%q %v", line, err)
			}()
			return nil
		})
		task.Await()
		other.Write([]byte("hello\n"))
		if s := <-got; s != `"hello\n" <nil>` {
			t.Error(s)
		}
		return nil
	})
}

// It reads ahead up to twice the limit and what is read at once, and goes on when half of that is gone.
func TestReaderReadsAheadWithinLimits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		netLoop(t, func() error {
			r, w, other := netPipe(WithStreamLimit(1000))
			defer w.Close()
			// What a call that was cancelled would have had to read does not count.
			all := Go(func() error { _, err := r.ReadN(-1); return err })
			Sleep(0)
			all.Cancel()
			all.Await()
			sent := 0
			go func() { // only now: until it was cancelled, there was no limit
				for p := make([]byte, 100); ; sent += len(p) {
					if _, err := other.Write(p); err != nil {
						return
					}
				}
			}()
			synctest.Wait()
			full := sent
			if full < 2000 || full > 2*1000+firstChunk {
				t.Error("read ahead:", full)
			}
			r.ReadExactly(500)
			synctest.Wait()
			if sent != full {
				t.Error("went on too early:", sent)
			}
			r.ReadExactly(full - 500 - 1000)
			synctest.Wait()
			if sent == full {
				t.Error("did not go on")
			}
			w.Close()
			w.WaitClosed()
			r.ReadN(firstChunk)
			r.mutex.Lock()
			defer r.mutex.Unlock()
			if r.reading {
				t.Error("reads from a closed connection")
			}
			return nil
		})
	})
}

// What an idle connection holds after a large read is not large.
func TestReaderLetsGoOfLargeBuffers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		netLoop(t, func() error {
			r, w, other := netPipe()
			defer w.Close()
			const size = 10 << 20
			go func() {
				other.Write(make([]byte, size))
				other.Write([]byte("end\n"))
				other.Write([]byte("end\n"))
			}()
			if p, err := r.ReadExactly(size); len(p) != size || err != nil {
				t.Error(len(p), err)
			}
			r.ReadLine()
			r.ReadLine()
			synctest.Wait()
			r.mutex.Lock()
			defer r.mutex.Unlock()
			if n := len(r.buffer); n > 3*maxChunk {
				t.Error(n)
			}
			return nil
		})
	})
}

func TestReaderErrors(t *testing.T) {
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
			a, _ := net.Pipe()
			conn := &netFake{Conn: a}
			conn.read = func(p []byte) (int, error) {
				conn.read = func([]byte) (int, error) { return 0, c.fail() }
				return copy(p, "data"), nil
			}
			r, w := WrapConn(conn)
			defer w.Close()
			if p, err := r.ReadExactly(10); p != nil || !c.want(err) {
				t.Error(name, p, err)
			}
			if r.AtEOF() {
				t.Error(name, "is no end")
			}
			if p, err := r.ReadN(10); string(p) != "data" || err != nil { // it is still there
				t.Error(name, p, err)
			}
			for range 2 {
				if _, err := r.Read(make([]byte, 1)); !c.want(err) {
					t.Error(name, err)
				}
			}
			return nil
		})
	}
}

// Data and an error may come together.
func TestReaderDataWithError(t *testing.T) {
	netRun(t, func() error {
		a, _ := net.Pipe()
		conn := &netFake{Conn: a, read: func(p []byte) (int, error) { return copy(p, "last words"), io.EOF }}
		r, w := WrapConn(conn, WithStreamLimit(1)) // more than enough to stop reading
		defer w.Close()
		if p, err := r.ReadExactly(4); string(p) != "last" || err != nil {
			t.Errorf("%q %v", p, err)
		}
		if r.AtEOF() {
			t.Error("at EOF too early")
		}
		if p, err := r.ReadN(-1); string(p) != " words" || err != nil {
			t.Errorf("%q %v", p, err)
		}
		if !r.AtEOF() {
			t.Error("not at EOF")
		}
		return nil
	})
}

// After Close of this side, what has arrived can be read, and then it is the end; also for who waits.
func TestReaderAfterClose(t *testing.T) {
	netRun(t, func() error {
		r, w, other := netPipe()
		go other.Write([]byte("abc"))
		if p, err := r.ReadExactly(1); string(p) != "a" || err != nil {
			t.Errorf("%q %v", p, err)
		}
		task := CreateTask(func() ([]byte, error) { return r.ReadExactly(10) })
		Sleep(0)
		w.Close()
		_, err := task.Await()
		e, ok := err.(*IncompleteReadError)
		if !ok || string(e.Partial) != "bc" || !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Error(err)
		}
		if _, err := r.ReadLine(); err != io.EOF {
			t.Error(err)
		}
		unread, w, _ := netPipe()
		w.Close()
		w.WaitClosed()
		if !unread.AtEOF() {
			t.Error("not at EOF")
		}
		if _, err := unread.ReadExactly(1); !errors.Is(err, io.EOF) {
			t.Error(err)
		}
		return nil
	})
}

// What takes an io.Reader can be used in a task.
func TestReaderIsAnIOReader(t *testing.T) {
	netRun(t, func() error {
		l, _ := RunningLoop()
		ticks := 0
		var tick func()
		tick = func() { ticks++; l.CallLater(0, tick) }
		l.CallSoon(tick)
		var values []int
		for d := json.NewDecoder(netFed([]string{`[1,`, `2]`, `[3]`, ``})); ; {
			var v []int
			if err := d.Decode(&v); err == io.EOF {
				break
			} else if err != nil {
				return err
			}
			values = append(values, v...)
		}
		var words []string
		s := bufio.NewScanner(netFed([]string{"one t", "wo\nthr", "ee"}))
		for s.Split(bufio.ScanWords); s.Scan(); {
			words = append(words, s.Text())
		}
		all, err := io.ReadAll(netFed([]string{"a", "b", "c"}))
		got := fmt.Sprintf("%v %q %q %v %v", values, words, all, s.Err(), err)
		if got != `[1 2 3] ["one" "two" "three"] "abc" <nil> <nil>` {
			t.Error(got)
		}
		if ticks == 0 {
			t.Error("the loop was blocked")
		}
		return nil
	})
}

func TestReaderBadInput(t *testing.T) {
	r, w, _ := netPipe()
	defer w.Close()
	for want, f := range map[string]func(){
		"ReadExactly was given -1; give it 0 or more": func() { r.ReadExactly(-1) },
		"ReadUntil needs a separator of at least one byte": func() {
			defer func() {
				if recover() == nil {
					t.Error("no panic")
				}
				r.ReadUntil([]byte("a"), nil)
			}()
			r.ReadUntil()
		},
	} {
		if got := fmt.Sprint(netPanic(f)); got != "asyncio: StreamReader."+want {
			t.Errorf("%q, not %q", got, want)
		}
	}
	if n, err := r.Read(nil); n != 0 || err != nil { // does not wait
		t.Error(n, err)
	}
	for err, want := range map[error]string{
		&IncompleteReadError{[]byte("ab"), 5}:  "asyncio: the connection ended after 2 of 5 bytes",
		&IncompleteReadError{[]byte("ab"), -1}: "asyncio: the connection ended after 2 bytes, before a separator",
		&LimitOverrunError{9, 8}: "asyncio: no separator in the first 9 bytes, and the limit is 8; " +
			"see WithStreamLimit",
	} {
		if err.Error() != want {
			t.Error(err)
		}
	}
}
