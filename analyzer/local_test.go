package analyzer

import "testing"

func TestLocal(t *testing.T) { test(t, Local, "local") }
