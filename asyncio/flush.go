package asyncio

import (
	"errors"
	"net"
)

// maxPiece is how much is written at once: so the buffer is seen to get shorter while much is
// written.
const maxPiece = 64 << 10

// flush has a goroutine write what is in the buffer.
func (w *StreamWriter) flush() {
	if !w.flushing {
		w.flushing = true
		beside(w.conn.loop, w.pump, w.stopped)
	}
}

func (w *StreamWriter) pump() error {
	for {
		piece, eof := w.next()
		switch {
		case eof:
			if err := w.conn.Conn.(halfCloser).CloseWrite(); err != nil {
				return err
			}
		case piece == nil:
			return nil
		default:
			n, err := w.conn.Write(piece)
			if w.wrote(n); err != nil {
				return err
			}
		}
	}
}

// next returns what is to be written next, and whether the direction is to be ended instead. With neither the
// goroutine ends.
func (w *StreamWriter) next() (piece []byte, eof bool) {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	switch {
	case w.size() > 0:
		return w.buffer[w.written:min(len(w.buffer), w.written+maxPiece)], false
	case w.eof == asked && w.err == nil:
		w.eof = sent
		return nil, true
	}
	w.flushed()
	return nil, false
}

func (w *StreamWriter) flushed() {
	if w.flushing = false; w.closing {
		w.shutDown()
	}
}

// wrote says that the first n bytes were written.
func (w *StreamWriter) wrote(n int) {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	if w.err != nil {
		return // there is no buffer any more
	}
	w.written += n
	switch rest := w.size(); {
	case rest == 0 && cap(w.buffer) > maxPiece:
		w.buffer, w.written = nil, 0
	case w.written >= rest: // it pays
		copy(w.buffer, w.buffer[w.written:])
		w.buffer, w.written = w.buffer[:rest], 0
	}
	if w.full && w.size() <= w.low {
		w.full = false
		w.line.callAll()
	}
}

// stopped says that the goroutine has ended: by itself, if err is nil.
func (w *StreamWriter) stopped(err error) {
	if err == nil {
		return // next has said so
	}
	w.mutex.Lock()
	defer w.mutex.Unlock()
	w.fail(err)
	w.flushed()
}

// fail drops the buffer.
func (w *StreamWriter) fail(err error) {
	if w.err == nil {
		w.err = err
	}
	w.buffer, w.written, w.full = nil, 0, false
	w.line.callAll()
}

// shutDown has a goroutine close the connection, since that may wait: for the other side's TLS, or for those
// who read and write to notice.
func (w *StreamWriter) shutDown() {
	if !w.shut {
		w.shut = true
		beside(w.conn.loop, w.conn.disconnect, w.disconnected)
	}
}

func (w *StreamWriter) disconnected(err error) {
	w.conn.gone() // first, so that who has waited for this finds it so
	w.mutex.Lock()
	if w.closed = true; err != nil && w.err == nil && !errors.Is(err, net.ErrClosed) {
		w.err = err
	}
	w.line.callAll()
	w.mutex.Unlock()
}
