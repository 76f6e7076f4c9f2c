package asyncio

import (
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gocontextvars/contextvars/internal/current"
)

// EventLoop runs callbacks and tasks, one at a time, on goroutines of its own that
// take turns. What they share needs no locks, as long as only they use it.
//
// CallSoonThreadsafe, Stop, IsRunning, IsClosed, Time and AllTasks may be called by any goroutine; the
// other methods by what the loop runs, or before it runs, by the goroutine that is
// going to run it. Nothing breaks when others call them: they do then what
// CallSoonThreadsafe does, and debug mode reports it.
type EventLoop struct {
	switchboard
	inbox inbox
	clock Clock

	// What follows belongs to the goroutine that runs.

	ready  ready
	batch  int // entries of ready that belong to this iteration
	slab   slab
	timers timers
	stop   bool // Stop was called
	first  bool // the iteration is the first one since the loop was started

	caller   party  // the goroutine that has called RunForever or the like
	callerID uint64 // 0: none
	idle     []*worker
	workers  int
	// draining: the loop stops when there are no tasks any more. closing: callbacks are not called
	// any more.
	draining, closing bool
	sweeping          bool // Run cancels all tasks
	grace             grace
	// operations counts what runs outside and will post a letter.
	operations int
	aside      sync.WaitGroup // goroutines outside that have to end before the loop has

	factory   atomic.Pointer[TaskFactory]
	handler   atomic.Pointer[func(*EventLoop, ErrorContext)]
	outsiders map[*outsider]struct{}

	running atomic.Bool
	closed  atomic.Bool
	debug   atomic.Bool
	// rest is held by who looks at the loop while it does not run.
	rest sync.Mutex

	debugTurns atomic.Uint32 // how often it was turned on or off
	slow       atomic.Int64  // SetSlowCallbackDuration
	patience   atomic.Int64  // SetStuckDuration
	stuck      stuck
	thread     thread
	crew       crew

	registry registry
	failures failures
	openings openings
	signals  signals
}

// NewEventLoop returns a loop that does not run yet.
func NewEventLoop() *EventLoop {
	l := &EventLoop{
		clock: &monotonic{start: time.Now()},
		inbox: inbox{wake: make(chan struct{}, 1)},
	}
	enlist(l)
	return l
}

// RunningLoop returns the loop that runs the calling goroutine, ErrNoRunningLoop if there is none (118).
func RunningLoop() (*EventLoop, error) {
	if w := here(); w != nil {
		return w.loop, nil
	}
	return nil, ErrNoRunningLoop
}

// Time returns the time on the loop's clock, which counts from some moment in the past.
func (l *EventLoop) Time() time.Duration { return l.clock.Now() }

// IsRunning reports whether the loop runs.
func (l *EventLoop) IsRunning() bool { return l.running.Load() }

// IsClosed reports whether Close was called.
func (l *EventLoop) IsClosed() bool { return l.closed.Load() }

// RunForever runs the loop until Stop is called, and then can be called again, by any
// goroutine. It returns ErrLoopClosed or ErrLoopRunning if it cannot run.
func (l *EventLoop) RunForever() error {
	if err := l.begin("RunForever"); err != nil {
		return err
	}
	defer l.end()
	l.run()
	return nil
}

// Stop has the loop end after the current iteration: what is ready now is still done, what
// that schedules is done when the loop is run again. If the loop does not run, the next
// run is one iteration long.
func (l *EventLoop) Stop() {
	if l.mine() {
		l.stop = true
		return
	}
	l.post(letter{do: func() { l.stop = true }})
}

// mine reports whether the loop runs the calling goroutine.
func (l *EventLoop) mine() bool {
	w := here()
	return w != nil && w.loop == l
}

// begin makes the calling goroutine the loop's caller.
func (l *EventLoop) begin(call string) error {
	if here() != nil {
		return fmt.Errorf("%s inside of a task or callback: %w", call, ErrLoopRunning)
	}
	l.rest.Lock()
	begun := l.running.CompareAndSwap(false, true)
	l.rest.Unlock()
	if !begun {
		return fmt.Errorf("%s: %w", call, ErrLoopRunning)
	}
	if l.closed.Load() {
		l.running.Store(false)
		return fmt.Errorf("%s: %w", call, ErrLoopClosed)
	}
	l.callerID = current.Mine().Owner.Goroutine()
	l.first = true
	l.inbox.tend()
	return nil
}

func (l *EventLoop) end() {
	l.dismiss()
	l.callerID = 0
	l.stop = false
	l.inbox.untend()
	current.Refresh() // tasks may have borrowed the context
	l.running.Store(false)
}

// run lets the loop's workers run until one of them finds that the loop is to stop.
func (l *EventLoop) run() {
	l.change(&l.caller, &l.free().party)
}

// next returns what is to be done next; the zero entry if the loop is to stop.
func (l *EventLoop) next() entry {
	if l.batch == 0 && !l.turn() {
		return entry{}
	}
	l.batch--
	return l.ready.pop()
}

// turn begins an iteration, and waits until there is something to do in it; false if the
// loop is to stop. What is scheduled during an iteration belongs to the next one (106).
func (l *EventLoop) turn() bool {
	for !l.stop || l.first {
		l.first = false
		if l.inbox.filled.Load() {
			l.empty()
		}
		if l.timers.len() > 0 {
			l.fire()
		}
		if l.batch = l.ready.n; l.batch > 0 {
			return true
		}
		if !l.stop {
			l.sleep()
		}
	}
	return false
}

// empty does what other goroutines want.
func (l *EventLoop) empty() {
	letters := l.inbox.take()
	for _, letter := range letters {
		if letter.do != nil {
			letter.do()
		} else {
			l.ready.push(entry{handle: letter.handle})
		}
	}
	l.inbox.done(letters)
}

// fire makes the timers ready that are due.
func (l *EventLoop) fire() {
	now := l.clock.Now()
	for {
		when, ok := l.timers.next()
		if !ok || when > now {
			return
		}
		if t := l.timers.pop(); t.task != nil {
			t.task.wake()
		} else {
			l.ready.push(entry{handle: &t.handle.Handle})
		}
	}
}

// sleep waits for a timer or a letter.
func (l *EventLoop) sleep() {
	when, some := l.timers.next()
	l.inbox.sleep(func(wake <-chan struct{}) {
		switch {
		case some:
			l.clock.Wait(when, l.operations > 0, wake)
		case l.debug.Load():
			l.waitOrTell(wake)
		default:
			<-wake
		}
	})
}

// post is for goroutines that are not the loop's. It returns false if the loop is closed.
func (l *EventLoop) post(m letter) bool { return l.inbox.post(m) }
