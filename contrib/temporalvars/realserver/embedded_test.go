package realserver

import (
	"testing"

	"go.temporal.io/server/temporaltest"

	"github.com/gocontextvars/contextvars/contrib/temporalvars/internal/scenario"
)

func TestEmbeddedServer(t *testing.T) { scenario.Test(t, embedded(t)) }

// embedded starts a server for the time of the test.
func embedded(t *testing.T) scenario.Server {
	server := temporaltest.NewServer(temporaltest.WithT(t))
	return scenario.Server{HostPort: server.GetFrontendHostPort(), Namespace: server.GetDefaultNamespace()}
}
