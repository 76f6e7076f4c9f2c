package main

import (
	"time"

	"github.com/gocontextvars/contextvars"
)

// The shop's variables. They are set once for each request, in shop.withRequest, and read
// wherever they are needed. No function of the shop passes them on.
var (
	requestID = contextvars.New[string]("request")
	tenant    = contextvars.NewDefault("tenant", defaultTenant)
	deadline  = contextvars.New[time.Time]("deadline")
)

// The ledger's variables. The ledger might as well be another process: it has variables of
// its own, and fills them from the headers that the shop's ledgerClient writes.
var (
	ledgerRequestID = contextvars.New[string]("request")
	ledgerTenant    = contextvars.NewDefault("tenant", defaultTenant)
)
