package main

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/gocontextvars/contextvars/debugvars"
)

// A program that sends more than anybody can want is left, also if it sends it compressed.
func TestAnswerIsTooLong(t *testing.T) {
	url, stop := newServer("bomb")
	defer stop()
	page, err := parseTarget(url)
	if err != nil {
		t.Fatal(err)
	}
	c := newClient(page, time.Minute)
	c.most = 3 << 20
	_, _, err = c.fetch(context.Background(), debugvars.Query{})
	if err == nil || !strings.HasSuffix(err.Error(), "the answer has more than 3 MB: ask for less with filters or -limit") {
		t.Error(err)
	}
}
