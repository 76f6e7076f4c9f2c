package main

import (
	"errors"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"

	"github.com/gocontextvars/contextvars/contrib/natsvars"
	"github.com/gocontextvars/contextvars/wire"
)

// underWay is how many messages are at most.
const underWay = 256

// Messages and requests from one connection to another one, through a server in this process.
var (
	natsPublish = comparison{
		name:   "nats/publish",
		title:  "NATS message published and received, 256 under way, 4 variables",
		length: 5 * time.Millisecond,
		sides: []side{
			{"nats", func(b *bed) (loop, error) {
				b.carry(four)
				publisher, subscriber, err := natsConns(b, nats.Connect)
				if err != nil {
					return nil, err
				}
				results := make(chan bool, underWay)
				_, err = subscriber.Subscribe("s", func(*nats.Msg) { results <- true })
				return published(publisher.Publish, results), errors.Join(err, subscriber.Flush())
			}},
			{"natsvars", func(b *bed) (loop, error) {
				c := b.carry(four)
				publisher, subscriber, err := natsConns(b, natsvars.Connect)
				if err != nil {
					return nil, err
				}
				out, in := natsvars.New(publisher, wire.Trusted()), natsvars.New(subscriber, wire.Trusted())
				results := make(chan bool, underWay)
				_, err = in.Subscribe("s", func(*nats.Msg) { results <- c.arrived() })
				return published(out.Publish, results), errors.Join(err, in.Flush())
			}},
		},
	}

	natsRequest = comparison{
		name:  "nats/request",
		title: "NATS request and reply, 4 variables",
		sides: []side{
			{"nats", func(b *bed) (loop, error) {
				b.carry(four)
				client, service, err := natsConns(b, nats.Connect)
				if err != nil {
					return nil, err
				}
				_, err = service.Subscribe("s", func(m *nats.Msg) { m.Respond(right) })
				return requested(client.Request), errors.Join(err, service.Flush())
			}},
			{"natsvars", func(b *bed) (loop, error) {
				c := b.carry(four)
				client, service, err := natsConns(b, natsvars.Connect)
				if err != nil {
					return nil, err
				}
				out, in := natsvars.New(client, wire.Trusted()), natsvars.New(service, wire.Trusted())
				_, err = in.Subscribe("s", func(m *nats.Msg) {
					if c.arrived() {
						in.Respond(m, right)
					} else {
						in.Respond(m, wrong)
					}
				})
				return requested(out.Request), errors.Join(err, in.Flush())
			}},
		},
	}
)

// natsConns starts a server and connects to it twice.
func natsConns(b *bed, connect func(string, ...nats.Option) (*nats.Conn, error)) (from, to *nats.Conn, err error) {
	s, err := server.NewServer(&server.Options{Host: "127.0.0.1", Port: -1, NoSigs: true, NoLog: true})
	if err != nil {
		return nil, nil, err
	}
	go s.Start()
	b.atEnd(func() { s.Shutdown(); s.WaitForShutdown() })
	if !s.ReadyForConnections(patience) {
		return nil, nil, errors.New("the NATS server does not start")
	}
	if from, err = connect(s.ClientURL()); err != nil {
		return nil, nil, err
	}
	b.atEnd(from.Close)
	if to, err = connect(s.ClientURL()); err != nil {
		return nil, nil, err
	}
	b.atEnd(to.Close)
	return from, to, nil
}

// published returns the loop of messages whose handler sends its result.
func published(publish func(subject string, data []byte) error, results <-chan bool) loop {
	return func(n int) (right int, err error) {
		take := func() {
			if <-results {
				right++
			}
		}
		for i := range n {
			if i >= underWay {
				take()
			}
			if err := publish("s", nil); err != nil {
				return right, err
			}
		}
		for range min(n, underWay) {
			take()
		}
		return right, nil
	}
}

func requested(request func(subject string, data []byte, timeout time.Duration) (*nats.Msg, error)) loop {
	return func(n int) (ok int, err error) {
		for range n {
			reply, err := request("s", nil, patience)
			if err != nil {
				return ok, err
			}
			if string(reply.Data) == string(right) {
				ok++
			}
		}
		return ok, nil
	}
}
