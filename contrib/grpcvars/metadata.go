package grpcvars

import (
	"context"

	"google.golang.org/grpc/metadata"
)

// outgoing is the carrier of a request that is to be sent: the metadata in ctx.
type outgoing struct {
	ctx context.Context
	md  metadata.MD // a copy of what ctx has, if there is any under the key
}

func (o *outgoing) Values(key string) []string {
	md, _ := metadata.FromOutgoingContext(o.ctx)
	values := md[key]
	if len(values) > 0 {
		o.md = md
	}
	return values
}

func (o *outgoing) Set(key, value string) {
	if o.md == nil { // nothing is to be replaced, and what is there need not be copied again
		o.ctx = metadata.AppendToOutgoingContext(o.ctx, key, value)
		return
	}
	if value == "" {
		delete(o.md, key)
	} else {
		o.md[key] = []string{value}
	}
	o.ctx = metadata.NewOutgoingContext(o.ctx, o.md)
}

// incoming is the carrier of a request that has arrived.
type incoming struct{ ctx context.Context }

func (i incoming) Values(key string) []string {
	return metadata.ValueFromIncomingContext(i.ctx, key)
}

// Set is never called, since nothing is injected into what has arrived.
func (i incoming) Set(string, string) {}

// trailer is the carrier of a reply that is to be sent. gRPC adds to what others have
// set, and does not show it.
type trailer func(metadata.MD)

func (t trailer) Values(string) []string { return nil }
func (t trailer) Set(key, value string)  { t(metadata.MD{key: {value}}) }

// received is the carrier of a reply that has arrived.
type received metadata.MD

func (r received) Values(key string) []string { return r[key] }

// Set is never called, since nothing is injected into what has arrived.
func (r received) Set(string, string) {}
