package connectvars_test

import (
	"context"
	"errors"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"connectrpc.com/connect"
	"go.uber.org/goleak"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/contrib/connectvars"
	"github.com/gocontextvars/contextvars/httpvars"
	"github.com/gocontextvars/contextvars/wire"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// value is large enough not to share memory with others, so that a weak pointer tells
// whether it is still held.
type value struct {
	name string
	_    [64]byte
}

var (
	who     = contextvars.New[string]("who", wire.Travels(wire.AllHops))
	once    = contextvars.New[string]("once", wire.Travels(wire.OneHop))
	answer  = contextvars.New[string]("answer", wire.Travels(wire.Back))
	payload = contextvars.New[*value]("payload") // does not travel
)

// open is a peer for all variables of these tests.
var open = wire.NewPeer("open", wire.Send(who, once, answer), wire.Accept(who, once, answer))

type text = wrapperspb.StringValue

// see is what the handlers of all kinds do with the text that a call has.
type see func(ctx context.Context, header http.Header, text string) (string, error)

// mux has a procedure of each kind.
func mux(see see, opts ...connect.HandlerOption) *http.ServeMux {
	m := http.NewServeMux()
	m.Handle("/test.Service/Unary", connect.NewUnaryHandler("/test.Service/Unary",
		func(ctx context.Context, req *connect.Request[text]) (*connect.Response[text], error) {
			saw, err := see(ctx, req.Header(), req.Msg.GetValue())
			if err != nil {
				return nil, err
			}
			return connect.NewResponse(wrapperspb.String(saw)), nil
		}, opts...))
	m.Handle("/test.Service/Client", connect.NewClientStreamHandler("/test.Service/Client",
		func(ctx context.Context, stream *connect.ClientStream[text]) (*connect.Response[text], error) {
			all := ""
			for stream.Receive() {
				all += stream.Msg().GetValue()
			}
			if err := stream.Err(); err != nil {
				return nil, err
			}
			saw, err := see(ctx, stream.RequestHeader(), all)
			if err != nil {
				return nil, err
			}
			return connect.NewResponse(wrapperspb.String(saw)), nil
		}, opts...))
	m.Handle("/test.Service/Server", connect.NewServerStreamHandler("/test.Service/Server",
		func(ctx context.Context, req *connect.Request[text], stream *connect.ServerStream[text]) error {
			saw, err := see(ctx, req.Header(), req.Msg.GetValue())
			if err != nil {
				return err
			}
			return stream.Send(wrapperspb.String(saw))
		}, opts...))
	m.Handle("/test.Service/Both", connect.NewBidiStreamHandler("/test.Service/Both",
		func(ctx context.Context, stream *connect.BidiStream[text, text]) error {
			for {
				in, err := stream.Receive()
				if errors.Is(err, io.EOF) {
					return nil
				}
				if err != nil {
					return err
				}
				saw, err := see(ctx, stream.RequestHeader(), in.GetValue())
				if err != nil {
					return err
				}
				if err := stream.Send(wrapperspb.String(saw)); err != nil {
					return err
				}
			}
		}, opts...))
	return m
}

// client is one for each procedure.
type client struct{ unary, client, server, both *connect.Client[text, text] }

func newClient(hc *http.Client, url string, opts ...connect.ClientOption) client {
	c := func(method string) *connect.Client[text, text] {
		return connect.NewClient[text, text](hc, url+"/test.Service/"+method, opts...)
	}
	return client{c("Unary"), c("Client"), c("Server"), c("Both")}
}

// kinds makes a call of each kind, with headers as in a request, and returns what the handler
// has answered with.
var kinds = map[string]func(ctx context.Context, c client, in string, headers ...string) (string, error){
	"unary": func(ctx context.Context, c client, in string, headers ...string) (string, error) {
		req := connect.NewRequest(wrapperspb.String(in))
		add(req.Header(), headers)
		resp, err := c.unary.CallUnary(ctx, req)
		if err != nil {
			return "", err
		}
		return resp.Msg.GetValue(), nil
	},
	"client stream": func(ctx context.Context, c client, in string, headers ...string) (string, error) {
		stream := c.client.CallClientStream(ctx)
		add(stream.RequestHeader(), headers)
		if err := stream.Send(wrapperspb.String(in)); err != nil && !errors.Is(err, io.EOF) {
			return "", err
		}
		resp, err := stream.CloseAndReceive()
		if err != nil {
			return "", err
		}
		return resp.Msg.GetValue(), nil
	},
	"server stream": func(ctx context.Context, c client, in string, headers ...string) (string, error) {
		req := connect.NewRequest(wrapperspb.String(in))
		add(req.Header(), headers)
		stream, err := c.server.CallServerStream(ctx, req)
		if err != nil {
			return "", err
		}
		out := ""
		for stream.Receive() {
			out += stream.Msg().GetValue()
		}
		return out, errors.Join(stream.Err(), stream.Close())
	},
	"both stream": func(ctx context.Context, c client, in string, headers ...string) (string, error) {
		stream := c.both.CallBidiStream(ctx)
		add(stream.RequestHeader(), headers)
		if err := stream.Send(wrapperspb.String(in)); err != nil && !errors.Is(err, io.EOF) {
			return "", err
		}
		if err := stream.CloseRequest(); err != nil {
			return "", err
		}
		return toEnd(stream)
	},
}

func toEnd(stream *connect.BidiStreamForClient[text, text]) (out string, err error) {
	for {
		msg, err := stream.Receive()
		if errors.Is(err, io.EOF) {
			return out, stream.CloseResponse()
		}
		if err != nil {
			return out, errors.Join(err, stream.CloseResponse())
		}
		out += msg.GetValue()
	}
}

// add leaves the keys as they are spelled.
func add(h http.Header, pairs []string) {
	for i := 0; i < len(pairs); i += 2 {
		h[pairs[i]] = append(h[pairs[i]], pairs[i+1])
	}
}

// protocol is what calls are made over.
type protocol struct {
	name string
	h2   bool // HTTP/2 without TLS; else HTTP/1.1
	opts []connect.ClientOption
}

var protocols = []protocol{
	{"Connect over HTTP/1.1", false, nil},
	{"Connect over HTTP/2", true, nil},
	{"gRPC over HTTP/2", true, []connect.ClientOption{connect.WithGRPC()}},
	{"gRPC-Web over HTTP/1.1", false, []connect.ClientOption{connect.WithGRPCWeb()}},
	{"gRPC-Web over HTTP/2", true, []connect.ClientOption{connect.WithGRPCWeb()}},
}

type caller = func(ctx context.Context, c client, in string, headers ...string) (string, error)

// forEach runs a test for each protocol and each kind of call that it can do.
func forEach(t *testing.T, f func(t *testing.T, p protocol, call caller)) {
	for _, p := range protocols {
		for name, call := range kinds {
			if name == "both stream" && !p.h2 {
				continue
			}
			t.Run(p.name+"/"+name, func(t *testing.T) { f(t, p, call) })
		}
	}
}

// serve serves h on loopback until the test ends.
func serve(t testing.TB, h http.Handler) (url string) {
	t.Helper()
	s := httptest.NewUnstartedServer(h)
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.Config.Protocols = new(http.Protocols)
	s.Config.Protocols.SetHTTP1(true)
	s.Config.Protocols.SetUnencryptedHTTP2(true)
	s.Start()
	t.Cleanup(s.Close)
	return s.URL
}

// handling are the options of handlers with an interceptor for the peer.
func handling(peer *wire.Peer) connect.HandlerOption {
	return connect.WithInterceptors(connectvars.Interceptor(peer))
}

// transport returns an http.Transport for the protocol that is closed when the test ends.
func (p protocol) transport(t testing.TB) *http.Transport {
	tr := &http.Transport{Protocols: new(http.Protocols)}
	tr.Protocols.SetHTTP1(!p.h2)
	tr.Protocols.SetUnencryptedHTTP2(p.h2)
	t.Cleanup(tr.CloseIdleConnections)
	return tr
}

// client returns one with an interceptor for the peer.
func (p protocol) client(t testing.TB, url string, peer *wire.Peer) client {
	return p.clientWith(t, url, connectvars.Interceptor(peer))
}

func (p protocol) clientWith(t testing.TB, url string, interceptors ...connect.Interceptor) client {
	hc := &http.Client{Transport: httpvars.Transport(p.transport(t))}
	return newClient(hc, url, append([]connect.ClientOption{connect.WithInterceptors(interceptors...)}, p.opts...)...)
}

// seen has handlers write what they see to a channel.
func seen() (chan string, see) {
	c := make(chan string, 1)
	return c, func(context.Context, http.Header, string) (string, error) {
		c <- who.GetOr("nothing")
		return "", nil
	}
}

// baggage has handlers write what was on the wire to a channel.
func baggage() (chan string, see) {
	c := make(chan string, 1)
	return c, func(_ context.Context, h http.Header, _ string) (string, error) {
		if slices.Contains(h.Values("baggage"), "") {
			return "", errors.New("there is an empty baggage")
		}
		c <- strings.Join(h.Values("baggage"), " and ")
		return "", nil
	}
}

func want[T comparable](t testing.TB, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

func noError(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// held reports whether there is something that is not dead after a number of collections.
func held(dead func() bool) bool {
	for range 20 {
		runtime.GC()
		if dead() {
			return false
		}
		time.Sleep(time.Millisecond) // finalizers run on a goroutine of their own
	}
	return true
}
