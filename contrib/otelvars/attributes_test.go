package otelvars_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"go.opentelemetry.io/otel/attribute"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/contrib/otelvars"
	"github.com/gocontextvars/contextvars/wire"
)

type level int

func (l level) String() string { return fmt.Sprint("level ", int(l)) }

var (
	shard    = contextvars.New[int]("shard")
	rate     = contextvars.New[float64]("rate")
	severity = contextvars.New[level]("severity")
	budget   = contextvars.New[time.Duration]("budget")
	plan     = contextvars.NewDefault("plan", "free")
)

// attributesOf returns the attributes of the one span with the name.
func (tr *tracing) attributesOf(t *testing.T, name string) map[attribute.Key]attribute.Value {
	t.Helper()
	got := map[attribute.Key]attribute.Value{}
	for _, s := range tr.spans.GetSpans() {
		if s.Name == name {
			for _, a := range s.Attributes {
				got[a.Key] = a.Value
			}
			return got
		}
	}
	t.Errorf("there is no span %q", name)
	return got
}

func TestAttributes(t *testing.T) {
	tr := newTracing(t, sdktrace.WithSpanProcessor(
		otelvars.Attributes(tenant, debug, secret, local, shard, rate, severity, budget, plan)))
	tr.Start("before").End()
	tenant.Set("acme")
	debug.Set(true)
	secret.Set("x")
	local.Set("\xff")
	shard.Set(7)
	rate.Set(0.5)
	severity.Set(3)
	budget.Set(time.Second)
	tr.Start("span").End()

	want(t, "without values", len(tr.attributesOf(t, "before")), 0)
	got := tr.attributesOf(t, "span")
	for key, value := range map[attribute.Key]attribute.Value{
		"tenant":   attribute.StringValue("acme"),
		"debug":    attribute.BoolValue(true),
		"secret":   attribute.StringValue(contextvars.RedactedText),
		"local":    attribute.StringValue("\uFFFD"),
		"shard":    attribute.IntValue(7),
		"rate":     attribute.Float64Value(0.5),
		"severity": attribute.StringValue("level 3"),
		"budget":   attribute.StringValue("1s"),
	} {
		want(t, string(key), got[key], value)
		delete(got, key)
	}
	want(t, "further attributes", len(got), 0)
}

// An instrumentation starts its span before anything has entered the request.
func TestAttributesOfTheServersSpan(t *testing.T) {
	tr := newTracing(t, sdktrace.WithSpanProcessor(otelvars.Attributes(tenant)))
	s := tr.server(t, "server", composite(wire.Trusted()), otelvars.Handler(answer(func(*http.Request) string {
		tenant.Set("changed")
		tr.Start("work").End()
		return ""
	})))
	req, err := http.NewRequest("GET", s.URL, nil)
	noError(t, err)
	req.Header.Set("baggage", "tenant=acme")
	do(t, s.Client(), req)
	server := tr.attributesOf(t, "server")
	want(t, "server", server["tenant"].AsString(), "acme")
	work := tr.attributesOf(t, "work")
	want(t, "work", work["tenant"].AsString(), "changed")
}

func TestAttributesCanBeUnregistered(t *testing.T) {
	tr := newTracing(t)
	p := otelvars.Attributes(tenant)
	tr.provider.RegisterSpanProcessor(p)
	tr.provider.UnregisterSpanProcessor(p)
	noError(t, p.ForceFlush(t.Context()))
	tenant.Set("acme")
	tr.Start("span").End()
	want(t, "attributes", len(tr.attributesOf(t, "span")), 0)
}

func TestAttributesOfNilVariables(t *testing.T) {
	var none *contextvars.ContextVar[string]
	wantPanic(t, "otelvars: Attributes was given a nil variable, number 2", func() { otelvars.Attributes(tenant, none) })
	wantPanic(t, "otelvars: Attributes was given a nil variable, number 1", func() { otelvars.Attributes(nil) })
}
