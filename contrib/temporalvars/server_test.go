package temporalvars_test

import (
	"cmp"
	"os"
	"testing"

	"github.com/gocontextvars/contextvars/contrib/temporalvars/internal/scenario"
)

// TestServer runs on a server that is there, such as one of "temporal server start-dev". Module
// realserver runs the same tests on one that it starts itself.
func TestServer(t *testing.T) {
	address := os.Getenv("TEMPORAL_ADDRESS")
	if address == "" {
		t.Skip("no server: set TEMPORAL_ADDRESS to host:port of one, and TEMPORAL_NAMESPACE if it is not \"default\"")
	}
	scenario.Test(t, scenario.Server{
		HostPort:  address,
		Namespace: cmp.Or(os.Getenv("TEMPORAL_NAMESPACE"), "default"),
	})
}
