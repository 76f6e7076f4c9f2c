package asyncio

import (
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
)

// StreamWriter writes to a connection: see [OpenConnection] and [StartServer]. Write and Close never
// wait: what the connection does not take at once is kept in a buffer and written by a goroutine beside the
// loop. Drain, between two writes, keeps the buffer from growing.
//
// Any goroutine may use it, in a loop or not, several at once.
//
// What cannot be written any more is lost. The error is what Drain, WaitClosed and further calls of
// Write return then.
type StreamWriter struct {
	conn   *connection
	direct *direct // nil: the connection cannot be written to without waiting

	mutex    sync.Mutex
	line     line   // those who wait for the buffer to get shorter, or for the end
	buffer   []byte // buffer[:written] is written
	written  int
	low      int
	high     int
	full     bool // the buffer was longer than high, and not yet as short as low
	flushing bool // a goroutine writes
	eof      sending
	closing  bool
	shut     bool // a goroutine closes the connection, or has done so
	closed   bool
	err      error
}

// sending is how far WriteEOF is.
type sending uint8

const (
	notAsked sending = iota
	asked
	sent
)

const (
	highWater = 64 << 10
	lowWater  = 16 << 10
)

// Write writes p, or keeps a copy of what the connection does not take at once. It never waits. The error is not
// nil if Close, Abort or WriteEOF was called, or an earlier write has failed; then nothing is written.
func (w *StreamWriter) Write(p []byte) (int, error) {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	if err := w.writable("Write"); err != nil {
		return 0, err
	}
	n := 0
	if w.direct != nil && !w.flushing {
		n = w.direct.write(p)
	}
	if n < len(p) {
		w.buffer = append(w.buffer, p[n:]...)
		w.full = w.full || w.size() > w.high
		w.flush()
	}
	return len(p), nil
}

func (w *StreamWriter) writable(call string) error {
	switch {
	case w.err != nil:
		return w.err
	case w.closing:
		return fmt.Errorf("asyncio: StreamWriter.%s after Close: %w", call, net.ErrClosed)
	case w.eof != notAsked:
		return fmt.Errorf("%w: StreamWriter.%s after WriteEOF", ErrInvalidState, call)
	}
	return nil
}

// ReadFrom copies from r until it ends, and drains after each piece: so io.Copy with a StreamWriter does
// not fill memory when the other side reads slowly. r must be a StreamReader, or something that does not
// block.
func (w *StreamWriter) ReadFrom(r io.Reader) (total int64, err error) {
	piece := make([]byte, 32<<10)
	for {
		n, err := r.Read(piece)
		if n > 0 {
			if _, err := w.Write(piece[:n]); err != nil {
				return total, err
			}
			total += int64(n)
			if err := w.Drain(); err != nil {
				return total, err
			}
		}
		if err == io.EOF {
			return total, nil
		}
		if err != nil {
			return total, err
		}
	}
}

// Drain waits while the buffer is too long: if it has been longer than the high-water mark, until it is as short
// as the low one. Else it returns at once. The error is that of a write that failed, or a
// *CancelledError if the task was cancelled; in a callback of a loop it is ErrNotInTask, if there is something
// to wait for.
func (w *StreamWriter) Drain() error {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	for w.full && w.err == nil {
		if err := w.line.stayBusy(&w.mutex); err != nil {
			return err
		}
	}
	return w.err
}

// SetWriteBufferLimits sets the high-water mark and the low one, in bytes; 64 KiB and 16 KiB
// without. It panics unless high >= low >= 0. With 0 and 0 Drain waits until all is written.
func (w *StreamWriter) SetWriteBufferLimits(high, low int) {
	if low < 0 || high < low {
		panic(fmt.Sprintf("asyncio: StreamWriter.SetWriteBufferLimits was given %d and %d; high >= low >= 0 is needed",
			high, low))
	}
	w.mutex.Lock()
	defer w.mutex.Unlock()
	w.high, w.low = high, low
	w.full = w.size() > high
	w.line.callAll()
}

// BufferSize returns how many bytes are in the buffer.
func (w *StreamWriter) BufferSize() int {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	return w.size()
}

// CanWriteEOF reports whether the connection has two directions that end apart: TCP, Unix sockets and TLS do.
func (w *StreamWriter) CanWriteEOF() bool {
	_, ok := w.conn.Conn.(halfCloser)
	return ok
}

type halfCloser interface{ CloseWrite() error }

// WriteEOF ends the writing direction after what is in the buffer: the other side reads EOF, and can
// still write. It does not wait. If the connection cannot do that, the error is
// errors.ErrUnsupported.
func (w *StreamWriter) WriteEOF() error {
	if !w.CanWriteEOF() {
		return fmt.Errorf("asyncio: StreamWriter.WriteEOF over a %T: %w", w.conn.Conn, errors.ErrUnsupported)
	}
	w.mutex.Lock()
	defer w.mutex.Unlock()
	if w.eof != notAsked {
		return nil
	}
	if err := w.writable("WriteEOF"); err != nil {
		return err
	}
	w.eof = asked
	w.flush()
	return nil
}

// Close closes the connection, both directions, after what is in the buffer was written. It does not wait,
// and the error is always nil: [StreamWriter.WaitClosed] waits, and tells how it went. More than once is
// harmless.
func (w *StreamWriter) Close() error {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	if !w.closing {
		w.closing = true
		if !w.flushing {
			w.shutDown()
		}
	}
	return nil
}

// Abort closes the connection at once. What is in the buffer is lost.
func (w *StreamWriter) Abort() {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	w.closing = true
	if w.size() > 0 {
		w.fail(fmt.Errorf("asyncio: %d bytes were not written when the connection was aborted: %w",
			w.size(), net.ErrClosed))
	}
	w.shutDown()
}

// IsClosing reports whether Close or Abort was called.
func (w *StreamWriter) IsClosing() bool {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	return w.closing
}

// WaitClosed waits until the connection is closed, after Close or Abort, by whoever. The error is not nil if
// something could not be written; or it is a *CancelledError, if the waiting task was cancelled; or ErrNotInTask, in
// a callback.
func (w *StreamWriter) WaitClosed() error {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	for !w.closed {
		stay := w.line.stay
		if w.closing {
			stay = w.line.stayBusy
		}
		if err := stay(&w.mutex); err != nil {
			return err
		}
	}
	return w.err
}

// Conn returns the connection: for its addresses, the state of TLS, options of the socket. Who reads,
// writes, closes or sets deadlines there gets in the streams' way.
func (w *StreamWriter) Conn() net.Conn { return w.conn.Conn }

func (w *StreamWriter) size() int { return len(w.buffer) - w.written }
