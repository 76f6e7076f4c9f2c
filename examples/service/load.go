package main

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// maxClients is a limit because each client takes up to four connections' ends of a process.
const maxClients = 1000

// A load is a number of clients that send requests to one of the shops.
type load struct {
	clients int
	http    *http.Client
	url     string
	tally   *tally
}

func newLoad(clients int, url string, t *tally) *load {
	return &load{clients, &http.Client{Transport: newTransport()}, url, t}
}

func (l *load) close() { l.http.CloseIdleConnections() }

// send sends the requests numbered from first to before end, and waits for the answers. When
// ctx ends it sends no more. It returns what the log should say.
func (l *load) send(ctx context.Context, first, end int) []claim {
	var (
		clients  sync.WaitGroup
		next     atomic.Int64
		mu       sync.Mutex
		all      [][]claim
		deadline = time.Now().UTC().Add(time.Minute).Round(0)
	)
	next.Store(int64(first))
	for range min(l.clients, end-first) {
		clients.Go(func() {
			var claims []claim
			for ctx.Err() == nil {
				number := int(next.Add(1) - 1)
				if number >= end {
					break
				}
				claims = l.order(numbered(number, deadline), claims)
			}
			mu.Lock()
			defer mu.Unlock()
			all = append(all, claims)
		})
	}
	clients.Wait()
	return slices.Concat(all...)
}

// numbered makes up a request: an id and a deadline that no other has, and one of a hundred
// tenants, of which one is the default.
func numbered(number int, deadline time.Time) request {
	r := request{fmt.Sprintf("r-%06d", number), defaultTenant, deadline.Add(time.Duration(number) * time.Microsecond)}
	if t := number % 100; t != 99 {
		r.Tenant = fmt.Sprintf("tenant-%02d", t)
	}
	return r
}

// order sends one request, and checks the answer.
func (l *load) order(r request, claims []claim) []claim {
	req, err := http.NewRequest(http.MethodPost, l.url+"/orders", nil)
	if err != nil {
		l.tally.fail(r.ID, err)
		return claims
	}
	r.writeTo(req.Header)
	trail, err := send(l.http, req)
	if err != nil {
		l.tally.fail(r.ID, err)
		return claims
	}
	l.tally.requests.Add(1)
	return l.tally.checkTrail(r, trail, claims)
}
