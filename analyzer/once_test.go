package analyzer

import "testing"

func TestOnce(t *testing.T) { test(t, Once, "once") }
