package zerologvars_test

import (
	"os"

	"github.com/rs/zerolog"

	"github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/contrib/zerologvars"
)

var (
	requestID = contextvars.New[string]("request_id")
	userID    = contextvars.New[string]("user_id")
	password  = contextvars.New[string]("password", contextvars.Redacted())
)

func ExampleNewHook() {
	// A program would set log.Logger, and zerolog.DefaultContextLogger to &log.Logger.
	logger := zerolog.New(os.Stdout).Hook(zerologvars.NewHook(requestID, userID, password))
	logger.Info().Msg("listening")

	defer requestID.Set("r-17").Restore()
	logger.Info().Str("path", "/cart").Msg("request")

	done := make(chan bool)
	go func() { // a goroutine has what its creator had
		defer close(done)
		defer userID.Set("ann").Restore()
		defer password.Set("hunter2").Restore()
		db := logger.With().Str("table", "carts").Logger()
		db.Warn().Int("rows", 12).Msg("slow")
	}()
	<-done

	logger.Info().Msg("done")
	// Output:
	// {"level":"info","message":"listening"}
	// {"level":"info","path":"/cart","request_id":"r-17","message":"request"}
	// {"level":"warn","table":"carts","rows":12,"request_id":"r-17","user_id":"ann","password":"[redacted]","message":"slow"}
	// {"level":"info","request_id":"r-17","message":"done"}
}
