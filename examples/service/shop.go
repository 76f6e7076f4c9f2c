package main

import (
	"io"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/httpvars"
	"github.com/gocontextvars/contextvars/slogvars"
)

// A shop is the service with variables. Its fields belong to no request.
type shop struct {
	log     *slog.Logger
	pool    *pool
	ledger  *ledgerClient
	tally   *tally
	mistake mistake
	show    show
}

// A mistake is one that a user of the library can make. The tests make each, to show
// that this program finds it.
type mistake int

const (
	noMistake mistake = iota
	withoutHandler
	withoutBind
	withoutAfterFunc
	withoutSlogvars
)

// startShop starts a shop, and the ledger that it calls. Both log to out.
func startShop(l net.Listener, out io.Writer, t *tally, m mistake, watched show) (*server, error) {
	ledger, err := startLedger(out, t, watched)
	if err != nil {
		return nil, err
	}

	var lines slog.Handler = slog.NewJSONHandler(out, nil)
	if m != withoutSlogvars {
		// Every line has the variables now, whoever writes it.
		lines = slogvars.NewHandler(lines, requestID, tenant, deadline)
	}
	s := &shop{
		log:     slog.New(lines).With("service", "shop"),
		pool:    startPool(),
		ledger:  newLedgerClient(ledger.url, t),
		tally:   t,
		mistake: m,
		show:    watched,
	}

	mux := http.NewServeMux()
	mux.HandleFunc("POST /orders", s.handleOrder)
	handler := s.withRequest(mux)
	if m != withoutHandler {
		// Outermost, so that whatever a request sets is gone before the next one on the same
		// connection, which is served by the same goroutine.
		handler = httpvars.Handler(handler)
	}
	return serve(l, &http.Server{Handler: handler, BaseContext: httpvars.BaseContext},
		s.pool.stop, s.ledger.close, ledger.stop), nil
}

// withRequest turns a request's headers into variables. It does not restore them: the request
// has a context of its own, from httpvars.Handler.
func (s *shop) withRequest(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.tally.checkEmpty("shop: arrival", contextvars.CopyContext())
		want, err := requestFrom(r.Header)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}

		requestID.Set(want.ID)
		if want.Tenant != defaultTenant { // else the variable has it anyway
			tenant.Set(want.Tenant)
		}
		deadline.Set(want.Deadline)
		s.tally.operations.Add(3)

		w.Header().Set(headerRequestID, want.ID)
		next.ServeHTTP(w, r)
		s.tally.check("shop: departure", want, s.current())
	})
}

// current returns the request that the variables say this is.
func (s *shop) current() request {
	s.tally.operations.Add(3)
	return request{requestID.Get(), tenant.Get(), deadline.Get()}
}

// see looks at the variables, and logs, for which the handler looks at them as well.
func (s *shop) see(place string) sighting {
	line := s.tally.lines.Add(1)
	s.tally.operations.Add(3)
	s.log.Info(place, "line", line)
	s.show.linger(place)
	return sighting{place, line, s.current()}
}

// submit hands a job to the pool. The workers are older than any request, and know
// none; so the job brings its variables along.
func (s *shop) submit(job func()) {
	s.tally.operations.Add(1)
	if s.mistake != withoutBind {
		job = contextvars.Bind(job)
	}
	s.pool.submit(job)
}

// after calls f later. The runtime starts timers' goroutines, not the request, so this
// takes a helper, too.
func (s *shop) after(d time.Duration, f func()) {
	s.tally.operations.Add(1)
	if s.mistake == withoutAfterFunc {
		time.AfterFunc(d, f)
		return
	}
	contextvars.AfterFunc(d, f)
}
