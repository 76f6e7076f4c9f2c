package zerologvars_test

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/rs/zerolog"
	"github.com/rs/zerolog/diode"
	"github.com/rs/zerolog/hlog"

	"github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/contrib/zerologvars"
	"github.com/gocontextvars/contextvars/httpvars"
	"github.com/gocontextvars/contextvars/internal/matrix"
)

var who = contextvars.New[string]("who")

func TestMatrix(t *testing.T) {
	row := func(where string, log func(context.Context, *zerolog.Logger)) matrix.Row {
		return matrix.Row{
			Where:   where,
			Module:  "github.com/rs/zerolog",
			Without: logged(t, log),
			With:    logged(t, log, zerologvars.NewHook(who)),
			Help:    "`zerologvars.NewHook`",
		}
	}
	matrix.Check(t, "contrib/zerologvars",
		row("a log line in a goroutine that the request started",
			func(_ context.Context, l *zerolog.Logger) { l.Info().Send() }),
		row("a line of the logger that hlog has put into the request's ctx",
			func(ctx context.Context, _ *zerolog.Logger) { zerolog.Ctx(ctx).Info().Send() }),
		row("a line of a sub-logger that was made for another request",
			func(_ context.Context, l *zerolog.Logger) {
				var sub zerolog.Logger
				who.With("the other request's", func() { sub = l.With().Int("a", 1).Logger() })
				sub.Info().Send()
			}),
	)
}

// logged returns what stands under who in the line that log writes, through a
// diode.Writer, in a goroutine of a request's handler.
func logged(t *testing.T, log func(context.Context, *zerolog.Logger), hooks ...zerolog.Hook) string {
	t.Helper()
	var out bytes.Buffer
	w := diode.NewWriter(&out, 10, 0, nil)
	logger := zerolog.New(w).Hook(hooks...)
	handler := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		who.Set("the request's")
		done := make(chan bool)
		go func() {
			defer close(done)
			log(r.Context(), &logger)
		}()
		<-done
	})
	server := httptest.NewServer(httpvars.Handler(hlog.NewHandler(logger)(handler)))
	defer server.Close()
	response, err := server.Client().Get(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()
	server.Client().CloseIdleConnections()
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	lines := parsed(t, &out)
	if len(lines) != 1 {
		t.Fatalf("%d lines, want 1: %v", len(lines), lines)
	}
	if value, ok := lines[0][who.Name()]; ok {
		return fmt.Sprint(value)
	}
	return "nothing"
}
