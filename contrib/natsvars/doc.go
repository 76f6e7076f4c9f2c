// Package natsvars carries context variables over NATS, with github.com/nats-io/nats.go:
// with messages, with requests and their replies, through JetStream, and to services of
// package micro.
//
//	nc, err := natsvars.Connect(url)
//	...
//	conn := natsvars.New(nc, wire.Trusted())
//
//	conn.Subscribe("orders.*", func(m *nats.Msg) { log.Println(requestID.Get()) })
//	...
//	defer requestID.Set("r-1").Restore()
//	conn.Publish("orders.new", data) // the subscriber logs r-1
//
// A [Conn] is a *nats.Conn whose methods that send put the current values of variables into
// the message's headers, and whose handlers run each message in a Context of its own, with
// the values that came with it. Which variables cross is said once, where they are made,
// and by the [wire.Peer]; nothing crosses to or from a peer that is not open for it. NATS
// grants permissions by subject, so who is on the other side may be told by that: see
// [NewFunc].
//
// Without help the goroutine of a subscription has the variables of whoever subscribed, and
// so does each handler, for ever; what one sets and does not restore, the next one sees.
// What was set where a message was published is not seen at all. And the goroutines of the
// connection hold all that was set where it was made, and those of requests and of
// JetStream what was set at the first one. Here none of them holds anything.
//
// # What it costs
//
// Publishing costs what [wire.Peer.Inject] costs, two small allocations, and a map for the
// headers if there is something to carry. A message costs what [wire.Peer.Extract] costs,
// and a Context. With four variables that is some microseconds for a message there, a tenth
// of a request and its reply on loopback; see the benchmarks. Headers count against the
// server's max_payload.
//
// # What it does not promise
//
// That all of package nats carries. Methods of a *nats.Conn that Conn does not have itself
// are those of the library, and carry nothing. So do key-value and object stores. A
// consumer that takes messages by itself, from a channel, by NextMsg, or from an iterator,
// enters what came with each of them by itself, too: see [Header].
//
// That headers are whose they say. Who may publish on a subject can write what it wants
// into them, and the server does not look at them. A stream keeps them: the values of
// variables are stored with the message, and are there again with each redelivery.
//
// A connection to a server without headers (no_header_support) sends messages without
// variables. So does one that waits for its first server (nats.RetryOnFailedConnect), since
// it does not know yet.
package natsvars
