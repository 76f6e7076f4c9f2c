package slots

import (
	"context"
	"runtime"
	"runtime/pprof"
	"slices"
	"strings"
	"testing"

	"github.com/gocontextvars/contextvars/internal/slot"
)

// marked is what a slot may lead to in these tests.
type marked struct {
	slot.Head
	name string
}

func waitHere(h *slot.Head, started, end chan bool) {
	slot.Store(h)
	started <- true
	<-end
}

func (r Record) in(function string) bool {
	frames := runtime.CallersFrames(r.Stack)
	for {
		f, more := frames.Next()
		if strings.HasSuffix(f.Function, function) {
			return true
		}
		if !more {
			return false
		}
	}
}

func TestRecordsAreGoroutines(t *testing.T) {
	started, end := make(chan bool), make(chan bool)
	defer close(end)
	var want []string
	for _, name := range []string{"a", "b", "c"} {
		m := &marked{name: name}
		m.Mark(nil)
		go waitHere(&m.Head, started, end)
		<-started
		want = append(want, name)
	}
	go waitHere(nil, started, end)
	<-started
	go func() {
		pprof.SetGoroutineLabels(pprof.WithLabels(context.Background(), pprof.Labels("key", "value")))
		waitHere(slot.Load(), started, end)
	}()
	<-started
	runtime.GC() // the heads are in slots only

	records, ok := All()
	if !ok {
		t.Fatalf("%s has no way to tell", runtime.Version())
	}
	var names []string
	empty, foreign, self := 0, 0, 0
	for _, r := range records {
		switch {
		case r.in("slots.TestRecordsAreGoroutines"):
			self++
		case !r.in("slots.waitHere"):
		case r.Head == nil:
			empty++
		case !r.Head.Marked():
			if !slices.Equal(r.Head.Labels(), []slot.Label{{Key: "key", Value: "value"}}) {
				t.Errorf("foreign labels are %v", r.Head.Labels())
			}
			foreign++
		default:
			names = append(names, slot.Outer[marked](r.Head).name)
		}
	}
	slices.Sort(names)
	if !slices.Equal(names, want) || empty != 1 || foreign != 1 || self != 1 {
		t.Errorf("found %v, want %v; %d with an empty slot, %d with a foreign one and %d that ask, want one each", names, want, empty, foreign, self)
	}
}

func TestManyRecords(t *testing.T) {
	const n = 3000
	started, end := make(chan bool), make(chan bool)
	defer close(end)
	for range n {
		m := new(marked)
		m.Mark(nil)
		go waitHere(&m.Head, started, end)
		<-started
	}
	records, ok := All()
	found := 0
	for _, r := range records {
		if r.Head != nil && r.Head.Marked() && len(r.Stack) > 0 {
			found++
		}
	}
	if !ok || found != n {
		t.Errorf("found %d of %d goroutines", found, n)
	}
}

// The number of goroutines changes while they are counted; the world goes on.
func TestRecordsWhileGoroutinesComeAndGo(t *testing.T) {
	stop, stopped := make(chan bool), make(chan bool)
	go func() {
		defer close(stopped)
		for {
			select {
			case <-stop:
				return
			default:
			}
			done := make(chan bool)
			for range 50 {
				go func() {
					m := new(marked)
					m.Mark(nil)
					slot.Store(&m.Head)
					runtime.Gosched()
					done <- true
				}()
			}
			for range 50 {
				<-done
			}
		}
	}()
	for range 100 {
		records, ok := All()
		if !ok {
			t.Fatal("All failed")
		}
		for _, r := range records {
			if r.Head != nil && r.Head.Marked() && slot.Outer[marked](r.Head).name != "" {
				t.Fatal("a head leads to something else")
			}
		}
	}
	close(stop)
	<-stopped
}
