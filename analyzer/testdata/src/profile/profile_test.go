package profile

import (
	"context"
	"runtime/pprof"
	"testing"
)

func TestLabels(t *testing.T) { pprof.Do(context.Background(), pprof.Labels("a", "b"), work) }
