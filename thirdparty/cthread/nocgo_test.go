//go:build !(cgo && unix)

package cthread_test

import "testing"

func TestCallbacks(t *testing.T) { t.Skip("this build has no cgo, or no POSIX threads") }
