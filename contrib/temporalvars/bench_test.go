package temporalvars_test

import (
	"context"
	"fmt"
	"log/slog"
	"testing"

	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/sdk/log"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/contrib/temporalvars"
	"github.com/gocontextvars/contextvars/contrib/temporalvars/internal/scenario"
	"github.com/gocontextvars/contextvars/wire"
)

// four are what the benchmarks carry.
var four [4]*contextvars.ContextVar[string]

func init() {
	for i := range four {
		four[i] = contextvars.New[string](fmt.Sprint("bench.", i), wire.Travels(wire.AllHops))
	}
}

func setFour() {
	for _, v := range four {
		v.Set("0123456789abcdef")
	}
}

// BenchmarkActivity executes an activity that does nothing in the SDK's test environment: there is
// no network and no server.
func BenchmarkActivity(b *testing.B) {
	for _, bb := range []struct {
		name string
		peer *wire.Peer
		vars bool
	}{{"plain", nil, false}, {"no variables", wire.Trusted(), false}, {"4 variables", wire.Trusted(), true}} {
		b.Run(bb.name, func(b *testing.B) {
			var suite testsuite.WorkflowTestSuite
			suite.SetLogger(log.NewStructuredLogger(slog.New(slog.DiscardHandler)))
			env := suite.NewTestActivityEnvironment()
			env.RegisterActivity(nothing)
			if bb.peer != nil {
				env.SetWorkerOptions(worker.Options{Plugins: []worker.Plugin{temporalvars.Plugin(bb.peer)}})
				env.SetContextPropagators([]workflow.ContextPropagator{temporalvars.Propagator(bb.peer)})
			}
			contextvars.Detach(func() {
				if bb.vars {
					setFour()
				}
				env.SetHeader(temporalvars.Header(bb.peer))
			})
			b.ReportAllocs()
			for b.Loop() {
				if _, err := env.ExecuteActivity(nothing); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func nothing(context.Context) error { return nil }

// BenchmarkWorkflow executes a workflow with one activity in the SDK's test environment.
func BenchmarkWorkflow(b *testing.B) {
	for _, bb := range []struct {
		name string
		peer *wire.Peer
	}{{"plain", nil}, {"4 variables", wire.Trusted()}} {
		b.Run(bb.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				contextvars.Detach(func() {
					setFour()
					env := environment(bb.peer)
					env.SetHeader(temporalvars.Header(bb.peer))
					env.ExecuteWorkflow(scenario.Child)
					if err := env.GetWorkflowError(); err != nil {
						b.Fatal(err)
					}
				})
			}
		})
	}
}

// BenchmarkHeader is what a header costs by itself.
func BenchmarkHeader(b *testing.B) {
	contextvars.Detach(func() {
		setFour()
		b.Run("Inject", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				temporalvars.Header(wire.Trusted())
			}
		})
		b.Run("Extract", func(b *testing.B) {
			header, p := reader(temporalvars.Header(wire.Trusted()).Fields), temporalvars.Propagator(wire.Trusted())
			b.ReportAllocs()
			for b.Loop() {
				if _, err := p.Extract(b.Context(), header); err != nil {
					b.Fatal(err)
				}
			}
		})
	})
}

// reader is a header as the SDK shows it to propagators.
type reader map[string]*commonpb.Payload

func (r reader) Get(key string) (*commonpb.Payload, bool) {
	payload, ok := r[key]
	return payload, ok
}

func (r reader) ForEachKey(f func(string, *commonpb.Payload) error) error {
	for key, payload := range r {
		if err := f(key, payload); err != nil {
			return err
		}
	}
	return nil
}
