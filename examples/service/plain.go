package main

import (
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"time"
)

// A plainShop does the very work of a shop, without variables: what is known of the request
// is a parameter of every function, and an argument of every log line. It is there
// for the comparison.
type plainShop struct {
	log       *slog.Logger
	pool      *pool
	ledgerURL string
	client    *http.Client
	tally     *tally
}

func startPlainShop(l net.Listener, out io.Writer, t *tally) (*server, error) {
	ledger, err := startPlainLedger(out, t)
	if err != nil {
		return nil, err
	}
	s := &plainShop{
		log:       slog.New(slog.NewJSONHandler(out, nil)).With("service", "shop"),
		pool:      startPool(),
		ledgerURL: ledger.url,
		client:    &http.Client{Transport: newTransport()},
		tally:     t,
	}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /orders", s.handleOrder)
	return serve(l, &http.Server{Handler: mux}, s.pool.stop, s.client.CloseIdleConnections, ledger.stop), nil
}

func (s *plainShop) handleOrder(w http.ResponseWriter, r *http.Request) {
	req, err := requestFrom(r.Header)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	w.Header().Set(headerRequestID, req.ID)
	trail, err := s.confirm(req)
	respond(w, trail, err)
}

func (s *plainShop) see(req request, place string) sighting {
	line := s.tally.lines.Add(1)
	s.log.LogAttrs(context.Background(), slog.LevelInfo, place, slog.Int64("line", line),
		slog.String("request", req.ID), slog.String("tenant", req.Tenant), slog.Time("deadline", req.Deadline))
	return sighting{place, line, req}
}

func (s *plainShop) confirm(req request) ([]sighting, error) {
	seen := s.see(req, "confirm")

	audit := make(chan sighting, 1)
	go func() { audit <- s.see(req, "audit") }()
	reminder := make(chan sighting, 1)
	time.AfterFunc(time.Millisecond, func() { reminder <- s.see(req, "reminder") })

	trail, err := s.price(req)
	if err != nil {
		return nil, err
	}
	return append(trail, seen, <-audit, <-reminder), nil
}

func (s *plainShop) price(req request) ([]sighting, error) {
	parts := make([]sighting, len(priceParts))
	var g group
	for i, part := range priceParts {
		g.start(func() error {
			req := req
			req.Deadline = req.Deadline.Add(-part.reserve)
			parts[i] = s.see(req, part.name)
			return nil
		})
	}
	if err := g.wait(); err != nil {
		return nil, err
	}
	seen := s.see(req, "price")

	trail, err := s.settle(req)
	if err != nil {
		return nil, err
	}
	return append(append(trail, seen), parts...), nil
}

func (s *plainShop) settle(req request) ([]sighting, error) {
	seen := s.see(req, "settle")

	receipt := make(chan sighting, 1)
	s.pool.submit(func() { receipt <- s.see(req, "receipt") })

	trail, err := s.book(req)
	if err != nil {
		return nil, err
	}
	return append(trail, seen, <-receipt), nil
}

func (s *plainShop) book(req request) ([]sighting, error) {
	ctx, cancel := context.WithDeadline(context.Background(), req.Deadline)
	defer cancel()
	out, err := http.NewRequestWithContext(ctx, http.MethodPost, s.ledgerURL+"/entries", nil)
	if err != nil {
		return nil, err
	}
	out.Header.Set(headerRequestID, req.ID)
	out.Header.Set(headerTenant, req.Tenant)
	return send(s.client, out)
}

// A plainLedger is to the ledger what a plainShop is to the shop.
type plainLedger struct {
	log   *slog.Logger
	tally *tally
}

func startPlainLedger(out io.Writer, t *tally) (*server, error) {
	listener, err := loopback()
	if err != nil {
		return nil, err
	}
	l := &plainLedger{slog.New(slog.NewJSONHandler(out, nil)).With("service", "ledger"), t}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /entries", l.handleEntry)
	return serve(listener, &http.Server{Handler: mux}), nil
}

func (l *plainLedger) handleEntry(w http.ResponseWriter, r *http.Request) {
	req := request{ID: r.Header.Get(headerRequestID), Tenant: r.Header.Get(headerTenant)}
	entry := make(chan sighting, 1)
	go func() { entry <- l.see(req, "ledger: entry") }()
	respond(w, []sighting{l.see(req, "ledger: book"), <-entry}, nil)
}

func (l *plainLedger) see(req request, place string) sighting {
	line := l.tally.lines.Add(1)
	l.log.LogAttrs(context.Background(), slog.LevelInfo, place, slog.Int64("line", line),
		slog.String("request", req.ID), slog.String("tenant", req.Tenant))
	return sighting{place, line, req}
}
