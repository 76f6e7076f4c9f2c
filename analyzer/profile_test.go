package analyzer

import "testing"

func TestProfile(t *testing.T) { test(t, Profile, "profile") }
