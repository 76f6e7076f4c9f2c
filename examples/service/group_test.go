package main

import (
	"errors"
	"testing"
)

func TestGroupReturnsTheFirstError(t *testing.T) {
	first, second := errors.New("first"), errors.New("second")
	failed := make(chan bool)
	var g group
	g.start(func() error { return nil })
	g.start(func() error { defer close(failed); return first })
	if <-failed; g.wait() != first {
		t.Errorf("got %v", g.err)
	}
	g.start(func() error { return second })
	if err := g.wait(); err != first {
		t.Errorf("a later error won: %v", err)
	}
}

func TestGroupWithoutError(t *testing.T) {
	var g group
	ran := false
	g.start(func() error { ran = true; return nil })
	if err := g.wait(); err != nil || !ran {
		t.Errorf("ran: %v, error: %v", ran, err)
	}
}

func TestGroupInherits(t *testing.T) {
	defer requestID.Set("mine").Restore()
	var g group
	got := ""
	g.start(func() error {
		got = requestID.Get()
		requestID.Set("theirs")
		return nil
	})
	if g.wait(); got != "mine" || requestID.Get() != "mine" {
		t.Errorf("it saw %q, and I see %q", got, requestID.Get())
	}
}
