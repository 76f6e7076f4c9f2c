package asyncio

import "iter"

// AsCompleted iterates over the results, in the order in which they come; those that are there already
// come first. What is passed twice comes once. The wait for the next one is in the task of
// who iterates. Leaving the loop leaves the others running. That one of them failed is reported to the exception
// handler if its result is never reached and nobody else asks.
//
// If the iterating task is cancelled while it waits, a *CancelledError comes, and nothing after it; the
// others go on. Likewise, if it cannot wait, ErrNotInTask and the like come: see [Gather].
//
// With iter.Pull the wait would be on a goroutine that no loop runs, and block the loop for good.
func AsCompleted[T any, A AwaitableOf[T]](all ...A) iter.Seq2[T, error] {
	futures := distinct(collect("AsCompleted", all))
	return func(yield func(T, error) bool) {
		a := newArrivals(futures)
		defer a.end()
		for range futures {
			if err := a.next(); err != nil {
				var none T
				yield(none, err)
				return
			}
			if !yield(a.latest.self.(AwaitableOf[T]).Result()) {
				return
			}
		}
	}
}

// arrivals is a wait for one future after another.
type arrivals struct {
	several
	come   []*future // and not been latest
	latest *future
	joined bool
	// outside is not nil if a goroutine that no loop runs waits: then tasks of this loop do it for
	// that one.
	outside *EventLoop
}

func newArrivals(futures []*future) *arrivals {
	a := &arrivals{several: several{futures: futures, until: FirstCompleted}}
	if here() == nil {
		for _, f := range futures {
			if !f.Done() {
				a.outside = f.loop
			}
		}
	}
	return a
}

// next makes the next future the latest one.
func (a *arrivals) next() error {
	if a.outside != nil {
		return a.outside.assist(a.advance)
	}
	return a.advance()
}

func (a *arrivals) advance() error {
	if !a.joined {
		if err := a.begin(); err != nil {
			return err
		}
	}
	if w := here(); len(a.come) == 0 {
		a.task = w.task
		if err := a.task.park(a); err != nil {
			return err
		}
	}
	a.latest, a.come = a.come[0], a.come[1:]
	return nil
}

func (a *arrivals) begin() error {
	a.joined = true
	for _, f := range a.futures {
		if f.Done() {
			a.come = append(a.come, f)
		}
	}
	if len(a.come) == len(a.futures) {
		return nil
	}
	if t := here().task; t != nil {
		return a.join(t, a)
	}
	return ErrNotInTask
}

// end is for when nobody is interested in what is left.
func (a *arrivals) end() {
	if a.outside != nil {
		a.outside.post(letter{do: a.leave})
	} else {
		a.leave()
	}
}

func (a *arrivals) finished(f *future) {
	a.left--
	a.come = append(a.come, f)
	if a.task.on == waitable(a) {
		a.task.wake()
	}
}
