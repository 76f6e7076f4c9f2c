package natsvars

import (
	"context"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/gocontextvars/contextvars"
)

// Publisher returns js with methods that publish with the current values of the variables
// that go to the subject's peer. A jetstream.JetStream is a Publisher:
//
//	js, err := jetstream.New(nc)
//	...
//	orders := conn.Publisher(js)
//	ack, err := orders.Publish(ctx, "orders.new", data, jetstream.WithMsgID(id))
//
// The stream keeps the values with the message. Messages are not changed: Msg of a
// PubAckFuture is the one that was sent, with the variables. What answers is the server, so
// nothing comes back.
//
// The goroutines that the first PublishAsync starts hold nothing of the caller's variables.
// The handler of jetstream.WithPublishAsyncErrHandler sees none.
//
// It panics if js is nil.
func (c *Conn) Publisher(js jetstream.Publisher) jetstream.Publisher {
	if js == nil {
		panic("natsvars: Conn.Publisher was given a nil jetstream.Publisher; make one with jetstream.New")
	}
	return &publisher{js, c}
}

type publisher struct {
	jetstream.Publisher
	conn *Conn
}

func (p *publisher) Publish(ctx context.Context, subject string, data []byte, opts ...jetstream.PublishOpt) (*jetstream.PubAck, error) {
	return p.PublishMsg(ctx, &nats.Msg{Subject: subject, Data: data}, opts...)
}

func (p *publisher) PublishMsg(ctx context.Context, m *nats.Msg, opts ...jetstream.PublishOpt) (ack *jetstream.PubAck, err error) {
	out := p.conn.withVariables(m)
	contextvars.Lend(func() { ack, err = p.Publisher.PublishMsg(ctx, out, opts...) })
	return ack, err
}

func (p *publisher) PublishAsync(subject string, data []byte, opts ...jetstream.PublishOpt) (jetstream.PubAckFuture, error) {
	return p.PublishMsgAsync(&nats.Msg{Subject: subject, Data: data}, opts...)
}

func (p *publisher) PublishMsgAsync(m *nats.Msg, opts ...jetstream.PublishOpt) (ack jetstream.PubAckFuture, err error) {
	out := p.conn.withVariables(m)
	contextvars.Lend(func() { ack, err = p.Publisher.PublishMsgAsync(out, opts...) })
	return ack, err
}

// Consumer returns a consumer whose Consume calls the handler in a Context of its own for
// each message, with the values that it was published with: see [Conn.Handler]. A message
// that is delivered again has them again. Its other methods return messages whose headers
// are to be entered by who takes them: see [Header].
//
// The goroutines of the consumer hold nothing of the caller's variables.
//
// It panics if consumer is nil.
func (c *Conn) Consumer(consumer jetstream.Consumer) jetstream.Consumer {
	if consumer == nil {
		panic("natsvars: Conn.Consumer was given a nil jetstream.Consumer; get one from a stream")
	}
	return &pullConsumer{consumer, c}
}

type pullConsumer struct {
	jetstream.Consumer
	conn *Conn
}

func (p *pullConsumer) Consume(f jetstream.MessageHandler, opts ...jetstream.PullConsumeOpt) (cc jetstream.ConsumeContext, err error) {
	contextvars.Detach(func() { cc, err = p.Consumer.Consume(p.conn.messageHandler(f), opts...) })
	return cc, err
}

func (p *pullConsumer) Messages(opts ...jetstream.PullMessagesOpt) (mc jetstream.MessagesContext, err error) {
	contextvars.Detach(func() { mc, err = p.Consumer.Messages(opts...) })
	return mc, err
}

func (p *pullConsumer) Fetch(batch int, opts ...jetstream.FetchOpt) (b jetstream.MessageBatch, err error) {
	contextvars.Detach(func() { b, err = p.Consumer.Fetch(batch, opts...) })
	return b, err
}

func (p *pullConsumer) FetchBytes(maxBytes int, opts ...jetstream.FetchOpt) (b jetstream.MessageBatch, err error) {
	contextvars.Detach(func() { b, err = p.Consumer.FetchBytes(maxBytes, opts...) })
	return b, err
}

func (p *pullConsumer) FetchNoWait(batch int) (b jetstream.MessageBatch, err error) {
	contextvars.Detach(func() { b, err = p.Consumer.FetchNoWait(batch) })
	return b, err
}

func (p *pullConsumer) Next(opts ...jetstream.FetchOpt) (m jetstream.Msg, err error) {
	contextvars.Detach(func() { m, err = p.Consumer.Next(opts...) })
	return m, err
}

// PushConsumer is [Conn.Consumer] for a consumer that the server pushes messages to.
func (c *Conn) PushConsumer(consumer jetstream.PushConsumer) jetstream.PushConsumer {
	if consumer == nil {
		panic("natsvars: Conn.PushConsumer was given a nil jetstream.PushConsumer; get one from a stream")
	}
	return &pushConsumer{consumer, c}
}

type pushConsumer struct {
	jetstream.PushConsumer
	conn *Conn
}

func (p *pushConsumer) Consume(f jetstream.MessageHandler, opts ...jetstream.PushConsumeOpt) (cc jetstream.ConsumeContext, err error) {
	contextvars.Detach(func() { cc, err = p.PushConsumer.Consume(p.conn.messageHandler(f), opts...) })
	return cc, err
}

func (c *Conn) messageHandler(f jetstream.MessageHandler) jetstream.MessageHandler {
	if f == nil {
		return nil // that is for the library to refuse
	}
	return func(m jetstream.Msg) { c.handle(m.Subject(), m.Headers(), func() { f(m) }) }
}
