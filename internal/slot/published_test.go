package slot

import (
	"runtime"
	"sync"
	"testing"
)

func TestPublished(t *testing.T) {
	var p Published[int]
	if p.Load() != nil {
		t.Error("a new one is not nil")
	}
	a, b := new(int), new(int)
	for _, v := range []*int{a, b, nil, a} {
		p.Store(v)
		if p.Load() != v {
			t.Error("Load does not return what was stored")
		}
	}
}

// Whoever sees the pointer sees all that was written before it was stored, and
// never an older pointer after a newer one.
func TestPublishedIsSeenWhole(t *testing.T) {
	type message struct {
		number int
		text   []int
	}
	const last = 20000
	var p Published[message]
	p.Store(&message{0, []int{0}})
	var wg sync.WaitGroup
	for range 3 {
		wg.Go(func() {
			for seen := 0; seen < last; {
				m := p.Load()
				if m.number < seen || len(m.text) != 1 || m.text[0] != m.number {
					t.Errorf("after %d: number %d, text %v", seen, m.number, m.text)
					return
				}
				if m.number == seen {
					runtime.Gosched()
				}
				seen = m.number
			}
		})
	}
	for i := 1; i <= last; i++ {
		p.Store(&message{i, []int{i}})
		if i%100 == 0 {
			runtime.Gosched()
		}
	}
	wg.Wait()
}

func TestFlag(t *testing.T) {
	var f Flag
	if f.IsSet() {
		t.Error("a new flag is set")
	}
	f.Set()
	f.Set()
	if !f.IsSet() {
		t.Error("a flag that was set is not")
	}
}

func TestFlagIsSeenByOthersAfterWhatCameBefore(t *testing.T) {
	for range 500 {
		var f Flag
		var p Published[int]
		var wg sync.WaitGroup
		for range 2 {
			wg.Go(func() {
				for !f.IsSet() {
					runtime.Gosched()
				}
				if v := p.Load(); v == nil || *v != 7 {
					t.Error("the flag was seen before what was stored before it")
				}
			})
		}
		v := 7
		p.Store(&v)
		f.Set()
		wg.Wait()
	}
}
