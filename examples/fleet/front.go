package main

import (
	"context"
	"encoding/json"
	"net"
	"net/http"
	"strconv"
	"time"

	"github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/httpvars"
)

// An engine brings jobs to workers and results back.
type engine interface {
	// do has a worker do the job with the current values of variables, and sets in the
	// current context what comes back.
	do(ctx context.Context, j job) error
	// settle waits until no job is left that a worker might still get.
	settle(ctx context.Context) error
	// effects returns how many jobs were done once in effect, and how many more often.
	effects() (once, more int64)
	// worker returns what a worker needs to know.
	worker() workerConfig
	// close cleans up. Workers have ended by then.
	close()
}

// countEffects is for an engine that knows how many there were of each job.
func countEffects(of map[int]int) (once, more int64) {
	for _, n := range of {
		if n == 1 {
			once++
		} else {
			more++
		}
	}
	return once, more
}

// front is the HTTP server. It is the public side: nothing is accepted from its clients but
// what handleJob reads.
type front struct {
	url     string
	engine  engine
	trap    int // the job that is one
	server  *http.Server
	served  chan struct{}
	mistake mistake
}

const (
	headerRequest = "X-Request-Id"
	headerTenant  = "X-Tenant"
)

func startFront(e engine, trap int, m mistake) (*front, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	f := &front{url: "http://" + l.Addr().String(), engine: e, trap: trap, served: make(chan struct{}), mistake: m}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /jobs/{number}", f.handleJob)
	handler := httpvars.Handler(mux)
	switch m {
	case withoutHandler:
		handler = mux
	case trustingFront:
		handler = httpvars.HandlerFrom(mux, ours)
	}
	f.server = &http.Server{Handler: handler, BaseContext: httpvars.BaseContext, ReadHeaderTimeout: 10 * time.Second}
	contextvars.GoDetached(func() {
		defer close(f.served)
		_ = f.server.Serve(l) // it ends by stop, and says so
	})
	return f, nil
}

func (f *front) stop() {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	if f.server.Shutdown(ctx) != nil {
		f.server.Close()
	}
	<-f.served
}

// answer is what a client gets.
type answer struct {
	values
	Worker string `json:"worker"`
	Cost   int    `json:"cost"`
}

func (f *front) handleJob(w http.ResponseWriter, r *http.Request) {
	number, err := strconv.Atoi(r.PathValue("number"))
	if err != nil {
		http.Error(w, "the job's number is not one", http.StatusBadRequest)
		return
	}
	requestID.Set(r.Header.Get(headerRequest))
	if t := r.Header.Get(headerTenant); t != "" {
		tenant.Set(t)
	}
	if err := f.engine.do(r.Context(), job{number, number == f.trap}); err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(answer{current(), workedBy.GetOr(""), cost.GetOr(0)})
}
