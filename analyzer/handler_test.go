package analyzer

import "testing"

func TestHandler(t *testing.T) { test(t, Handler, "handler", "handlerwrapped") }
