package zapvars_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/contrib/zapvars"
	"github.com/gocontextvars/contextvars/httpvars"
	"github.com/gocontextvars/contextvars/internal/matrix"
)

var who = contextvars.New[string]("who")

func TestMatrix(t *testing.T) {
	row := func(where string, log func(*zap.Logger)) matrix.Row {
		return matrix.Row{
			Where:   where,
			Module:  "go.uber.org/zap",
			Without: logged(t, log),
			With:    logged(t, log, zapvars.WrapCore(who)),
			Help:    "`zapvars.WrapCore`",
		}
	}
	matrix.Check(t, "contrib/zapvars",
		row("a log line in a goroutine that the request started",
			func(l *zap.Logger) { l.Info("m") }),
		row("a line of a SugaredLogger there, at the top level beside an open Namespace",
			func(l *zap.Logger) { l.Sugar().With(zap.Namespace("n"), "a", 1).Infow("m", "b", 2) }),
		row("a line of a logger that was made by WithLazy for another request",
			func(l *zap.Logger) {
				var lazy *zap.Logger
				who.With("the other request's", func() { lazy = l.WithLazy(zap.Int("a", 1)) })
				lazy.Info("m")
			}),
	)
}

// logged returns what stands under who in the line that log writes, through a
// BufferedWriteSyncer, in a goroutine of a request's handler.
func logged(t *testing.T, log func(*zap.Logger), opts ...zap.Option) string {
	t.Helper()
	var out output
	buffered := &zapcore.BufferedWriteSyncer{WS: &out, FlushInterval: time.Hour}
	logger := zap.New(jsonCore(buffered), opts...)
	server := httptest.NewServer(httpvars.Handler(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		who.Set("the request's")
		done := make(chan bool)
		go func() {
			defer close(done)
			log(logger)
		}()
		<-done
	})))
	defer server.Close()
	response, err := server.Client().Get(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()
	server.Client().CloseIdleConnections()
	if err := buffered.Stop(); err != nil {
		t.Fatal(err)
	}
	lines := out.lines(t)
	if len(lines) != 1 {
		t.Fatalf("%d lines, want 1: %v", len(lines), lines)
	}
	if value, ok := lines[0][who.Name()]; ok {
		return fmt.Sprint(value)
	}
	return "nothing"
}
