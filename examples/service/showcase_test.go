package main

import (
	"bytes"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gocontextvars/contextvars/asyncio"
)

// wait asks again and again until ok, since nothing says when.
func wait(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(30 * time.Second); !ok(); runtime.Gosched() {
		if time.Now().After(end) {
			t.Fatalf("waited in vain for %s", what)
		}
	}
}

func TestShowcase(t *testing.T) {
	before := runtime.NumGoroutine()
	s, err := startShowcase()
	if err != nil {
		t.Fatal(err)
	}
	wait(t, "the tasks of the event loop", func() bool { return slices.Contains(taskNames(), "payment of paper") })
	wait(t, "an order that is over and still held", func() bool { return bytes.Contains(stacks(), []byte(").survey(")) })
	if s.tally.requests.Load() == 0 {
		t.Error("no order was answered")
	}
	if err := s.stop(); err != nil {
		t.Error(err)
	}
	wait(t, "the end of all goroutines", func() bool { return runtime.NumGoroutine() <= before })
}

func TestShowcaseTellsWrongValues(t *testing.T) {
	s, err := startShowcase()
	if err != nil {
		t.Fatal(err)
	}
	s.tally.unexpected("a value of the test's")
	if err := s.stop(); err == nil || !strings.Contains(err.Error(), "a value of the test's") {
		t.Errorf("got %v", err)
	}
}

func taskNames() (names []string) {
	for _, l := range asyncio.Loops() {
		for _, a := range l.AllTasks() {
			names = append(names, a.(asyncio.AnyTask).Name())
		}
	}
	return names
}

func stacks() []byte {
	all := make([]byte, 1<<20)
	return all[:runtime.Stack(all, true)]
}
