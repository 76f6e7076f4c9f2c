package main

import (
	"crypto/rand"
	"fmt"
	"net/http"
	"time"
)

const (
	headerRequestID = "X-Request-ID"
	headerTenant    = "X-Tenant"
	headerDeadline  = "X-Deadline"

	// defaultTenant is the tenant of a request that names none.
	defaultTenant = "public"
)

// A request is what there is to know about a request. The clients know it, and compare with
// it; the servers with variables take it apart at once; those without pass it along.
type request struct {
	ID       string    `json:"request"`
	Tenant   string    `json:"tenant"`
	Deadline time.Time `json:"deadline,omitzero"`
}

// writeTo writes the headers that requestFrom reads.
func (r request) writeTo(h http.Header) {
	h.Set(headerRequestID, r.ID)
	if r.Tenant != defaultTenant {
		h.Set(headerTenant, r.Tenant)
	}
	h.Set(headerDeadline, r.Deadline.Format(time.RFC3339Nano))
}

// requestFrom reads a request's headers. All may be left out, for the sake of curl.
func requestFrom(h http.Header) (request, error) {
	r := request{h.Get(headerRequestID), h.Get(headerTenant), time.Now().UTC().Add(10 * time.Second)}
	if r.ID == "" {
		r.ID = rand.Text()
	}
	if r.Tenant == "" {
		r.Tenant = defaultTenant
	}
	if text := h.Get(headerDeadline); text != "" {
		var err error
		if r.Deadline, err = time.Parse(time.RFC3339Nano, text); err != nil {
			return r, fmt.Errorf("%s is %q; write a time like 2026-01-02T15:04:05Z", headerDeadline, text)
		}
	}
	return r, nil
}

// A sighting is what one place in a server saw of its request. Sightings go up by return
// values and closures, never by variables, and out to the client in the answer. So it is
// certain which request they belong to, whatever they say.
type sighting struct {
	Place string `json:"place"`
	Line  int64  `json:"line"` // the number of the log line that was written at the same place
	request
}

// An answer is the body of a response.
type answer struct {
	Trail []sighting `json:"trail"`
}
