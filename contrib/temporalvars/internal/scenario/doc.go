// Package scenario has the workflows and activities that the tests of temporalvars run, in the SDK's test
// environment, in its replayer, and on real servers, and the tests for the latter.
//
// Each place that could matter has the variable [Tenant] set to a name of that place, so
// that what is seen says where it came from.
package scenario

import (
	"github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/wire"
)

// The variables that travel.
var (
	Tenant = contextvars.New[string]("scenario.tenant", wire.Travels(wire.AllHops))
	Debug  = contextvars.New[string]("scenario.debug", wire.Travels(wire.OneHop))
	Cost   = contextvars.New[int]("scenario.cost", wire.Travels(wire.Back))
)

// Peer is open for all of them.
var Peer = wire.NewPeer("temporal", wire.Send(Tenant, Debug, Cost), wire.Accept(Tenant, Debug, Cost))

// Here is what is seen of Tenant.
func Here() string { return Tenant.GetOr("nothing") }

// Seen is what was seen, by place.
type Seen map[string]string
