package natsvars_test

import (
	"runtime"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"go.uber.org/goleak"

	"github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/contrib/natsvars"
	"github.com/gocontextvars/contextvars/wire"
)

var (
	who  = contextvars.New[string]("who", wire.Travels(wire.AllHops))
	cost = contextvars.New[string]("cost", wire.Travels(wire.Back))
	// home does not travel.
	home = contextvars.New[string]("home")
	// payload tells by a weak pointer whether it is still held.
	payload = contextvars.New[*value]("payload")
)

type value struct{ _ [64]byte }

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// patience ends a test that would wait for ever.
const patience = 20 * time.Second

// start starts a server with JetStream that listens on loopback.
func start(t testing.TB, configure ...func(*server.Options)) *server.Server {
	t.Helper()
	o := &server.Options{Host: "127.0.0.1", Port: -1, NoSigs: true, NoLog: true, JetStream: true, StoreDir: t.TempDir()}
	for _, c := range configure {
		c(o)
	}
	s, err := server.NewServer(o)
	if err != nil {
		t.Fatal(err)
	}
	go s.Start()
	t.Cleanup(func() { s.Shutdown(); s.WaitForShutdown() })
	if !s.ReadyForConnections(patience) {
		t.Fatal("the server does not start")
	}
	return s
}

// dial connects to s without our help.
func dial(t testing.TB, s *server.Server, options ...nats.Option) *nats.Conn {
	t.Helper()
	nc, err := nats.Connect(s.ClientURL(), options...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(nc.Close)
	return nc
}

// conns returns a connection for who publishes and one for who subscribes.
func conns(t testing.TB, peer *wire.Peer) (out, in *natsvars.Conn) {
	t.Helper()
	s := start(t)
	return natsvars.New(dial(t, s), peer), natsvars.New(dial(t, s), peer)
}

// stream returns one that keeps what is published to "jobs.>".
func stream(t testing.TB, nc *nats.Conn) (jetstream.JetStream, jetstream.Stream) {
	t.Helper()
	js, err := jetstream.New(nc)
	check(t, err)
	s, err := js.CreateStream(t.Context(), jetstream.StreamConfig{Name: "JOBS", Subjects: []string{"jobs.>"}, Storage: jetstream.MemoryStorage})
	check(t, err)
	return js, s
}

// consumer returns a new one of the stream.
func consumer(t testing.TB, s jetstream.Stream, wait time.Duration) jetstream.Consumer {
	t.Helper()
	c, err := s.CreateConsumer(t.Context(), jetstream.ConsumerConfig{AckPolicy: jetstream.AckExplicitPolicy, AckWait: wait})
	check(t, err)
	return c
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// subscribed goes on when the server knows the subscription.
func subscribed(t testing.TB, nc *nats.Conn) func(*nats.Subscription, error) {
	return func(_ *nats.Subscription, err error) {
		t.Helper()
		check(t, err)
		check(t, nc.Flush())
	}
}

// take returns what comes next.
func take[T any](t testing.TB, from <-chan T) (v T) {
	t.Helper()
	select {
	case v = <-from:
	case <-time.After(patience):
		t.Fatal("nothing came")
	}
	return v
}

func want[T comparable](t testing.TB, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

// sees is what the running code sees of who.
func sees() string { return who.GetOr("nothing") }

// held reports whether something is still not gone when it had time to go.
func held(gone func() bool) bool {
	for end := time.Now().Add(time.Second); ; time.Sleep(time.Millisecond) { // nothing tells when a goroutine has gone on
		runtime.GC()
		if gone() {
			return false
		}
		if time.Now().After(end) {
			return true
		}
	}
}
