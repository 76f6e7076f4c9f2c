package main

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/nats-io/nats.go"
	"github.com/panjf2000/ants/v2"
	"github.com/sourcegraph/conc/pool"

	"github.com/gocontextvars/contextvars/wire"
)

func TestComparisonsAreWellMade(t *testing.T) {
	names := map[string]bool{}
	for _, c := range comparisons {
		if names[c.name] || c.title == "" || len(c.sides) < 2 {
			t.Errorf("%s: is there twice, or has no title or no sides", c.name)
		}
		names[c.name] = true
		for _, l := range c.limits {
			if l.of == l.to || l.of >= len(c.sides) || l.to >= len(c.sides) || l.ns > 0 && l.ratio > 0 {
				t.Errorf("%s: limit %+v", c.name, l)
			}
		}
	}
}

func TestCargoChangesWithEachTrip(t *testing.T) {
	b := new(bed)
	c := b.carry(four)
	var before []string
	for range 2 {
		for _, f := range b.befores {
			f()
		}
		if !c.arrived() {
			t.Error("the variables are not what is loaded")
		}
		for i, v := range *c.values.Load() {
			if len(v) != 16 || before != nil && before[i] == v {
				t.Errorf("%q, after %q", v, before)
			}
		}
		before = *c.values.Load()
	}
	four[2].Set("another's")
	if c.arrived() {
		t.Error("another's value is taken for the cargo's")
	}
}

// Each of these looks for values that nothing carries. In the first sample some find them by
// inheritance, as a pool's worker does which that sample starts.
func TestLostValuesAreFound(t *testing.T) {
	tests := map[string]func(*bed) (loop, error){
		"http: nothing is sent":        (&httpSide{handler: handlerFrom, arrived: fourVariables}).start,
		"http: nothing is taken":       (&httpSide{transport: transportTo, arrived: fourVariables}).start,
		"http: no headers are set":     (&httpSide{arrived: fourHeaders}).start,
		"wire: a closed peer":          wirePeer(nil),
		"otelvars: a closed peer":      otelPropagator(nil),
		"slog: no variables are added": logging(func(x *text) func() { return plainSlog(x) }),
		"a pool's worker keeps the first": pooled(true, func(b *bed) (func(func()) error, error) {
			p, err := ants.NewPool(1)
			b.atEnd(p.Release)
			return p.Submit, err
		}),
		"so does one of conc": pooled(true, concOf((*pool.Pool).Go)),
		"grpc: no interceptors": func(b *bed) (loop, error) {
			return grpcCalls(b, (*cargo).arrived, nil, nil)
		},
		"connect: no interceptors": func(b *bed) (loop, error) {
			return connectCalls(b, b.client(), (*cargo).arrived)
		},
		"nats: nothing is published with the message": func(b *bed) (loop, error) {
			c := b.carry(four)
			out, in, err := natsConns(b, nats.Connect)
			if err != nil {
				return nil, err
			}
			results := make(chan bool, underWay)
			_, err = in.Subscribe("s", func(*nats.Msg) { results <- c.arrived() })
			return published(out.Publish, results), errors.Join(err, in.Flush())
		},
		"nats: the service says no": func(b *bed) (loop, error) {
			out, in, err := natsConns(b, nats.Connect)
			if err != nil {
				return nil, err
			}
			_, err = in.Subscribe("s", func(m *nats.Msg) { m.Respond(wrong) })
			return requested(out.Request), errors.Join(err, in.Flush())
		},
		"temporal: there is no header": func(b *bed) (loop, error) {
			c := b.carry(four)
			return activities(temporalFor(wire.Trusted()), func() {}, c.arrived), nil
		},
		"river: no plugin": func(b *bed) (loop, error) { return riverJobs(b, b.carry(four).arrived, nil) },
		"sql: nothing is committed": func(*bed) (loop, error) {
			return new(idle).counted(func() error { return nil }), nil
		},
		"sql: nothing is updated": func(b *bed) (loop, error) {
			db, err := b.openSQLite()
			return updated(db, func(context.Context) error { return nil }), err
		},
		"sync: another result": func(*bed) (loop, error) { return again(func() int { return 0 }), nil },
		"sync: the work sees nothing": func(*bed) (loop, error) {
			return done(func(f func() (bool, error)) (bool, error, bool) { v, err := f(); return v, err, false },
				func() (bool, error) { return false, nil }), nil
		},
	}
	for name, start := range tests {
		t.Run(name, func(t *testing.T) {
			st := open(side{name, start})
			defer st.close()
			st.run(request{n: 2})
			if got := st.run(request{n: 3}).fault; !strings.HasPrefix(got, "wrong: ") {
				t.Errorf("fault %q", got)
			}
		})
	}
}

// The integrations' sides have to look at the variables: they are set to others here than the side expects.
func TestSidesThatLookAtVariables(t *testing.T) {
	look := map[string]bool{}
	for _, c := range comparisons {
		for _, s := range c.sides {
			st := open(side{s.name, func(b *bed) (loop, error) {
				l, err := s.start(b)
				b.before(func() {
					for _, v := range append(eight[:], logRequest, user) {
						v.Set("another's")
					}
				})
				return l, err
			}})
			fault := st.run(request{n: 2}).fault
			st.close()
			if strings.HasPrefix(fault, "wrong: ") {
				look[c.name+": "+s.name] = true
			} else if fault != "" {
				t.Errorf("%s: %s: %s", c.name, s.name, fault)
			}
		}
	}
	want := map[string]bool{
		"http: httpvars":               true,
		"baggage: wire.Peer":           true,
		"baggage: otelvars.Propagator": true,
		"slog: slogvars":               true,
		"zap: zapvars":                 true,
		"zerolog: zerologvars":         true,
		"ants: antsvars":               true,
		"pond: pondvars":               true,
		"conc: concvars":               true,
		"grpc: grpcvars":               true,
		"connect: connectvars":         true,
		"nats/publish: natsvars":       true,
		"nats/request: natsvars":       true,
		"temporal: temporalvars":       true,
		"river: rivervars":             true,
		// singleflight's work sees its first caller's variables.
		"sync/Group: singleflight":                          true,
		"sync/Group: singleflight, the variable in the key": true,
		"sync/Group: syncvars.With the variable":            true,
	}
	if !maps.Equal(look, want) {
		t.Errorf("these look at variables: %v, want %v", slices.Sorted(maps.Keys(look)), slices.Sorted(maps.Keys(want)))
	}
}

func plainSlog(x *text) func() {
	x.want = []byte("request_id")
	l := slog.New(slog.NewJSONHandler(x, nil))
	return func() { l.Info("request served") }
}

func TestSpansThatAreNoChildren(t *testing.T) {
	b := new(bed)
	defer b.end()
	tracer := newTracerProvider(b).Tracer("test")
	_, one := tracer.Start(context.Background(), "one")
	_, another := tracer.Start(context.Background(), "another")
	if isChild(one, another) {
		t.Error("a root is taken for a child")
	}
}

func TestErrorsOfCalls(t *testing.T) {
	broken := errors.New("broken")
	tests := map[string]func(*bed) (loop, error){
		"a side that does not start": func(*bed) (loop, error) { return nil, broken },
		"submit": pooled(true, func(*bed) (func(func()) error, error) {
			return func(func()) error { return broken }, nil
		}),
		"a pool":      pooled(true, func(*bed) (func(func()) error, error) { return nil, broken }),
		"a request":   (&httpSide{transport: func(http.RoundTripper) http.RoundTripper { return failing{broken} }, arrived: nothing}).start,
		"publish":     func(*bed) (loop, error) { return published(func(string, []byte) error { return broken }, nil), nil },
		"transaction": func(*bed) (loop, error) { return new(idle).counted(func() error { return broken }), nil },
		"work of sync": func(*bed) (loop, error) {
			return done(func(func() (int, error)) (int, error, bool) { return 0, broken, false }, nil), nil
		},
	}
	for name, start := range tests {
		t.Run(name, func(t *testing.T) {
			st := open(side{name, start})
			defer st.close()
			if got := st.run(request{n: 1}).fault; !strings.HasSuffix(got, "broken") {
				t.Errorf("fault %q", got)
			}
		})
	}
}

type failing struct{ err error }

func (f failing) RoundTrip(*http.Request) (*http.Response, error) { return nil, f.err }
