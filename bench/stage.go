package main

import (
	"fmt"
	"runtime"
	"time"
)

// A subject is one participant doing one kind of work in one setting.
type subject struct {
	who  *participant
	name string // in tables
	kind kind
	at   setting
}

// stage is the goroutine that a subject works on. It lives from the first sample
// to the last, and stands still while other subjects have their turn.
type stage struct {
	subject subject
	ask     chan request
	answer  chan sample
	fault   string // the first that was found
	asked   bool   // and not answered yet
}

type request struct {
	n     int
	count bool // allocations, not time
}

// sample is what one run of a loop gave.
type sample struct {
	elapsed       time.Duration
	sum           int
	mallocs, size uint64
	fault         string
}

func open(s subject) *stage {
	st := &stage{subject: s, ask: make(chan request), answer: make(chan sample)}
	go st.live()
	return st
}

func (st *stage) close() { close(st.ask) }

// run has the loop run n times. From the first fault on the sample has that fault and
// nothing else.
func (st *stage) run(r request) sample {
	st.ask <- r
	return <-st.answer
}

func (st *stage) live() {
	defer func() {
		if p := recover(); p != nil {
			st.fault = fmt.Sprint("panic: ", p)
		}
		// Nothing is left but to tell whoever asks.
		if st.asked {
			st.answer <- sample{fault: st.fault}
		}
		for range st.ask {
			st.answer <- sample{fault: st.fault}
		}
	}()
	st.subject.who.does[st.subject.kind](st.subject.at, st)
}

// serve runs l as often as it is asked for, and checks the sums.
func (st *stage) serve(l loop) {
	want := st.subject.kind.want(st.subject.at)
	for r := range st.ask {
		st.asked = true
		s := measure(l, r)
		if st.fault == "" {
			st.fault = faultOf(s.sum, want*r.n)
		}
		s.fault = st.fault
		st.answer <- s
		st.asked = false
	}
}

const lost = "lost"

func faultOf(sum, want int) string {
	switch sum {
	case want:
		return ""
	case 0:
		return lost
	}
	return fmt.Sprintf("wrong: read %d, not %d", sum, want)
}

// expect makes it a fault if a participant reads something else than what it set.
func (st *stage) expect(when string, got, want *value) {
	if st.fault == "" && got != want {
		st.fault = fmt.Sprintf("wrong %s: %d, not %d", when, got.number(), want.number())
	}
}

func measure(l loop, r request) sample {
	if !r.count {
		start := time.Now()
		sum := l(r.n)
		return sample{elapsed: time.Since(start), sum: sum}
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	sum := l(r.n)
	runtime.ReadMemStats(&after)
	return sample{sum: sum, mallocs: after.Mallocs - before.Mallocs, size: after.TotalAlloc - before.TotalAlloc}
}
