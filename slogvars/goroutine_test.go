package slogvars_test

import (
	"bytes"
	"log/slog"
	"strings"
	"sync"
	"testing"

	"github.com/gocontextvars/contextvars/slogvars"
)

// A handler is shared by goroutines, which also derive loggers from it.
func TestGoroutinesLogTheirOwnValues(t *testing.T) {
	var (
		out locked
		wg  sync.WaitGroup
	)
	shared := slog.New(slogvars.NewHandler(newText(&out), request, tenant))
	grouped := shared.WithGroup("g").With("a", 1, "b", 2)
	const goroutines, records = 8, 50
	for g := range goroutines {
		wg.Go(func() {
			id := string(rune('A' + g))
			defer request.Set(id).Restore()
			for range records {
				shared.Info("m", "own", id)
				grouped.With("own", id).WithGroup("h").Info("m", "own", id)
				done := make(chan bool)
				go func() { // sees what its creator has set
					defer close(done)
					grouped.Info("m", "own", id)
				}()
				<-done
			}
		})
	}
	wg.Wait()

	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	if want := goroutines * records * 3; len(lines) != want {
		t.Errorf("%d lines, want %d", len(lines), want)
	}
	for _, line := range lines {
		_, id, _ := strings.Cut(line, "own=")
		if id = id[:1]; !strings.HasPrefix(line, "msg=m request_id="+id+" tenant=nobody ") {
			t.Errorf("another goroutine's value in %s", line)
		}
	}
}

// locked is a buffer for handlers that write at once.
type locked struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (l *locked) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(p)
}

func (l *locked) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.String()
}
