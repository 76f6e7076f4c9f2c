package debugvars

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

// Path is where [Register] puts the page. What the page is made of is below Path + "/assets/".
const Path = "/debug/contextvars"

const assets = "/assets/"

type handler struct {
	looks *looks
}

// ServeHTTP answers with the page, JSON or text. It changes nothing, whatever it is asked.
func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	secure(w.Header())
	if reason := refusal(r); reason != "" {
		http.Error(w, reason, http.StatusForbidden)
		return
	}
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "debugvars: the page can only be read: use GET or HEAD", http.StatusMethodNotAllowed)
		return
	}
	if i := strings.LastIndex(r.URL.Path, assets); i >= 0 {
		h.serveAsset(w, r, r.URL.Path[i+len(assets):])
		return
	}
	values, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		http.Error(w, fmt.Sprintf("debugvars: the query of the URL cannot be read, escape what is special in it: %v", err), http.StatusBadRequest)
		return
	}
	query, err := ParseQuery(values)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	w.Header().Add("Vary", "Accept")
	format := values.Get("format")
	if format == "" {
		format = accepted(r.Header.Values("Accept"))
	}
	switch format {
	case "html":
		h.servePage(w, r, query, h.snapshot(query))
	case "json":
		h.serveJSON(w, r, query)
	case "text":
		h.serveText(w, r, query)
	default:
		http.Error(w, "debugvars: unknown format: use html, json or text", http.StatusBadRequest)
	}
}

// secure forbids what nobody needs who reads a page or data. The page allows its own assets.
func secure(h http.Header) {
	h.Set("Content-Security-Policy", "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "no-store")
}

func (h *handler) snapshot(query Query) *Snapshot {
	return h.looks.get().answer(query)
}

func (h *handler) serveJSON(w http.ResponseWriter, r *http.Request, query Query) {
	w.Header().Set("Content-Type", "application/json")
	if r.Method == http.MethodHead {
		return // without a look at the goroutines
	}
	_ = json.NewEncoder(w).Encode(h.snapshot(query)) // fails only if the client has gone
}

func (h *handler) serveText(w http.ResponseWriter, r *http.Request, query Query) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	if r.Method == http.MethodHead {
		return
	}
	snapshot := h.snapshot(query)
	if query.View == ViewTree {
		_ = snapshot.WriteTree(w, 0) // as above
		return
	}
	_ = snapshot.WriteTable(w, 0)
}
