package zapvars_test

import (
	"go.uber.org/zap"

	"github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/contrib/zapvars"
)

var (
	requestID = contextvars.New[string]("request_id")
	userID    = contextvars.New[string]("user_id")
	password  = contextvars.New[string]("password", contextvars.Redacted())
)

func ExampleWrapCore() {
	// A program would begin with zap.NewProduction, and set this with zap.ReplaceGlobals.
	logger := zap.NewExample(zapvars.WrapCore(requestID, userID, password))
	logger.Info("listening")

	defer requestID.Set("r-17").Restore()
	logger.Info("request", zap.String("path", "/cart"))

	done := make(chan bool)
	go func() { // a goroutine has what its creator had
		defer close(done)
		defer userID.Set("ann").Restore()
		defer password.Set("hunter2").Restore()
		// Namespaces do not hide the variables.
		logger.With(zap.Namespace("db"), zap.String("table", "carts")).Warn("slow", zap.Int("rows", 12))
	}()
	<-done

	logger.Sugar().Infow("done", "bytes", 512)
	// Output:
	// {"level":"info","msg":"listening"}
	// {"level":"info","msg":"request","request_id":"r-17","path":"/cart"}
	// {"level":"warn","msg":"slow","request_id":"r-17","user_id":"ann","password":"[redacted]","db":{"table":"carts","rows":12}}
	// {"level":"info","msg":"done","request_id":"r-17","bytes":512}
}
