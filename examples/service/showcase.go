package main

import (
	"context"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/gocontextvars/contextvars"
)

// A showcase keeps a shop of its own busy for those who look at the page of -debug: it takes its time for
// each order, so that there are always some under way. Beside it a stocktaking goes on, and an
// event loop with tasks, in purchase.go.
type showcase struct {
	tally   *tally
	shop    *server
	load    *load
	ctx     context.Context
	cancel  func()
	running sync.WaitGroup
}

// A show is what the servers do to be looked at. The zero value is nothing.
type show struct {
	pause      time.Duration // in each place that an order comes to
	afterOrder func()        // a goroutine of each order, which its handler does not wait for
}

// at is where an order has come to. On the page it changes while you look.
var at = contextvars.New[string]("at")

// linger stays for a while. The variable stays as well, until the next place, or the end of the goroutine or request.
func (s show) linger(place string) {
	if s.pause > 0 {
		at.Set(place) //contextvars:ignore token it is to be seen after this, too, and goes with the request
		time.Sleep(s.pause)
	}
}

const (
	// showPause makes an order take a second and a half.
	showPause = 300 * time.Millisecond
	showEvery = 250 * time.Millisecond

	// forgetful is the tenant whose orders are still held after their end.
	forgetful = "initech"
)

var showTenants = []string{"acme", "globex", "acme", "hooli", forgetful, "globex", "acme", defaultTenant}

func startShowcase() (*showcase, error) {
	l, err := loopback()
	if err != nil {
		return nil, err
	}
	s := &showcase{tally: new(tally)}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	if s.shop, err = startShop(l, io.Discard, s.tally, noMistake, show{showPause, s.survey}); err != nil {
		l.Close()
		s.cancel()
		return nil, err
	}
	s.load = newLoad(maxClients, s.shop.url, s.tally)
	s.running.Go(s.sendOrders)
	s.running.Go(s.takeStock)
	s.running.Go(s.purchase)
	return s, nil
}

// stop lets the orders that are under way finish, and reports values that were wrong.
func (s *showcase) stop() error {
	s.cancel()
	s.running.Wait()
	s.load.close()
	s.shop.stop()
	if bad := s.tally.wrong.Load() + s.tally.failed.Load(); bad > 0 {
		return fmt.Errorf("%d wrong values or failed orders in the showcase, the first of them: %s",
			bad, strings.Join(s.tally.found(), "; "))
	}
	return nil
}

// pause waits for d, and reports whether the showcase goes on.
func (s *showcase) pause(d time.Duration) bool {
	select {
	case <-time.After(d):
		return true
	case <-s.ctx.Done():
		return false
	}
}

// sendOrders sends some orders a second and checks what comes back.
func (s *showcase) sendOrders() {
	var customers sync.WaitGroup
	defer customers.Wait()
	for number := 1; s.pause(showEvery); number++ {
		customers.Go(func() {
			s.load.order(request{
				ID:       fmt.Sprintf("r-%06d", number),
				Tenant:   showTenants[number%len(showTenants)],
				Deadline: time.Now().UTC().Round(0).Add(time.Minute),
			}, nil)
		})
	}
}

// survey is a mistake, for you to find on the page under "ended": it goes on long after the order that has
// started it, and still holds all that was known of it. Started by contextvars.GoDetached it would hold nothing.
func (s *showcase) survey() {
	if tenant.Get() == forgetful {
		s.pause(20 * time.Second)
	}
}

// shelf is what a stocktaking is at.
var shelf = contextvars.New[string]("shelf")

func (s *showcase) takeStock() {
	for number := 1; s.count(fmt.Sprintf("shelf-%02d", number)); number = number%40 + 1 {
	}
}

func (s *showcase) count(name string) bool {
	defer shelf.Set(name).Restore()
	return s.pause(time.Second)
}
