package slogvars_test

import (
	"log/slog"
	"os"

	"github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/slogvars"
)

var (
	requestID = contextvars.New[string]("request_id")
	userID    = contextvars.New[string]("user_id")
)

func ExampleNewHandler() {
	inner := slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{ReplaceAttr: withoutTime})
	logger := slog.New(slogvars.NewHandler(inner, requestID, userID))

	// A program would set this as the default logger, with slog.SetDefault.
	logger.Info("listening")

	defer requestID.Set("r-17").Restore()
	logger.Info("request", "path", "/cart")

	done := make(chan bool)
	go func() { // a goroutine has what its creator had
		defer close(done)
		defer userID.Set("ann").Restore()
		// Groups do not hide the variables.
		logger.WithGroup("db").With("table", "carts").Warn("slow", "rows", 12)
	}()
	<-done

	logger.Info("done")
	// Output:
	// level=INFO msg=listening
	// level=INFO msg=request request_id=r-17 path=/cart
	// level=WARN msg=slow request_id=r-17 user_id=ann db.table=carts db.rows=12
	// level=INFO msg=done request_id=r-17
}

// withoutTime keeps the output of the example the same from run to run.
func withoutTime(groups []string, a slog.Attr) slog.Attr {
	if len(groups) == 0 && a.Key == slog.TimeKey {
		return slog.Attr{}
	}
	return a
}
