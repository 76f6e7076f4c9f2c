package asyncio

import (
	"bytes"
	"fmt"
	"io"
	"math"
	"sync"
)

// StreamReader reads from a connection: see [OpenConnection] and [StartServer]. Its methods wait without
// blocking the loop. It reads ahead, on a goroutine of its own, from the first call that has to wait on,
// until there is twice the limit of [WithStreamLimit] in its buffer; so a call whose bytes are there
// already does not suspend the task.
//
// Any goroutine may use it, in a loop or not, but only one at a time: a call while another one
// waits gets an error that is ErrInvalidState. If the task that waits is cancelled, the call returns a
// *CancelledError and no byte is lost: what has arrived is there for the next call. In a callback of a loop
// a call that would have to wait returns ErrNotInTask.
//
// When the connection ends, what has arrived is still delivered. After that all calls return
// the error: io.EOF if the other side has ended it, or if this side has closed it.
type StreamReader struct {
	conn  *connection
	limit int

	mutex sync.Mutex
	line  line // the one who waits
	// need is how many bytes he waits for; 0: nobody does, or he was called.
	need int
	// buffer[start:end] has arrived and was not taken yet. Only the one who reads changes buffer and end, so
	// that he can read into what comes after end without the mutex.
	buffer     []byte
	start, end int
	chunk      int  // how much he reads at once
	reading    bool // somebody reads
	paused     bool // nobody does, because there is enough
	closed     bool // by this side
	err        error
}

// Read reads at least one byte and at most len(p), as io.Reader has it, for bufio, encoding/json, io.Copy
// and the like. asyncio's read(n) is [StreamReader.ReadN].
func (r *StreamReader) Read(p []byte) (int, error) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	if err := r.fill("Read", min(len(p), 1)); err != nil {
		return 0, err
	}
	if r.size() == 0 && len(p) > 0 {
		return 0, r.err
	}
	n := copy(p, r.buffer[r.start:r.end])
	r.skip(n)
	return n, nil
}

// ReadN is asyncio's read(n): it returns at least one byte and at most n. A negative n is for all there
// is until the connection ends, without a limit; that it ends is no error then.
func (r *StreamReader) ReadN(n int) ([]byte, error) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	if n < 0 {
		if err := r.fill("ReadN", math.MaxInt); err != nil {
			return nil, err
		}
		if r.err != io.EOF {
			return nil, r.err
		}
		return r.take(r.size()), nil
	}
	if err := r.fill("ReadN", min(n, 1)); err != nil {
		return nil, err
	}
	if r.size() == 0 && n > 0 {
		return nil, r.err
	}
	return r.take(min(n, r.size())), nil
}

// ReadExactly returns n bytes. If the connection ends before, the error is an
// *IncompleteReadError. The limit does not matter.
func (r *StreamReader) ReadExactly(n int) ([]byte, error) {
	if n < 0 {
		panic(fmt.Sprintf("asyncio: StreamReader.ReadExactly was given %d; give it 0 or more", n))
	}
	r.mutex.Lock()
	defer r.mutex.Unlock()
	if err := r.fill("ReadExactly", n); err != nil {
		return nil, err
	}
	if r.size() < n {
		return nil, r.incomplete(n)
	}
	return r.take(n), nil
}

// ReadLine returns the next line, with the \n at its end. The last one may have none, if the connection ends
// there; the call after that returns io.EOF. A line that is longer than the limit is dropped up to
// its end, or as far as it has arrived, and the error is a *LimitOverrunError.
func (r *StreamReader) ReadLine() ([]byte, error) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	line, err := r.until("ReadLine", newline)
	switch e := err.(type) {
	case *IncompleteReadError:
		if len(e.Partial) == 0 {
			return nil, io.EOF
		}
		return e.Partial, nil
	case *LimitOverrunError:
		drop := r.size()
		if e.Consumed < drop { // there is its end
			drop = e.Consumed + 1
		}
		r.skip(drop)
	}
	return line, err
}

var newline = [][]byte{{'\n'}}

// ReadUntil returns what comes up to the first separator, and that itself; with several separators, up to
// the one that ends first. If the connection ends before, the error is an *IncompleteReadError. If there
// is no separator within the limit, it is a *LimitOverrunError, and nothing has been read: ReadN and ReadExactly
// still can.
func (r *StreamReader) ReadUntil(separators ...[]byte) ([]byte, error) {
	for _, s := range separators {
		if len(s) == 0 {
			separators = nil
		}
	}
	if len(separators) == 0 {
		panic("asyncio: StreamReader.ReadUntil needs a separator of at least one byte")
	}
	r.mutex.Lock()
	defer r.mutex.Unlock()
	return r.until("ReadUntil", separators)
}

func (r *StreamReader) until(call string, separators [][]byte) ([]byte, error) {
	longest := 0
	for _, s := range separators {
		longest = max(longest, len(s))
	}
	searched := 0 // no separator begins before
	for {
		at, end := find(r.buffer[r.start+searched:r.end], separators)
		switch {
		case end > 0 && searched+at > r.limit:
			return nil, &LimitOverrunError{searched + at, r.limit}
		case end > 0:
			return r.take(searched + end), nil
		}
		if searched = max(0, r.size()+1-longest); searched > r.limit {
			return nil, &LimitOverrunError{searched, r.limit}
		}
		if r.err != nil {
			return nil, r.incomplete(-1)
		}
		if err := r.fill(call, r.size()+1); err != nil {
			return nil, err
		}
	}
}

// find returns where the separator that ends first begins and ends; end is 0 if there is none.
func find(in []byte, separators [][]byte) (at, end int) {
	for _, s := range separators {
		if i := bytes.Index(in, s); i >= 0 && (end == 0 || i+len(s) < end) {
			at, end = i, i+len(s)
		}
	}
	return at, end
}

// AtEOF reports whether the connection has ended and everything was read.
func (r *StreamReader) AtEOF() bool {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	return r.err == io.EOF && r.size() == 0
}

func (r *StreamReader) size() int { return r.end - r.start }

// take removes n bytes and returns them.
func (r *StreamReader) take(n int) []byte {
	p := bytes.Clone(r.buffer[r.start : r.start+n])
	r.skip(n)
	return p
}

func (r *StreamReader) skip(n int) {
	r.start += n
	if r.paused && r.size() <= r.limit {
		r.read()
	}
}

// incomplete is why there is less than what was asked for.
func (r *StreamReader) incomplete(expected int) error {
	if r.err != io.EOF {
		return r.err
	}
	return &IncompleteReadError{r.take(r.size()), expected}
}
