package httpvars

import (
	"errors"
	"io"
	"net/http"

	"github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/wire"
)

// HandlerFrom is [Handler] with the variables that the peer has sent with the request, as
// far as it is open for them. With next's response it gets those that have [wire.Back], as
// they are in the request's context when the header is written, or else when next returns.
// What goroutines set that next starts is not among them, so nothing goes back of what
// happens inside of an http.TimeoutHandler; around HandlerFrom that does no harm.
//
// A nil peer is closed: it is what the public side gets. Which peer a connection leads to
// must be known from the connection, not from what the request says: from the address that
// the server listens at, or with [HandlerFromFunc] from the client's certificate.
//
// A request is never refused because of what it carries: see package wire. The header stays
// in the Request, for others that read baggage. If next is a proxy that copies headers, send
// on with [TransportTo], or [TransportToFunc] for strangers, which write anew what is of
// variables and leave entries of others.
//
// Where the peer gets replies, the ResponseWriter that next sees is one around the server's.
// It has Flush, Hijack, Push and ReadFrom if that has them, CloseNotify if it is the server's
// own, and http.ResponseController can do what it could. If next hijacks the connection before
// it has written a header, nothing goes back. An http.MaxBytesReader inside cannot tell the server to close
// the connection; http.MaxBytesHandler around HandlerFrom can.
//
// A variable with wire.Back that next restores before it writes, as by defer, does not go back; nor does
// one that is set in another Context inside: that of another Handler, of otelvars.Handler. So make
// HandlerFrom the innermost one of these where it matters.
//
// The cost is that of [Handler], some 250 ns for each variable, and with replies some 500 ns
// and three allocations. A nil next panics.
func HandlerFrom(next http.Handler, peer *wire.Peer) http.Handler {
	checkHandler("HandlerFrom", next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { serve(next, w, r, peer) })
}

// HandlerFromFunc is [HandlerFrom] for a server with clients of several kinds: peer returns
// the one that sent the request, nil for the public. It runs in the server's context, so what it
// sets would stay on the connection. A nil peer func panics.
func HandlerFromFunc(next http.Handler, peer func(*http.Request) *wire.Peer) http.Handler {
	checkHandler("HandlerFromFunc", next)
	checkPeerFunc("HandlerFromFunc", peer)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { serve(next, w, r, peer(r)) })
}

func checkPeerFunc(call string, peer func(*http.Request) *wire.Peer) {
	if peer == nil {
		panic("httpvars: " + call + " was given a nil func; give it one that returns the *wire.Peer of a request")
	}
}

func serve(next http.Handler, w http.ResponseWriter, r *http.Request, peer *wire.Peer) {
	ctx := peer.Extract(header(r.Header))
	if !peer.Replies() {
		run(ctx, r, func() { next.ServeHTTP(w, r) })
		return
	}
	reply := &replyWriter{ResponseWriter: w, peer: peer, ctx: ctx}
	run(ctx, r, func() {
		next.ServeHTTP(reply.asAbleAs(w), r)
		reply.inject() // in here: at the end of the work its values may be taken back
	})
}

// replyWriter writes the variables that go back into the header of the response, right before
// the header is sent.
type replyWriter struct {
	http.ResponseWriter
	peer *wire.Peer
	ctx  *contextvars.Context
	done bool
}

func (w *replyWriter) inject() {
	if !w.done {
		w.done = true
		w.peer.InjectReplyFrom(w.ctx, header(w.ResponseWriter.Header()))
	}
}

func (w *replyWriter) WriteHeader(status int) {
	if status >= http.StatusOK || status == http.StatusSwitchingProtocols { // others come before the response
		w.inject()
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *replyWriter) Write(p []byte) (int, error) {
	w.inject()
	return w.ResponseWriter.Write(p)
}

// WriteString is what io.WriteString looks for; the server's own has it.
func (w *replyWriter) WriteString(s string) (int, error) {
	w.inject()
	return io.WriteString(w.ResponseWriter, s)
}

// FlushError is what http.ResponseController looks for, before it asks for Unwrap. So it
// has to be here also if the one inside has no Flush.
func (w *replyWriter) FlushError() error {
	before := w.done
	w.inject()
	err := http.NewResponseController(w.ResponseWriter).Flush()
	if errors.Is(err, http.ErrNotSupported) {
		w.done = before // nothing was sent
	}
	return err
}

// readFrom is for those whose ResponseWriter has ReadFrom. What r does in its first Read
// comes before the header, as it does without us.
func (w *replyWriter) readFrom(r io.Reader) (n int64, err error) {
	if !w.done {
		if n, err = io.CopyN(w, r, sniffed); err == io.EOF {
			return n, nil
		} else if err != nil {
			return n, err
		}
	}
	rest, err := w.ResponseWriter.(io.ReaderFrom).ReadFrom(r)
	return n + rest, err
}

// sniffed is how much of a response net/http looks at for its type, in the first Write.
const sniffed = 512

func (w *replyWriter) closeNotify() <-chan bool {
	return w.ResponseWriter.(closeNotifier).CloseNotify()
}

// Unwrap is for http.ResponseController.
func (w *replyWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }
