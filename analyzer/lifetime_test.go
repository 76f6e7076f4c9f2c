package analyzer

import "testing"

func TestLifetime(t *testing.T) { test(t, Lifetime, "lifetime", "lifetimemain") }
