package temporalvars_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/sdk/interceptor"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/contrib/temporalvars"
	"github.com/gocontextvars/contextvars/contrib/temporalvars/internal/scenario"
	"github.com/gocontextvars/contextvars/wire"
)

// What is in the header, other SDKs read as well, so it stays as it is.
func TestHeaderIsAJSONString(t *testing.T) {
	header := callersHeader(scenario.Peer)
	payload := header.Fields["baggage"]
	if len(header.Fields) != 1 || payload == nil {
		t.Fatalf("the header has %v", header.Fields)
	}
	if got := string(payload.Metadata["encoding"]); got != "json/plain" || len(payload.Metadata) != 1 {
		t.Errorf("metadata: %s", payload.Metadata)
	}
	const want = `"scenario.tenant=the%20caller's,scenario.debug=the%20caller's;hops=1"`
	if got := string(payload.Data); got != want {
		t.Errorf("data: %s, want %s", got, want)
	}
}

func TestNothingToSendIsNoField(t *testing.T) {
	contextvars.Detach(func() {
		if h := temporalvars.Header(scenario.Peer); len(h.Fields) != 0 {
			t.Errorf("the header has %v", h.Fields)
		}
	})
}

// lookFrom executes Look with a header of the peer.
func lookFrom(t *testing.T, peer *wire.Peer, header *commonpb.Header) (seen string) {
	t.Helper()
	var suite testsuite.WorkflowTestSuite
	env := suite.NewTestActivityEnvironment()
	env.RegisterActivity(scenario.Look)
	env.SetWorkerOptions(worker.Options{Plugins: []worker.Plugin{temporalvars.Plugin(peer)}})
	env.SetContextPropagators([]workflow.ContextPropagator{temporalvars.Propagator(peer)})
	env.SetHeader(header)
	result, err := env.ExecuteActivity(scenario.Look)
	if err != nil {
		t.Fatal(err)
	}
	if err := result.Get(&seen); err != nil {
		t.Fatal(err)
	}
	return seen
}

func TestBadHeaderIsDroppedWithAReport(t *testing.T) {
	for name, payload := range map[string]*commonpb.Payload{
		"not JSON":            {Metadata: map[string][]byte{"encoding": []byte("json/plain")}, Data: []byte(`"scenario.tenant=`)},
		"a JSON object":       {Metadata: map[string][]byte{"encoding": []byte("json/plain")}, Data: []byte(`{"tenant":"acme"}`)},
		"encrypted":           {Metadata: map[string][]byte{"encoding": []byte("binary/encrypted")}, Data: []byte{0, 255}},
		"no encoding":         {Data: []byte(`"scenario.tenant=acme"`)},
		"nothing":             {},
		"not baggage":         {Metadata: map[string][]byte{"encoding": []byte("json/plain")}, Data: []byte(`"tenant"`)},
		"malformed value":     {Metadata: map[string][]byte{"encoding": []byte("json/plain")}, Data: []byte(`"scenario.tenant=%F"`)},
		"longer than allowed": {Metadata: map[string][]byte{"encoding": []byte("json/plain")}, Data: []byte(`"scenario.tenant=` + strings.Repeat("a", wire.MaxBytes) + `"`)},
	} {
		t.Run(name, func(t *testing.T) {
			var reports []wire.Report
			peer := wire.NewPeer("temporal", wire.Everything(), wire.ReportTo(func(r wire.Report) {
				reports = append(reports, r)
			}))
			header := &commonpb.Header{Fields: map[string]*commonpb.Payload{"baggage": payload}}
			if seen := lookFrom(t, peer, header); seen != "nothing" {
				t.Errorf("the activity sees %s", seen)
			}
			if len(reports) != 1 || !errors.Is(reports[0].Err, wire.ErrMalformed) && !errors.Is(reports[0].Err, wire.ErrTooLarge) {
				t.Errorf("reports: %v", reports)
			}
		})
	}
}

func TestEmptyTextIsNoReport(t *testing.T) {
	peer := wire.NewPeer("temporal", wire.Everything(), wire.ReportTo(func(r wire.Report) { t.Error(r) }))
	header := &commonpb.Header{Fields: map[string]*commonpb.Payload{
		"baggage": {Metadata: map[string][]byte{"encoding": []byte("json/plain")}, Data: []byte(`""`)},
	}}
	if seen := lookFrom(t, peer, header); seen != "nothing" {
		t.Errorf("the activity sees %s", seen)
	}
}

// writing is an interceptor that has something of its own in the header.
type writing struct {
	interceptor.WorkerInterceptorBase
}

func (*writing) InterceptWorkflow(
	_ workflow.Context, next interceptor.WorkflowInboundInterceptor,
) interceptor.WorkflowInboundInterceptor {
	w := new(writingInbound)
	w.Next = next
	return w
}

type writingInbound struct {
	interceptor.WorkflowInboundInterceptorBase
}

func (w *writingInbound) Init(outbound interceptor.WorkflowOutboundInterceptor) error {
	o := new(writingOutbound)
	o.Next = outbound
	return w.Next.Init(o)
}

type writingOutbound struct {
	interceptor.WorkflowOutboundInterceptorBase
}

func (w *writingOutbound) ExecuteActivity(ctx workflow.Context, name string, args ...any) workflow.Future {
	interceptor.WorkflowHeader(ctx)["baggage"] = &commonpb.Payload{
		Metadata: map[string][]byte{"encoding": []byte("json/plain")}, Data: []byte(`"their.id=1"`),
	}
	return w.Next.ExecuteActivity(ctx, name, args...)
}

// reading is a propagator that reads what ours has written.
type reading struct {
	workflow.ContextPropagator
	text string
}

func (r *reading) Extract(ctx context.Context, header workflow.HeaderReader) (context.Context, error) {
	payload, _ := header.Get("baggage")
	r.text = string(payload.GetData())
	return ctx, nil
}

// What others have under the key is merged, as in any carrier.
func TestWhatOthersHaveWrittenStays(t *testing.T) {
	reader := &reading{ContextPropagator: temporalvars.Propagator(scenario.Peer)}
	env := environment(nil)
	env.SetWorkerOptions(worker.Options{Interceptors: []interceptor.WorkerInterceptor{&writing{}}})
	env.SetContextPropagators([]workflow.ContextPropagator{reader})
	env.ExecuteWorkflow(func(ctx workflow.Context) error {
		defer scenario.Tenant.Set("ours").Restore()
		return workflow.ExecuteActivity(scenario.Options(ctx), scenario.Look).Get(ctx, nil)
	})
	if err := env.GetWorkflowError(); err != nil {
		t.Fatal(err)
	}
	if reader.text != `"their.id=1,scenario.tenant=ours"` {
		t.Errorf("the activity's header has %s", reader.text)
	}
}
