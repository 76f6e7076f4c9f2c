package main

import (
	"context"
	"fmt"
	"io"
	"math/bits"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/httpvars"
)

// A site is what the crawler crawls: a web server of plain Go, on goroutines that no event loop runs. Page n
// links to pages 2n+1 and 2n+2, and back to page 0.
type site struct {
	url    string
	pages  int
	server *http.Server
	client *http.Client
	done   chan struct{}

	mu    sync.Mutex
	asked map[int]bool // the slow pages that were asked for
}

func startSite(pages, clients int) (*site, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	t := &http.Transport{MaxIdleConnsPerHost: clients}
	s := &site{
		url:    "http://" + l.Addr().String(),
		pages:  pages,
		client: &http.Client{Transport: httpvars.Transport(t)},
		done:   make(chan struct{}),
		asked:  make(map[int]bool),
	}
	s.server = &http.Server{Handler: http.HandlerFunc(s.servePage), ReadHeaderTimeout: 10 * time.Second}
	contextvars.GoDetached(func() {
		defer close(s.done)
		_ = s.server.Serve(l) // it ends by stop, and says so
	})
	return s, nil
}

func (s *site) stop() {
	s.client.CloseIdleConnections()
	s.server.Close()
	<-s.done
}

func path(page int) string { return "/" + strconv.Itoa(page) }

// depthOf is how many links page is away from page 0.
func depthOf(page int) int { return bits.Len(uint(page)+1) - 1 }

// slow pages are not answered when they are asked for the first time.
func slow(page int) bool { return page%50 == 1 }

func (s *site) servePage(w http.ResponseWriter, r *http.Request) {
	n, err := strconv.Atoi(strings.TrimPrefix(r.URL.Path, "/"))
	if err != nil || n < 0 || n >= s.pages {
		http.NotFound(w, r)
		return
	}
	if slow(n) && s.firstTime(n) {
		<-r.Context().Done() // until the client has lost its patience
		return
	}
	fmt.Fprintf(w, "title Page %d\n", n)
	for _, to := range []int{2*n + 1, 2*n + 2, 0} {
		if to < s.pages {
			fmt.Fprintf(w, "link %s\n", path(to))
		}
	}
}

func (s *site) firstTime(page int) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	first := !s.asked[page]
	s.asked[page] = true
	return first
}

// fetch returns the page at url.
func (s *site) fetch(ctx context.Context, url string) (title string, links []string, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return "", nil, err
	}
	res, err := s.client.Do(req)
	if err != nil {
		return "", nil, err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		return "", nil, err
	}
	if res.StatusCode != http.StatusOK {
		return "", nil, fmt.Errorf("%s: %s", url, res.Status)
	}
	for line := range strings.Lines(string(body)) {
		line = strings.TrimSpace(line)
		if t, ok := strings.CutPrefix(line, "title "); ok {
			title = t
		} else if l, ok := strings.CutPrefix(line, "link "); ok {
			links = append(links, l)
		}
	}
	return title, links, nil
}
