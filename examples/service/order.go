package main

import (
	"encoding/json"
	"net/http"
	"time"
)

// An order goes three layers down: confirm, price, settle. Not one of them has a parameter, and
// all know the request id, the tenant and the deadline.

func (s *shop) handleOrder(w http.ResponseWriter, _ *http.Request) {
	trail, err := s.confirm()
	if s.show.afterOrder != nil {
		go s.show.afterOrder()
	}
	respond(w, trail, err)
}

// confirm has an audit in the background, which a plain go statement is enough for, and
// a reminder for orders that take long.
func (s *shop) confirm() ([]sighting, error) {
	seen := s.see("confirm")

	audit := make(chan sighting, 1)
	go func() { audit <- s.see("audit") }()
	reminder := make(chan sighting, 1)
	s.after(time.Millisecond, func() { reminder <- s.see("reminder") })

	trail, err := s.price()
	if err != nil {
		return nil, err
	}
	return append(trail, seen, <-audit, <-reminder), nil
}

// price asks for the parts of the price all at once. Each part has less time than the whole, so
// it sets a deadline of its own, which neither the others see nor price itself.
func (s *shop) price() ([]sighting, error) {
	parts := make([]sighting, len(priceParts))
	var g group
	for i, part := range priceParts {
		g.start(func() error {
			deadline.Set(deadline.Get().Add(-part.reserve))
			s.tally.operations.Add(2)
			parts[i] = s.see(part.name)
			return nil
		})
	}
	if err := g.wait(); err != nil {
		return nil, err
	}
	seen := s.see("price")

	trail, err := s.settle()
	if err != nil {
		return nil, err
	}
	return append(append(trail, seen), parts...), nil
}

// priceParts says what a price is made of, and how much earlier than the order each
// part has to be there.
var priceParts = []struct {
	name    string
	reserve time.Duration
}{
	{"stock", 1 * time.Second},
	{"tax", 2 * time.Second},
	{"shipping", 3 * time.Second},
}

// settle writes the receipt in the pool, while the ledger books the order.
func (s *shop) settle() ([]sighting, error) {
	seen := s.see("settle")

	receipt := make(chan sighting, 1)
	s.submit(func() { receipt <- s.see("receipt") })

	trail, err := s.ledger.book()
	if err != nil {
		return nil, err
	}
	return append(trail, seen, <-receipt), nil
}

// respond writes the response of every server here.
func respond(w http.ResponseWriter, trail []sighting, err error) {
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	// An error here means that the client is gone, who is the one to know.
	_ = json.NewEncoder(w).Encode(answer{trail})
}
