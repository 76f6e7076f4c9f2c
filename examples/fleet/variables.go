package main

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/wire"
)

// The variables of a request. The front sets them, and no function or message has them as a
// parameter or field.
var (
	requestID = contextvars.New[string]("request", wire.Travels(wire.AllHops))
	tenant    = contextvars.New[string]("tenant", wire.Travels(wire.AllHops))
)

// What a worker tells about its work. It comes back to the request that waits for it.
var (
	workedBy = contextvars.New[string]("worker", wire.Travels(wire.Back))
	cost     = contextvars.New[int]("cost", wire.Travels(wire.Back))
)

// ours are the processes of this program, on each side.
var ours = wire.NewPeer("fleet",
	wire.Send(requestID, tenant, workedBy, cost),
	wire.Accept(requestID, tenant, workedBy, cost))

// A job is what a worker is told besides the variables.
type job struct {
	Number int `json:"number"`
	// Trap is for the one whose worker is killed: who gets it first does the work, and
	// acknowledges nothing any more.
	Trap bool `json:"trap,omitempty"`
}

// values are those of the variables of a request.
type values struct {
	Request string `json:"request"`
	Tenant  string `json:"tenant"`
}

// valuesOf makes up those of a job: an id that no other has, and one of a hundred tenants,
// of which the last one is nobody, without a name.
func valuesOf(number int) values {
	v := values{Request: fmt.Sprintf("r-%06d", number)}
	if t := number % 100; t != nobody {
		v.Tenant = fmt.Sprintf("tenant-%02d", t)
	}
	return v
}

const nobody = 99

// current returns what is seen here.
func current() values { return values{requestID.GetOr(""), tenant.GetOr("")} }

// priceOf is what a job costs its tenant: each has prices of its own.
func priceOf(number int, tenant string) int {
	n := nobody
	if tenant != "" {
		var err error
		if n, err = strconv.Atoi(strings.TrimPrefix(tenant, "tenant-")); err != nil {
			return -1
		}
	}
	return number%89*100 + n
}
