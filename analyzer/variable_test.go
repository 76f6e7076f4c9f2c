package analyzer

import "testing"

func TestVariable(t *testing.T) { test(t, Variable, "variable") }
