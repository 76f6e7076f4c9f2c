// Package wire carries context variables to other processes and back, as W3C
// Baggage, which programs in other languages read as well.
//
// A variable says once, where it is made, that it travels, how far, and how its
// values are written:
//
//	var (
//		tenant = contextvars.New[string]("tenant", wire.Travels(wire.AllHops))
//		debug  = contextvars.New[bool]("debug", wire.Travels(wire.OneHop))
//		user   = contextvars.New[User]("user", wire.Travels(wire.AllHops, wire.Encoding(wire.JSON[User]())))
//		cost   = contextvars.New[int]("cost", wire.Travels(wire.Back))
//	)
//
// A [Peer] is the other side of a connection, and says which variables cross to
// it and from it. It is closed but for what is opened:
//
//	var ledger = wire.NewPeer("ledger", wire.Send(tenant, user), wire.Accept(cost))
//
// A nil *Peer is closed both ways; it is what the public side gets. [Trusted]
// is for one's own processes.
//
// Most programs need no more than this, and give the peer to an integration:
// package httpvars, or one of those under contrib for gRPC, NATS, OpenTelemetry and
// others. They call [Peer.Inject] where a request is sent, [Peer.Extract] where it arrives,
// and [Peer.InjectReply] and [Peer.ExtractReply] for the way back. Any carrier of text
// will do for these: see [Carrier].
//
// # What is on the wire
//
// The format is https://www.w3.org/TR/baggage/, under the key "baggage", with its limits:
// [MaxMembers] and [MaxBytes]. The member's key is the variable's name, or what [As]
// says. Its value is percent-encoded. A variable that goes [OneHop] bears the property
// hops=1. Replies have the same format under the key "baggage-reply", which
// is this package's own: the specification has none for them.
//
// Entries that this process does not know go on unchanged to peers that
// [PassUnknown] opens, from those that it opens. A context that has such entries, or values that do not
// go everywhere, holds a variable wire.arrival beside those that came, which remembers that.
//
// # Other languages
//
// Any implementation of W3C Baggage reads and writes these lists. Where they go beyond the
// specification, or fall short of it, variables meet that (Node's core 2.12 of OpenTelemetry, with the
// tests in node_test.go, and Python's by its source):
//
//   - Properties are opaque to Node and a part of the value to Python: it reads debug=true;hops=1 as
//     the value "true;hops=1". Both send on what goes one hop, Python without the property. So
//     [OneHop] is a promise among processes with this package.
//   - Node drops empty values, and entries of more than 4096 bytes.
//   - Node undoes percent-encoding in keys, Python also that of a plus sign, and cuts space off. What such a
//     reader would take for a variable of ours is neither passed on nor left in a
//     carrier, and variables stand last, where for all of them the last one of a key counts.
//
// # What it does not promise
//
// That a variable arrives: its value may be refused, or the list that it is in may be over a limit
// because of what others have added. Never let the absence of a value, or a
// default, grant anything.
//
// Baggage is neither signed nor encrypted. Who sends it can write what it wants, so a peer is as
// far to be trusted as the connection to it: decide who it is by its
// certificate or network, not by what it says. Where the sender's values have to be
// proved, carry a token that can be checked.
//
// A request never fails because of what it carries. What is malformed, too large, not
// allowed, or refused by its codec is dropped, and a [Report] says so. Two
// rules of the specification are read strictly: a value whose bytes are not UTF-8 is
// dropped, where the specification puts U+FFFD for them, since half a tenant's name is another
// tenant's; and a list that is over a limit is dropped as a whole.
package wire
