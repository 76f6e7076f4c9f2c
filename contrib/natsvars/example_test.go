package natsvars_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/contrib/natsvars"
	"github.com/gocontextvars/contextvars/wire"
)

var (
	requestID = contextvars.New[string]("request_id", wire.Travels(wire.AllHops))
	price     = contextvars.New[int]("price", wire.Travels(wire.Back))
)

// connected starts a NATS server, for the examples, and connects to it.
func connected() (nc *nats.Conn, stop func()) {
	dir, err := os.MkdirTemp("", "natsvars")
	if err != nil {
		log.Fatal(err)
	}
	s, err := server.NewServer(&server.Options{Host: "127.0.0.1", Port: -1, NoSigs: true, NoLog: true, JetStream: true, StoreDir: dir})
	if err != nil {
		log.Fatal(err)
	}
	s.Start()
	if !s.ReadyForConnections(10 * time.Second) {
		log.Fatal("the server does not start")
	}
	if nc, err = natsvars.Connect(s.ClientURL()); err != nil {
		log.Fatal(err)
	}
	return nc, func() {
		nc.Close()
		s.Shutdown()
		s.WaitForShutdown()
		os.RemoveAll(dir)
	}
}

func ExampleConn_Subscribe() {
	nc, stop := connected()
	defer stop()
	conn, done := natsvars.New(nc, wire.Trusted()), make(chan bool)
	conn.Subscribe("orders.*", func(m *nats.Msg) {
		fmt.Println(m.Subject, "for", requestID.Get())
		done <- true
	})

	requestID.With("r-1", func() { conn.Publish("orders.new", nil) })
	<-done
	requestID.With("r-2", func() { conn.Publish("orders.paid", nil) })
	<-done
	// Output:
	// orders.new for r-1
	// orders.paid for r-2
}

func ExampleConn_Request() {
	nc, stop := connected()
	defer stop()
	conn := natsvars.New(nc, wire.Trusted())
	conn.Subscribe("price", func(m *nats.Msg) {
		price.Set(42)
		conn.Respond(m, []byte("priced for "+requestID.Get()))
	})

	defer requestID.Set("r-1").Restore()
	reply, err := conn.Request("price", nil, time.Minute)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(string(reply.Data))
	fmt.Println("it is", price.Get())
	// Output:
	// priced for r-1
	// it is 42
}

func ExampleNewFunc() {
	nc, stop := connected()
	defer stop()
	partner := wire.NewPeer("partner", wire.Accept(requestID))
	conn := natsvars.NewFunc(nc, func(subject string) *wire.Peer {
		if subject == "partner.orders" {
			return partner
		}
		return nil // the public
	})
	done := make(chan bool)
	conn.Subscribe(">", func(m *nats.Msg) {
		fmt.Println(m.Subject, "is for", requestID.GetOr("nobody"))
		done <- true
	})

	// What anybody could send who may publish on the subjects.
	for _, subject := range []string{"partner.orders", "public.orders"} {
		m := nats.NewMsg(subject)
		m.Header.Set("baggage", "request_id=r-1")
		nc.PublishMsg(m)
		<-done
	}
	// Output:
	// partner.orders is for r-1
	// public.orders is for nobody
}

func ExampleConn_Consumer() {
	nc, stop := connected()
	defer stop()
	conn, ctx := natsvars.New(nc, wire.Trusted()), context.Background()
	js, err := jetstream.New(nc)
	if err != nil {
		log.Fatal(err)
	}
	stream, err := js.CreateStream(ctx, jetstream.StreamConfig{Name: "JOBS", Subjects: []string{"jobs.>"}})
	if err != nil {
		log.Fatal(err)
	}
	requestID.With("r-1", func() {
		if _, err := conn.Publisher(js).Publish(ctx, "jobs.mail", nil); err != nil {
			log.Fatal(err)
		}
	})

	consumer, err := stream.CreateConsumer(ctx, jetstream.ConsumerConfig{})
	if err != nil {
		log.Fatal(err)
	}
	done := make(chan bool, 2)
	jobs, err := conn.Consumer(consumer).Consume(func(m jetstream.Msg) {
		meta, _ := m.Metadata()
		fmt.Printf("%s for %s, delivery %d\n", m.Subject(), requestID.Get(), meta.NumDelivered)
		if meta.NumDelivered == 1 {
			m.Nak()
		} else {
			m.DoubleAck(ctx)
		}
		done <- true
	})
	if err != nil {
		log.Fatal(err)
	}
	<-done
	<-done
	jobs.Stop()
	// Output:
	// jobs.mail for r-1, delivery 1
	// jobs.mail for r-1, delivery 2
}

func ExampleHeader() {
	nc, stop := connected()
	defer stop()
	conn := natsvars.New(nc, wire.Trusted())
	sub, err := conn.SubscribeSync("orders")
	if err != nil {
		log.Fatal(err)
	}
	requestID.With("r-1", func() { conn.Publish("orders", nil) })

	m, err := sub.NextMsg(10 * time.Second)
	if err != nil {
		log.Fatal(err)
	}
	wire.Trusted().Extract(natsvars.Header(m.Header)).Run(func() {
		fmt.Println("an order for", requestID.Get())
	})
	// Output:
	// an order for r-1
}
