package main

import (
	"math/rand/v2"
	"time"

	"github.com/gocontextvars/contextvars/asyncio"
	"github.com/gocontextvars/contextvars/bench/internal/stat"
)

// pendingCost is what one more timer costs while others are pending.
type pendingCost struct {
	Pending int `json:"pending"`
	// AddFire is a timer that is due at once, until it has fired.
	AddFire float64 `json:"addFireNS"`
	// AddCancel is one in the place of another, each of them anywhere among the pending.
	AddCancel float64 `json:"addCancelNS"`
}

// pendingCosts is one way of having timers.
type pendingCosts struct {
	Name  string        `json:"name"`
	Costs []pendingCost `json:"costs"`
	Fault string        `json:"fault,omitempty"`
}

// mostGrowth is by how much the cost may grow from the fewest to the most pending timers, which are 1000 times as
// many: log n doubles, and what is no longer in the cache makes up for the rest. With
// a list it would be 1000.
const mostGrowth = 20

// timerSamples is how many samples there are with each number of pending timers.
const timerSamples = 21

var timerKinds = []struct {
	name    string
	measure func(n, count int) (pendingCost, error)
}{
	{"asyncio CallLater", asyncioPending},
	{"time.AfterFunc", afterFuncPending},
}

// scheduler has n timers pending. Its functions do something count times.
type scheduler struct {
	fire    func(count int) error
	replace func(count int)
}

func sampled(n, count int, s scheduler) (c pendingCost, err error) {
	var fire, replace []float64
	took := func(f func()) float64 {
		start := time.Now()
		f()
		return float64(time.Since(start).Nanoseconds()) / float64(count)
	}
	for range timerSamples {
		fire = append(fire, took(func() { err = s.fire(count) }))
		if err != nil {
			return c, err
		}
		replace = append(replace, took(func() { s.replace(count) }))
	}
	return pendingCost{n, stat.Median(fire), stat.Median(replace)}, nil
}

// someTime is when a pending timer is due: not while it is measured.
func someTime() time.Duration { return farAway + rand.N(farAway) }

func asyncioPending(n, count int) (c pendingCost, err error) {
	_, err = asyncio.Run(func() (_ int, err error) {
		user.Set(somebody)
		l, err := asyncio.RunningLoop()
		if err != nil {
			return 0, err
		}
		f := func() {}
		timers := make([]*asyncio.TimerHandle, n)
		for i := range timers {
			timers[i] = l.CallLater(someTime(), f)
		}
		c, err = sampled(n, count, scheduler{
			fire: func(count int) error {
				call, all := counted(count)
				for range count {
					l.CallLater(0, call)
				}
				return awaited(all)
			},
			replace: func(count int) {
				for range count {
					i := rand.IntN(n)
					timers[i].Cancel()
					timers[i] = l.CallLater(someTime(), f)
				}
			},
		})
		for _, t := range timers {
			t.Cancel()
		}
		return 0, err
	})
	return c, err
}

func afterFuncPending(n, count int) (c pendingCost, err error) {
	f := func() {}
	timers := make([]*time.Timer, n)
	for i := range timers {
		timers[i] = time.AfterFunc(someTime(), f)
	}
	c, err = sampled(n, count, scheduler{
		fire: func(count int) error {
			call, wait := atOnce(count, ignored)
			for range count {
				time.AfterFunc(0, call)
			}
			return wait()
		},
		replace: func(count int) {
			for range count {
				i := rand.IntN(n)
				timers[i].Stop()
				timers[i] = time.AfterFunc(someTime(), f)
			}
		},
	})
	for _, t := range timers {
		t.Stop()
	}
	return c, err
}

// growth is by how much the worse of the two costs grows from the first to the last.
func (p pendingCosts) growth() float64 {
	first, last := p.Costs[0], p.Costs[len(p.Costs)-1]
	return max(last.AddFire/first.AddFire, last.AddCancel/first.AddCancel)
}
