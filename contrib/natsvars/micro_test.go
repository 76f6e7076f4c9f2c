package natsvars_test

import (
	"testing"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/micro"

	"github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/contrib/natsvars"
	"github.com/gocontextvars/contextvars/wire"
)

// service adds one with the one endpoint "s".
func service(t testing.TB, in *natsvars.Conn, h micro.Handler) {
	t.Helper()
	s, err := micro.AddService(in.Conn, micro.Config{Name: "service", Version: "1.0.0"})
	check(t, err)
	t.Cleanup(func() { s.Stop() })
	check(t, s.AddEndpoint("s", h))
	check(t, in.Flush())
}

func TestMicroThereAndBack(t *testing.T) {
	shared := micro.Headers{"Shared": {"x"}}
	for name, respond := range map[string]func(r micro.Request) error{
		"Respond":     func(r micro.Request) error { return r.Respond([]byte(sees()), micro.WithHeaders(shared)) },
		"RespondJSON": func(r micro.Request) error { return r.RespondJSON(sees(), micro.WithHeaders(shared)) },
		"Error":       func(r micro.Request) error { return r.Error("400", "bad", []byte(sees()), micro.WithHeaders(shared)) },
	} {
		t.Run(name, func(t *testing.T) {
			out, in := conns(t, wire.Trusted())
			gone := withPayload(func() {
				defer who.Set("the service's").Restore()
				contextvars.Detach(func() {
					service(t, in, in.MicroHandler(micro.HandlerFunc(func(r micro.Request) {
						cost.Set("of " + sees())
						check(t, respond(r))
						who.Set("a leftover")
					})))
				})
			})
			for _, name := range []string{"the first's", "the second's"} {
				defer who.Set(name).Restore()
				defer cost.Set("nothing").Restore()
				reply, err := out.Request("s", nil, patience)
				check(t, err)
				if text := string(reply.Data); text != name && text != `"`+name+`"` {
					t.Errorf("the endpoint sees %s, want %s", text, name)
				}
				want(t, "the requester sees", cost.Get(), "of "+name)
				want(t, "other headers", reply.Header.Get("Shared"), "x")
			}
			want(t, "headers of the endpoint's own that were changed", len(shared)-1, 0)
			want(t, "held", held(gone), false)
		})
	}
}

func TestMicroWithoutVariables(t *testing.T) {
	out, in := conns(t, nil)
	who.With("the service's", func() {
		service(t, in, in.MicroHandler(micro.HandlerFunc(func(r micro.Request) { check(t, r.Respond([]byte(sees()))) })))
	})
	reply, err := out.RequestMsg(&nats.Msg{Subject: "s", Header: nats.Header{"baggage": {"who=theirs"}}}, patience)
	check(t, err)
	want(t, "the endpoint sees", string(reply.Data), "nothing")
}
