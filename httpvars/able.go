package httpvars

import (
	"bufio"
	"io"
	"net"
	"net/http"
)

// The server's ResponseWriters can do more than the interface says, over HTTP/1.1 and over
// HTTP/2 different things, and handlers ask what by type assertions. So there is a type for
// each of these two sets, and one for each that other middleware may have left of them.

// What a ResponseWriter can do besides.
const (
	flushes = 1 << iota
	hijacks
	pushes
	readsFrom
	notifies
)

// closeNotifier is http.CloseNotifier, which is deprecated, but some frameworks rely on it.
type closeNotifier interface{ CloseNotify() <-chan bool }

func abilities(w http.ResponseWriter) (set int) {
	for ability, has := range [...]bool{
		is[http.Flusher](w), is[http.Hijacker](w), is[http.Pusher](w), is[io.ReaderFrom](w), is[closeNotifier](w),
	} {
		if has {
			set |= 1 << ability
		}
	}
	return set
}

func is[T any](w http.ResponseWriter) bool {
	_, ok := w.(T)
	return ok
}

// asAbleAs returns w with the methods that the one inside has.
func (w *replyWriter) asAbleAs(inside http.ResponseWriter) http.ResponseWriter {
	set := abilities(inside)
	switch set {
	case flushes | hijacks | readsFrom | notifies:
		return http1Writer{w}
	case flushes | pushes | notifies:
		return http2Writer{w}
	}
	f, r := http.Flusher(flusher{w}), io.ReaderFrom(readerFrom{w})
	h, _ := inside.(http.Hijacker)
	p, _ := inside.(http.Pusher)
	switch set &^ notifies {
	case flushes:
		return flusher{w}
	case hijacks:
		return struct {
			*replyWriter
			http.Hijacker
		}{w, h}
	case pushes:
		return struct {
			*replyWriter
			http.Pusher
		}{w, p}
	case readsFrom:
		return readerFrom{w}
	case flushes | hijacks:
		return struct {
			*replyWriter
			http.Flusher
			http.Hijacker
		}{w, f, h}
	case flushes | pushes:
		return struct {
			*replyWriter
			http.Flusher
			http.Pusher
		}{w, f, p}
	case flushes | readsFrom:
		return struct {
			*replyWriter
			http.Flusher
			io.ReaderFrom
		}{w, f, r}
	case hijacks | pushes:
		return struct {
			*replyWriter
			http.Hijacker
			http.Pusher
		}{w, h, p}
	case hijacks | readsFrom:
		return struct {
			*replyWriter
			http.Hijacker
			io.ReaderFrom
		}{w, h, r}
	case pushes | readsFrom:
		return struct {
			*replyWriter
			http.Pusher
			io.ReaderFrom
		}{w, p, r}
	case flushes | hijacks | pushes:
		return struct {
			*replyWriter
			http.Flusher
			http.Hijacker
			http.Pusher
		}{w, f, h, p}
	case flushes | hijacks | readsFrom:
		return struct {
			*replyWriter
			http.Flusher
			http.Hijacker
			io.ReaderFrom
		}{w, f, h, r}
	case flushes | pushes | readsFrom:
		return struct {
			*replyWriter
			http.Flusher
			http.Pusher
			io.ReaderFrom
		}{w, f, p, r}
	case hijacks | pushes | readsFrom:
		return struct {
			*replyWriter
			http.Hijacker
			http.Pusher
			io.ReaderFrom
		}{w, h, p, r}
	case flushes | hijacks | pushes | readsFrom:
		return struct {
			*replyWriter
			http.Flusher
			http.Hijacker
			http.Pusher
			io.ReaderFrom
		}{w, f, h, p, r}
	}
	return w
}

type flusher struct{ *replyWriter }

func (w flusher) Flush() { _ = w.FlushError() }

type readerFrom struct{ *replyWriter }

func (w readerFrom) ReadFrom(r io.Reader) (int64, error) { return w.readFrom(r) }

// http1Writer is as net/http's own for HTTP/1.1, which sends files by ReadFrom. It and
// http2Writer are no larger than a pointer, so that a request needs no memory for them.
type http1Writer struct{ *replyWriter }

func (w http1Writer) Flush()                              { _ = w.FlushError() }
func (w http1Writer) ReadFrom(r io.Reader) (int64, error) { return w.readFrom(r) }
func (w http1Writer) CloseNotify() <-chan bool            { return w.closeNotify() }

func (w http1Writer) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	return w.ResponseWriter.(http.Hijacker).Hijack()
}

type http2Writer struct{ *replyWriter }

func (w http2Writer) Flush()                   { _ = w.FlushError() }
func (w http2Writer) CloseNotify() <-chan bool { return w.closeNotify() }

func (w http2Writer) Push(target string, opts *http.PushOptions) error {
	return w.ResponseWriter.(http.Pusher).Push(target, opts)
}
