package thirdparty_test

import (
	"testing"

	"go.uber.org/goleak"
)

// Importing ants starts goroutines that never end.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m, goleak.IgnoreCurrent()) }
