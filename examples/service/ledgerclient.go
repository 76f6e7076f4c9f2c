package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"

	"github.com/gocontextvars/contextvars/httpvars"
)

// A ledgerClient is the shop's way to the ledger.
type ledgerClient struct {
	url   string
	http  *http.Client
	tally *tally
}

func newLedgerClient(url string, t *tally) *ledgerClient {
	// The goroutines of a kept-alive connection are started by the first request that needs it.
	// Transport sees to it that they do not keep that request's variables.
	return &ledgerClient{url, &http.Client{Transport: httpvars.Transport(newTransport())}, t}
}

// newTransport has as many idle connections as are left idle, which is what keep-alive
// takes at any number of clients.
func newTransport() *http.Transport {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.MaxIdleConns, t.MaxIdleConnsPerHost = 0, maxClients
	return t
}

func (c *ledgerClient) close() { c.http.CloseIdleConnections() }

// book has the ledger book the order. This is where variables become headers, and
// where the deadline becomes that of a context.Context.
func (c *ledgerClient) book() ([]sighting, error) {
	ctx, cancel := context.WithDeadline(context.Background(), deadline.Get())
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.url+"/entries", nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set(headerRequestID, requestID.Get())
	req.Header.Set(headerTenant, tenant.Get())
	c.tally.operations.Add(3)
	return send(c.http, req)
}

// send sends a request and returns the trail in the answer.
func send(client *http.Client, req *http.Request) ([]sighting, error) {
	res, err := client.Do(req)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		return nil, err
	}
	if res.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s %s: %s: %s", req.Method, req.URL, res.Status, body)
	}
	var a answer
	if err := json.Unmarshal(body, &a); err != nil {
		return nil, fmt.Errorf("%s %s: %w", req.Method, req.URL, err)
	}
	return a.Trail, nil
}
