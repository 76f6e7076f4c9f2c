package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// A load is a number of clients that send requests to the front.
type load struct {
	clients int
	url     string
	http    *http.Client
	tally   *tally
}

func newLoad(clients int, url string, t *tally) *load {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxIdleConns, transport.MaxIdleConnsPerHost = 0, maxClients
	return &load{clients, url, &http.Client{Transport: transport}, t}
}

func (l *load) close() { l.http.CloseIdleConnections() }

// patience is for a request. The jobs of the worker that is killed take ackWait longer.
const patience = time.Minute

// send sends requests for the jobs 0 to n-1, and waits for the answers. When ctx ends it
// waits no longer.
func (l *load) send(ctx context.Context, n int) {
	var (
		clients sync.WaitGroup
		next    atomic.Int64
	)
	for range min(l.clients, n) {
		clients.Go(func() {
			for ctx.Err() == nil {
				number := int(next.Add(1) - 1)
				if number >= n {
					return
				}
				l.tally.sent.Add(1)
				switch err := l.order(ctx, number); {
				case err == nil:
					l.tally.answered.Add(1)
				case ctx.Err() == nil:
					l.tally.failed.Add(1)
					l.tally.note("request of job %d failed: %v", number, err)
				}
			}
		})
	}
	clients.Wait()
}

// order sends one request, and checks the answer. Each claims in baggage to be somebody
// else, which the front must not believe.
func (l *load) order(ctx context.Context, number int) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, fmt.Sprintf("%s/jobs/%d", l.url, number), nil)
	if err != nil {
		return err
	}
	want := valuesOf(number)
	req.Header.Set(headerRequest, want.Request)
	if want.Tenant != "" {
		req.Header.Set(headerTenant, want.Tenant)
	}
	req.Header.Set("Baggage", "request=r-forged,tenant=tenant-forged,cost=1")
	res, err := l.http.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		return err
	}
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s", res.Status, body)
	}
	var a answer
	if err := json.Unmarshal(body, &a); err != nil {
		return err
	}
	l.tally.checkAnswer(number, a)
	return nil
}
