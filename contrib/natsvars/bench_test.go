package natsvars_test

import (
	"testing"

	"github.com/nats-io/nats.go"

	"github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/contrib/natsvars"
	"github.com/gocontextvars/contextvars/wire"
)

// four are what a request carries in the benchmarks.
var four = []*contextvars.ContextVar[string]{
	contextvars.New[string]("bench.request", wire.Travels(wire.AllHops)),
	contextvars.New[string]("bench.tenant", wire.Travels(wire.AllHops)),
	contextvars.New[string]("bench.user", wire.Travels(wire.AllHops)),
	contextvars.New[string]("bench.region", wire.Travels(wire.AllHops)),
}

// measured is a way to send and take messages.
type measured struct {
	name    string
	out, in *natsvars.Conn // nil for the library alone
	by, at  *nats.Conn
}

func ways(b *testing.B) []measured {
	s := start(b)
	by, at := dial(b, s), dial(b, s)
	return []measured{
		{"nats", nil, nil, by, at},
		{"natsvars, closed peer", natsvars.New(by, nil), natsvars.New(at, nil), by, at},
		{"natsvars, 4 variables", natsvars.New(by, wire.Trusted()), natsvars.New(at, wire.Trusted()), by, at},
	}
}

// withFour runs f where the four are set.
func withFour(f func()) {
	contextvars.NewContext().Run(func() {
		for _, v := range four {
			v.Set("value of " + v.Name())
		}
		f()
	})
}

// BenchmarkPublishAndReceive is of a stream of messages, of which up to 256 are under way.
func BenchmarkPublishAndReceive(b *testing.B) {
	for _, w := range ways(b) {
		b.Run(w.name, func(b *testing.B) {
			room := make(chan bool, 256)
			subscribe, publish := w.at.Subscribe, w.by.Publish
			if w.out != nil {
				subscribe, publish = w.in.Subscribe, w.out.Publish
			}
			sub, err := subscribe("s", func(*nats.Msg) { <-room })
			check(b, err)
			defer sub.Unsubscribe()
			check(b, w.at.Flush())
			withFour(func() {
				b.ReportAllocs()
				for b.Loop() {
					room <- true
					check(b, publish("s", nil))
				}
				for range cap(room) {
					room <- true
				}
			})
		})
	}
}

func BenchmarkRequestReply(b *testing.B) {
	for _, w := range ways(b) {
		b.Run(w.name, func(b *testing.B) {
			subscribe, request, respond := w.at.Subscribe, w.by.Request, (*nats.Msg).Respond
			if w.out != nil {
				subscribe, request, respond = w.in.Subscribe, w.out.Request, w.in.Respond
			}
			sub, err := subscribe("s", func(m *nats.Msg) { respond(m, nil) })
			check(b, err)
			defer sub.Unsubscribe()
			check(b, w.at.Flush())
			withFour(func() {
				b.ReportAllocs()
				for b.Loop() {
					_, err := request("s", nil, patience)
					check(b, err)
				}
			})
		})
	}
}
