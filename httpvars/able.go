package httpvars

import (
	"bufio"
	"io"
	"net"
	"net/http"
)

// The server's ResponseWriters can do more than the interface says, over HTTP/1.1 and over
// HTTP/2 different things, and handlers ask what by type assertions. So there is a
// type for each of these sets, and for what is left of them behind other middleware.

// asAbleAs returns w with the methods that the one inside has.
func (w *replyWriter) asAbleAs(inside http.ResponseWriter) http.ResponseWriter {
	_, flushes := inside.(http.Flusher)
	_, hijacks := inside.(http.Hijacker)
	_, pushes := inside.(http.Pusher)
	_, reads := inside.(io.ReaderFrom)
	switch {
	case flushes && hijacks && reads:
		return http1Writer{hijackWriter{flushWriter{w}}}
	case flushes && hijacks:
		return hijackWriter{flushWriter{w}}
	case flushes && pushes:
		return http2Writer{flushWriter{w}}
	case flushes:
		return flushWriter{w}
	}
	return w
}

type flushWriter struct{ *replyWriter }

func (w flushWriter) Flush() { _ = w.FlushError() }

// FlushError is what http.ResponseController looks for.
func (w flushWriter) FlushError() error {
	w.inject()
	return http.NewResponseController(w.ResponseWriter).Flush()
}

type hijackWriter struct{ flushWriter }

func (w hijackWriter) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	w.done = true // the header is the hijacker's business
	return w.ResponseWriter.(http.Hijacker).Hijack()
}

// http1Writer is as net/http's own, which sends files by ReadFrom.
type http1Writer struct{ hijackWriter }

func (w http1Writer) ReadFrom(r io.Reader) (int64, error) {
	w.inject()
	return w.ResponseWriter.(io.ReaderFrom).ReadFrom(r)
}

type http2Writer struct{ flushWriter }

func (w http2Writer) Push(target string, opts *http.PushOptions) error {
	return w.ResponseWriter.(http.Pusher).Push(target, opts)
}
