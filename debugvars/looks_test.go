package debugvars

import (
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

func TestLooksAreShared(t *testing.T) {
	var taken atomic.Int32
	began, end := make(chan bool), make(chan bool)
	l := &looks{interval: time.Hour, take: func() *look {
		taken.Add(1)
		close(began)
		<-end
		return new(look)
	}}
	all := make([]*look, 10)
	var wg sync.WaitGroup
	wg.Go(func() { all[0] = l.get() })
	<-began
	for i := range all[1:] {
		wg.Go(func() { all[i+1] = l.get() })
	}
	close(end)
	wg.Wait()
	for _, one := range all {
		if one != all[0] || taken.Load() != 1 {
			t.Fatalf("%d looks were taken", taken.Load())
		}
	}
}

func TestLooksGrowOld(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &looks{interval: time.Second, take: func() *look { return &look{total: 1} }}
		first := l.get()
		time.Sleep(999 * time.Millisecond)
		if l.get() != first {
			t.Error("a look was taken too early")
		}
		time.Sleep(2 * time.Millisecond)
		synctest.Wait()
		if l.last != nil {
			t.Error("an old look is kept")
		}
		if l.get() == first {
			t.Error("an old look is shown")
		}
		time.Sleep(2 * time.Second)
	})
}

func TestLooksWithoutInterval(t *testing.T) {
	l := &looks{take: func() *look { return &look{total: 1} }}
	if first := l.get(); l.get() == first || l.last != nil {
		t.Error("a look is shared")
	}
}

// TestLooksGoOnAfterAPanic: the next client is not stuck.
func TestLooksGoOnAfterAPanic(t *testing.T) {
	first := true
	l := &looks{take: func() *look {
		if first {
			first = false
			panic("no look")
		}
		return new(look)
	}}
	func() {
		defer func() { _ = recover() }()
		l.get()
	}()
	if l.get() == nil {
		t.Error("no look")
	}
}
