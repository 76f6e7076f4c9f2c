package main

import (
	"context"
	"runtime"
	"sync"
	"testing"
)

func TestKeptFindsALeak(t *testing.T) {
	type leaf struct{ _ [64]byte }
	var (
		lock  sync.Mutex
		leaks = make([]*leaf, 0, few+2000)
	)
	got := kept(t.Context(), 2000, 100, func() {
		l := new(leaf)
		lock.Lock()
		leaks = append(leaks, l)
		lock.Unlock()
	})
	runtime.KeepAlive(leaks)
	if want := int64(64 * 2000); got != want {
		t.Errorf("%d bytes kept, want %d", got, want)
	}
}

var keptSink *[8]*value

func TestKeptCountsNoGarbage(t *testing.T) {
	var lock sync.Mutex
	got := kept(t.Context(), 2000, 100, func() {
		lock.Lock()
		keptSink = new([8]*value)
		lock.Unlock()
	})
	if got > 64 {
		t.Errorf("%d bytes kept, want no more than the last one's 64", got)
	}
}

func TestKeptEndsWhenInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	var once sync.Once
	started := 0
	var lock sync.Mutex
	kept(ctx, 1_000_000, 10, func() {
		lock.Lock()
		started++
		lock.Unlock()
		once.Do(cancel)
	})
	if started != few {
		t.Errorf("%d goroutines were started, want the first %d", started, few)
	}
}
