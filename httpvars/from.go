package httpvars

import (
	"fmt"
	"net/http"

	"github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/wire"
)

// HandlerFrom is [Handler] with the variables that the peer has sent with the request, as far
// as it is open for them. With next's reply it gets those that have
// [wire.Back], as they are in the request's context when the header of the response is written.
//
// A nil peer is closed: it is what the public side gets. Which peer a connection leads to must be
// known from the connection, not from what the request says: from the address that the server listens
// at, or with [HandlerFromFunc] from the client's certificate.
//
// A request is never refused because of what it carries: see package wire. The header stays
// in the Request, for others that read baggage.
//
// Where the peer gets replies, the ResponseWriter that next sees is one around the server's, which
// has Flush, Hijack, Push and ReadFrom if that has them; http.ResponseController does what it can do.
//
// The cost is that of [Handler], some 100 ns for each variable, and with replies one allocation.
func HandlerFrom(next http.Handler, peer *wire.Peer) http.Handler {
	checkHandler("HandlerFrom", next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { serve(next, w, r, peer) })
}

// HandlerFromFunc is [HandlerFrom] for a server with clients of several kinds: peer returns the one that
// sent the request, nil for the public. It runs in the server's context.
func HandlerFromFunc(next http.Handler, peer func(*http.Request) *wire.Peer) http.Handler {
	checkHandler("HandlerFromFunc", next)
	checkPeerFunc("HandlerFromFunc", peer)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { serve(next, w, r, peer(r)) })
}

func checkPeerFunc(call string, peer func(*http.Request) *wire.Peer) {
	if peer == nil {
		panic(fmt.Sprintf("httpvars: %s was given a nil func; give it one that returns the *wire.Peer of a request", call))
	}
}

func serve(next http.Handler, w http.ResponseWriter, r *http.Request, peer *wire.Peer) {
	ctx := peer.Extract(header(r.Header))
	if !peer.Replies() {
		ctx.Run(func() { next.ServeHTTP(w, r) })
		return
	}
	reply := &replyWriter{ResponseWriter: w, peer: peer, ctx: ctx}
	ctx.Run(func() { next.ServeHTTP(reply.asAbleAs(w), r) })
	reply.inject()
}

// header is an http.Header as a carrier, with keys as package wire has them.
type header http.Header

// Keys as http.Header has them, so that no request makes them anew.
const (
	requestKey  = "Baggage"
	responseKey = "Baggage-Reply"
)

func headerKey(key string) string {
	if key == wire.ReplyKey {
		return responseKey
	}
	return requestKey
}

func (h header) Values(key string) []string { return h[headerKey(key)] }
func (h header) Set(key, value string)      { h[headerKey(key)] = []string{value} }

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

// Unwrap is for http.ResponseController.
func (w *replyWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }
