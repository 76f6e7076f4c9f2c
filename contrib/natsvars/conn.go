package natsvars

import (
	"github.com/nats-io/nats.go"

	"github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/wire"
)

// A Conn is a *nats.Conn that carries variables. The methods that are not documented here
// are those of the *nats.Conn, and carry nothing. It may be used by any number of
// goroutines, and there may be several for one connection.
type Conn struct {
	*nats.Conn
	peerOf func(subject string) *wire.Peer
}

// New returns nc with methods that carry what the peer is open for, on all subjects. A nil
// peer is closed: nothing is sent and nothing accepted, and handlers still run in Contexts
// of their own.
//
// It panics if nc is nil.
func New(nc *nats.Conn, peer *wire.Peer) *Conn {
	return NewFunc(nc, func(string) *wire.Peer { return peer })
}

// NewFunc is [New] with a peer for each subject. It is the subject that a message is
// published to, without wildcards, and for a reply that of the request. A nil *wire.Peer is
// closed.
//
// The func is called for each message, by any number of goroutines. On the receiving side
// it sees no variables.
//
// It panics if nc or peerOf is nil.
func NewFunc(nc *nats.Conn, peerOf func(subject string) *wire.Peer) *Conn {
	if nc == nil {
		panic("natsvars: New was given a nil *nats.Conn; connect first, with natsvars.Connect")
	}
	if peerOf == nil {
		panic("natsvars: NewFunc was given a nil func; give it one that returns the *wire.Peer of a subject, nil for none")
	}
	return &Conn{nc, peerOf}
}

// Connect is nats.Connect, but the goroutines of the connection, which live as long as it
// does, hold nothing of the caller's variables. Handlers that they call, such as those of
// nats.ReconnectHandler and nats.ErrorHandler, see none: bind them, with
// [contextvars.Bind1] for instance, if they shall. Functions that are called while it
// connects, such as those of nats.UserJWT, see the caller's.
func Connect(url string, options ...nats.Option) (nc *nats.Conn, err error) {
	contextvars.Lend(func() { nc, err = nats.Connect(url, options...) })
	return nc, err
}

// ForceReconnect is that of the *nats.Conn, but the new goroutines of the connection hold
// nothing of the caller's variables.
func (c *Conn) ForceReconnect() (err error) {
	contextvars.Detach(func() { err = c.Conn.ForceReconnect() })
	return err
}
