package analyzer

import (
	"testing"

	"golang.org/x/tools/go/analysis/analysistest"
)

func TestIgnore(t *testing.T) { analysistest.Run(t, tree, together(Token, Ignore), "ignore") }
