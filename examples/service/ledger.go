package main

import (
	"io"
	"log/slog"
	"net/http"

	"github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/httpvars"
	"github.com/gocontextvars/contextvars/slogvars"
)

// A ledger is the second service. It shares with the shop nothing but the headers; that it is
// in the same process shows that neither sees the other's variables.
type ledger struct {
	log   *slog.Logger
	tally *tally
	show  show
}

func startLedger(out io.Writer, t *tally, watched show) (*server, error) {
	listener, err := loopback()
	if err != nil {
		return nil, err
	}
	lines := slogvars.NewHandler(slog.NewJSONHandler(out, nil), ledgerRequestID, ledgerTenant)
	l := &ledger{slog.New(lines).With("service", "ledger"), t, watched}

	mux := http.NewServeMux()
	mux.HandleFunc("POST /entries", l.handleEntry)
	handler := httpvars.Handler(l.withRequest(mux))
	return serve(listener, &http.Server{Handler: handler, BaseContext: httpvars.BaseContext}), nil
}

// withRequest turns the headers into the ledger's variables. The deadline does not come with
// them: what the shop waits for is the shop's affair.
func (l *ledger) withRequest(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		l.tally.checkEmpty("ledger: arrival", contextvars.CopyContext())
		ledgerRequestID.Set(r.Header.Get(headerRequestID))
		if t := r.Header.Get(headerTenant); t != "" {
			ledgerTenant.Set(t)
		}
		l.tally.operations.Add(2)
		next.ServeHTTP(w, r)
	})
}

func (l *ledger) handleEntry(w http.ResponseWriter, _ *http.Request) {
	entry := make(chan sighting, 1)
	go func() { entry <- l.see("ledger: entry") }()
	respond(w, []sighting{l.see("ledger: book"), <-entry}, nil)
}

// see reads the shop's deadline as well: it has to be missing here.
func (l *ledger) see(place string) sighting {
	line := l.tally.lines.Add(1)
	l.tally.operations.Add(5)
	l.log.Info(place, "line", line)
	l.show.linger(place)
	return sighting{place, line, request{ledgerRequestID.Get(), ledgerTenant.Get(), deadline.Get()}}
}
