package main

import (
	"compress/gzip"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"time"

	"github.com/gocontextvars/contextvars/debugvars"
)

// newServer starts a server of a kind that the command may come upon.
func newServer(kind string) (url string, stop func()) {
	h := handlers[kind]
	if h == nil {
		panic("no server " + kind)
	}
	s := httptest.NewServer(h())
	return s.URL, func() {
		s.CloseClientConnections()
		s.Close()
	}
}

var handlers = map[string]func() http.Handler{
	"page": func() http.Handler {
		return answer("text/html; charset=utf-8", "<!doctype html><title>Shop</title>")
	},
	"missing":  http.NotFoundHandler,
	"redirect": func() http.Handler { return http.RedirectHandler("https://sso.example.com/login", http.StatusFound) },
	"json":     func() http.Handler { return answer("application/json", `{"hello": "world"}`) },
	"list":     func() http.Handler { return answer("application/json", `[1, 2]`) },
	"empty":    func() http.Handler { return answer("application/json", "") },
	"private": func() http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if user, password, _ := r.BasicAuth(); user != "ops" || password != "s3cret" {
				w.WriteHeader(http.StatusUnauthorized)
				return
			}
			writeSnapshot(w, r, 1)
		})
	},
	"refusing": func() http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			http.Error(w, "debugvars: \x1b[31mno such thing\nmore", http.StatusBadRequest)
		})
	},
	// The JSON ends in the middle, without a word of the server.
	"cut": func() http.Handler {
		return answer("application/json", snapshotJSON(1)[:200])
	},
	// The connection ends in the middle.
	"broken": func() http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			w.Header().Set("Content-Length", "100000")
			_, _ = io.WriteString(w, snapshotJSON(1))
		})
	},
	"silent": func() http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	},
	// A gigabyte, in a megabyte.
	"bomb": func() http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			w.Header().Set("Content-Encoding", "gzip")
			z := gzip.NewWriter(w)
			defer z.Close()
			_, _ = z.Write([]byte(`{"program": "`))
			mega := []byte(strings.Repeat("a", 1<<20))
			for range 1 << 10 {
				if _, err := z.Write(mega); err != nil {
					return
				}
			}
		})
	},
	// Every other request fails; the answers are numbered.
	"unsteady": func() http.Handler {
		var requests atomic.Int64
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			n := requests.Add(1)
			if n%2 == 0 {
				w.WriteHeader(http.StatusServiceUnavailable)
				return
			}
			writeSnapshot(w, r, n)
		})
	},
	"counting": func() http.Handler {
		var requests atomic.Int64
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { writeSnapshot(w, r, requests.Add(1)) })
	},
	"hostile": func() http.Handler { return answer("application/json", hostileJSON()) },
	"crowd":   func() http.Handler { return answer("application/json", crowdJSON()) },
	"echo":    func() http.Handler { return http.HandlerFunc(echo) },
	// The page is not where Register puts it.
	"elsewhere": func() http.Handler {
		mux := http.NewServeMux()
		mux.HandleFunc("/vars", echo)
		mux.Handle("/home", answer("text/html", "<!doctype html><title>Shop</title>"))
		return mux
	},
	// The page is where Register puts it, below a path at which there is something else.
	"below": func() http.Handler {
		mux := http.NewServeMux()
		mux.Handle("/shop", answer("text/html", "<!doctype html><title>Shop</title>"))
		mux.HandleFunc("/shop"+debugvars.Path, echo)
		return mux
	},
	// There are too many goroutines to print each.
	"summary": func() http.Handler { return answer("application/json", summaryJSON()) },
}

// echo answers with what it has been asked for, as a note.
func echo(w http.ResponseWriter, r *http.Request) {
	s := snapshot(1)
	s.Notes = []string{r.URL.Path + "?" + r.URL.RawQuery}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(s)
}

func answer(contentType, text string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", contentType)
		_, _ = io.WriteString(w, text)
	})
}

func writeSnapshot(w http.ResponseWriter, r *http.Request, round int64) {
	w.Header().Set("Content-Type", "application/json")
	_, _ = io.WriteString(w, snapshotJSON(round))
}

// snapshot is what a program with one goroutine says, whose variable has the number of the round.
func snapshot(round int64) *debugvars.Snapshot {
	value := "round-" + string(rune('0'+round%10))
	return &debugvars.Snapshot{
		Time: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), Program: "shop", PID: 42, Go: "go1.26",
		Total: 5, Holding: 1, Matching: 1, Shown: 1,
		Variables: []debugvars.VariableInfo{{Name: "round", Type: "string", Goroutines: 1, Values: 1}},
		Goroutines: []*debugvars.Goroutine{{
			ID: 17, State: "chan receive", Variables: []debugvars.Variable{{Name: "round", Value: value, Type: "string"}},
			Where: &debugvars.Call{Func: "main.work", File: "/src/main.go", Line: 9},
		}},
	}
}

func snapshotJSON(round int64) string { return text(snapshot(round)) }

func text(s *debugvars.Snapshot) string {
	data, err := json.Marshal(s)
	if err != nil {
		panic(err)
	}
	return string(data)
}

// hostile would change a terminal's title, clear it, ring, and write from right to left.
const hostile = "\x1b]0;owned\a\x1b[2J\u009b31m\r\n\u202eoverride\x00\x7f"

// hostileJSON has such texts wherever there is one, some not escaped, as JSON allows it above U+001F.
func hostileJSON() string {
	call := debugvars.Call{Func: hostile, File: hostile, Line: 1}
	v := debugvars.Variable{Name: hostile, Value: hostile, Type: hostile, Set: &debugvars.Site{Call: call}}
	task := debugvars.TaskRef{ID: 1, Name: hostile, State: hostile}
	work := debugvars.WorkRef{ID: 1, Name: hostile, Ended: time.Now()}
	g := &debugvars.Goroutine{
		ID: 1, State: hostile, Variables: []debugvars.Variable{v}, Stack: []debugvars.Call{call}, Where: &call, Created: &call, Task: &task, Work: &work,
	}
	return text(&debugvars.Snapshot{
		Time: time.Now(), Program: hostile, Go: hostile, Total: 1, Holding: 1, Matching: 1, Shown: 1,
		Variables:  []debugvars.VariableInfo{{Name: hostile, Type: hostile}},
		Goroutines: []*debugvars.Goroutine{g},
		Groups:     []debugvars.Group{{Name: hostile, Value: hostile, Count: 1}},
		Tree:       []*debugvars.Node{{Goroutine: g, Started: []*debugvars.Node{{Goroutine: g}}}},
		Loops: []*debugvars.Loop{{Number: 1, HeldUp: []debugvars.Call{call}, Note: hostile, Tasks: []*debugvars.Task{{
			TaskRef: task, In: hostile, Variables: []debugvars.Variable{v}, Stack: []debugvars.Call{call}, Created: []debugvars.Call{call},
			Awaits: []debugvars.TaskRef{task}, AwaitedBy: []debugvars.TaskRef{task},
		}}}},
		Ended: []debugvars.Ended{{WorkRef: work, Goroutines: []*debugvars.Goroutine{g}, Timers: []debugvars.Timer{{Kind: hostile, Created: []debugvars.Call{call}}}}},
		Notes: []string{hostile},
	})
}

func summaryJSON() string {
	s := snapshot(1)
	s.Summarised, s.Goroutines, s.Total, s.Holding, s.Matching, s.Shown = true, nil, 30000, 20000, 0, 0
	return text(s)
}

// crowdJSON is more goroutines than a terminal has lines.
func crowdJSON() string {
	s := snapshot(1)
	g := s.Goroutines[0]
	for id := range uint64(200) {
		more := *g
		more.ID = 100 + id
		more.Variables = []debugvars.Variable{{Name: "id", Value: strings.Repeat("x", int(id)), Type: "string"}}
		s.Goroutines = append(s.Goroutines, &more)
	}
	s.Holding, s.Matching, s.Shown = 201, 201, 201
	return text(s)
}
