package zerologvars_test

import (
	"bytes"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"github.com/rs/zerolog/diode"

	"github.com/gocontextvars/contextvars/contrib/zerologvars"
)

// A logger is shared by goroutines, which also derive loggers from it.
func TestGoroutinesLogTheirOwnValues(t *testing.T) {
	var (
		out bytes.Buffer
		wg  sync.WaitGroup
	)
	shared := zerolog.New(zerolog.SyncWriter(&out)).Hook(zerologvars.NewHook(request, tenant))
	const goroutines, rounds = 8, 50
	for g := range goroutines {
		wg.Go(func() {
			id := fmt.Sprint("r-", g)
			defer request.Set(id).Restore()
			for range rounds {
				shared.Info().Msg(id)
				sub := shared.With().Int("a", 1).Logger()
				sub.Info().Msg(id)
				done := make(chan bool)
				go func() { // sees what its creator has set
					defer close(done)
					shared.Warn().Int("b", 2).Msg(id)
				}()
				<-done
			}
		})
	}
	wg.Wait()
	wantOwnValues(t, &out, goroutines*rounds*3)
}

func wantOwnValues(t *testing.T, out *bytes.Buffer, want int) {
	t.Helper()
	lines := parsed(t, out)
	if len(lines) != want {
		t.Errorf("%d lines, want %d", len(lines), want)
	}
	for _, line := range lines {
		if line["request_id"] != line["message"] {
			t.Errorf("another goroutine's value in %v", line)
		}
	}
}

// A diode.Writer writes on a goroutine of its own.
func TestDiodeWriter(t *testing.T) {
	defer request.Set("the writer's").Restore()
	for name, poll := range map[string]time.Duration{"waiter": 0, "poller": time.Millisecond} {
		t.Run(name, func(t *testing.T) {
			var out bytes.Buffer
			w := diode.NewWriter(&out, 1000, poll, func(missed int) { t.Errorf("%d missed", missed) })
			l := zerolog.New(w).Hook(zerologvars.NewHook(request))
			var wg sync.WaitGroup
			for g := range 8 {
				wg.Go(func() {
					request.Set(fmt.Sprint("r-", g))
					for range 50 {
						l.Info().Msg(request.Get())
					}
				})
			}
			wg.Wait()
			if err := w.Close(); err != nil { // after it has written all
				t.Error(err)
			}
			wantOwnValues(t, &out, 8*50)
		})
	}
}
