package main

import (
	"fmt"
	"runtime"
	"time"
)

// stage is the goroutine that a side works on. It lives from the first sample to the
// last, and stands still while others have their turn.
type stage struct {
	side   side
	ask    chan request
	answer chan sample
	ended  chan struct{}
	stuck  bool
}

type request struct {
	n     int
	count bool // allocations, not time
}

// sample is what one run of a loop gave. If it has a fault it has nothing else.
type sample struct {
	elapsed       time.Duration
	mallocs, size uint64
	fault         string
}

// patience is for one sample: what takes longer waits for something that has been lost. A test shortens it.
var patience = 30 * time.Second

func open(s side) *stage {
	// The answer of a stage that nobody waits for any more has room.
	st := &stage{side: s, ask: make(chan request), answer: make(chan sample, 1), ended: make(chan struct{})}
	go st.live()
	return st
}

// close returns when all that the side has started has ended.
func (st *stage) close() {
	close(st.ask)
	if !st.stuck {
		<-st.ended
	}
}

func (st *stage) run(r request) sample {
	if !st.stuck {
		st.ask <- r
		select {
		case s := <-st.answer:
			return s
		case <-time.After(patience):
			st.stuck = true
		}
	}
	return sample{fault: fmt.Sprintf("no answer in %v", patience)}
}

func (st *stage) live() {
	defer close(st.ended)
	b := new(bed)
	defer b.end()
	l, err := st.start(b)
	fault := ""
	if err != nil {
		fault = err.Error()
	}
	for r := range st.ask {
		if fault != "" {
			st.answer <- sample{fault: fault}
			continue
		}
		s := b.sample(l, r)
		fault = s.fault
		st.answer <- s
	}
}

func (st *stage) start(b *bed) (l loop, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	return st.side.start(b)
}

func (b *bed) sample(l loop, r request) (s sample) {
	defer func() {
		if p := recover(); p != nil {
			s = sample{fault: fmt.Sprint("panic: ", p)}
		}
	}()
	for _, f := range b.befores {
		f()
	}
	var before, after runtime.MemStats
	if r.count {
		runtime.ReadMemStats(&before)
	}
	start := time.Now()
	right, err := l(r.n)
	elapsed := time.Since(start)
	if r.count {
		runtime.ReadMemStats(&after)
	}
	for _, f := range b.afters {
		f()
	}
	switch {
	case err != nil:
		return sample{fault: err.Error()}
	case right != r.n:
		return sample{fault: fmt.Sprintf("wrong: the values were right in %d of %d calls", right, r.n)}
	}
	return sample{elapsed: elapsed, mallocs: after.Mallocs - before.Mallocs, size: after.TotalAlloc - before.TotalAlloc}
}
