package asyncio

import (
	"fmt"
	"io"
)

const (
	firstChunk = 4 << 10
	maxChunk   = 64 << 10
)

// fill waits until there are n bytes, or there will not be any more. The error says that waiting was not
// possible, or was cancelled.
func (r *StreamReader) fill(call string, n int) error {
	if r.line.first != nil {
		return fmt.Errorf("%w: StreamReader.%s while another call waits for data of %v; read in one task only",
			ErrInvalidState, call, r.conn)
	}
	defer func() { r.need = 0 }()
	for r.size() < n && r.err == nil {
		if !r.reading {
			r.read()
		}
		r.need = n
		if err := r.line.stayBusy(&r.mutex); err != nil {
			return err
		}
	}
	return nil
}

// read has a goroutine read until there is enough.
func (r *StreamReader) read() {
	r.reading, r.paused = true, false
	beside(r.conn.loop, r.pump, r.stopped)
}

func (r *StreamReader) pump() error {
	for room := r.add(0, nil); room != nil; {
		room = r.add(r.conn.Read(room))
	}
	return nil
}

// add adds what was read to the buffer, and returns where to read to; nil if there is enough, or no more.
func (r *StreamReader) add(n int, err error) (room []byte) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	if n > 0 && r.end+n == len(r.buffer) {
		r.chunk = min(2*r.chunk, maxChunk) // there may be more than fits
	}
	r.end += n
	if err != nil {
		r.fail(err)
		return nil
	}
	if r.need > 0 && r.size() >= r.need {
		r.need = 0
		r.line.callAll()
	}
	if r.need == 0 && r.size() > 2*r.limit {
		r.reading, r.paused = false, true
		return nil
	}
	r.makeRoom()
	return r.buffer[r.end:]
}

func (r *StreamReader) makeRoom() {
	size := r.size()
	if size == 0 {
		r.start, r.end = 0, 0
		if len(r.buffer) > 2*maxChunk {
			r.buffer = nil
		}
	}
	if r.end+r.chunk/2 <= len(r.buffer) {
		return
	}
	to := r.buffer
	if size+r.chunk > len(to) {
		to = make([]byte, max(size+r.chunk, 2*size))
	}
	copy(to, r.buffer[r.start:r.end])
	r.buffer, r.start, r.end = to, 0, size
}

// stopped says that nobody reads any more: because of a panic or the like, if err is not nil.
func (r *StreamReader) stopped(err error) {
	if err != nil {
		r.add(0, err)
	}
}

func (r *StreamReader) fail(err error) {
	if r.closed {
		err = io.EOF
	}
	r.err, r.reading, r.paused, r.need = err, false, false, 0
	r.line.callAll()
}

// close is called when this side is about to close the connection.
func (r *StreamReader) close() {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	r.closed = true
	if !r.reading && r.err == nil {
		r.fail(io.EOF)
	}
}
