package analyzer

import "testing"

func TestToken(t *testing.T) { test(t, Token, "token", "tokendot", "tokenmain", "tokentasks") }
