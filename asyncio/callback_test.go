package asyncio

import (
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/gocontextvars/contextvars"
)

// Each way to schedule a callback, to be called in the next iterations.
var schedules = []struct {
	name string
	call func(l *EventLoop, f func(), opts ...CallOption) *Handle
}{
	{"CallSoon", (*EventLoop).CallSoon},
	{"CallSoonThreadsafe", (*EventLoop).CallSoonThreadsafe},
	{"CallLater", func(l *EventLoop, f func(), opts ...CallOption) *Handle {
		return &l.CallLater(time.Second, f, opts...).Handle
	}},
	{"CallLater(0)", func(l *EventLoop, f func(), opts ...CallOption) *Handle {
		return &l.CallLater(0, f, opts...).Handle
	}},
	{"CallAt", func(l *EventLoop, f func(), opts ...CallOption) *Handle {
		return &l.CallAt(l.Time()+time.Second, f, opts...).Handle
	}},
}

// scheduler is one of them, of a loop.
type scheduler = func(f func(), opts ...CallOption) *Handle

func forEachSchedule(t *testing.T, f func(t *testing.T, l *EventLoop, log *reportLog, call scheduler)) {
	for _, s := range schedules {
		t.Run(s.name, func(t *testing.T) {
			onLoop(t, func(l *EventLoop, log *reportLog) {
				f(t, l, log, func(f func(), opts ...CallOption) *Handle { return s.call(l, f, opts...) })
			})
		})
	}
}

func TestCallbackSeesContextAsOfTheCall(t *testing.T) { // 101, 104
	forEachSchedule(t, func(t *testing.T, l *EventLoop, _ *reportLog, call func(func(), ...CallOption) *Handle) {
		ctxVar.Set("at the call")
		var got string
		call(func() { got = ctxVar.Get() })
		ctxVar.Set("later")
		Sleep(time.Minute)
		isSame(t, "in the callback", got, "at the call")
	})
}

func TestCallbackInGivenContext(t *testing.T) { // 102
	forEachSchedule(t, func(t *testing.T, l *EventLoop, _ *reportLog, call func(func(), ...CallOption) *Handle) {
		c := contextvars.NewContext()
		ctxVar.Set("mine")
		var got []string
		step := func() {
			got = append(got, ctxVar.Get())
			ctxVar.Set(fmt.Sprint("set ", len(got)))
		}
		for range 3 {
			call(step, WithContext(c))
		}
		Sleep(time.Minute)
		isSame(t, "in the callbacks", got, []string{"", "set 1", "set 2"})
		isSame(t, "of the one who scheduled them", ctxVar.Get(), "mine")
		value, _ := ctxVar.In(c)
		isSame(t, "in the context", value, "set 3")
	})
}

func TestCallbacksHaveContextsOfTheirOwn(t *testing.T) { // 103
	forEachSchedule(t, func(t *testing.T, l *EventLoop, _ *reportLog, call func(func(), ...CallOption) *Handle) {
		ctxVar.Set("creator's")
		var tokens []contextvars.Token[string]
		for i := range 5 {
			call(func() {
				isSame(t, "in the callback", ctxVar.Get(), "creator's")
				for _, token := range tokens {
					isErr(t, "token of an earlier callback", ctxVar.Reset(token), contextvars.ErrTokenContext)
				}
				tokens = append(tokens, ctxVar.Set(fmt.Sprint("callback ", i)))
			})
		}
		Sleep(time.Minute)
		isSame(t, "callbacks called", len(tokens), 5)
		isSame(t, "of the creator", ctxVar.Get(), "creator's")
		for _, token := range tokens {
			isErr(t, "token of a callback", ctxVar.Reset(token), contextvars.ErrTokenContext)
		}
	})
}

// A callback that leaves its context as it was lets the next one have the same, unless that can be told.
func TestContextOfCallbackThatRestores(t *testing.T) { // 103
	onLoop(t, func(l *EventLoop, _ *reportLog) {
		other := contextvars.New[int]("other")
		ctxVar.Set("creator's")
		var used, unused contextvars.Token[string]
		l.CallSoon(func() {
			used = ctxVar.Set("for a while")
			other.With(1, func() {})
			used.Restore()
		})
		l.CallSoon(func() {
			isErr(t, "token that was used", ctxVar.Reset(used), contextvars.ErrTokenUsed)
			first := ctxVar.Set("1")
			unused = ctxVar.Set("2")
			first.Restore() // out of order
			isSame(t, "after a restore out of order", ctxVar.Get(), "creator's")
		})
		l.CallSoon(func() {
			isSame(t, "in the next callback", ctxVar.Get(), "creator's")
			isErr(t, "token that was not used", ctxVar.Reset(unused), contextvars.ErrTokenContext)
		})
		l.CallSoon(func() { ctxVar.Unset() })
		l.CallSoon(func() { isSame(t, "after an Unset", ctxVar.Get(), "creator's") })
		giveWay(t, 2)
	})
}

func TestCallSoonThreadsafeHasCallersContext(t *testing.T) { // 105
	onRealTime(t, func(l *EventLoop, _ *reportLog) {
		ctxVar.Set("the task's")
		f := NewFuture[string]()
		go func() {
			ctxVar.Set("the goroutine's")
			l.CallSoonThreadsafe(func() { f.SetResult(ctxVar.Get()) })
			ctxVar.Set("later")
		}()
		got, err := f.Await()
		isSame(t, "in the callback", got, "the goroutine's")
		isErr(t, "Await", err, nil)

		c := contextvars.NewContext()
		g := NewFuture[string]()
		go l.CallSoonThreadsafe(func() {
			ctxVar.Set("the callback's")
			g.SetResult(ctxVar.Get())
		}, WithContext(c))
		g.Await()
		value, _ := ctxVar.In(c)
		isSame(t, "in the context that was given", value, "the callback's")
	})
}

func TestOrderOfCallbacks(t *testing.T) { // 106
	onLoop(t, func(l *EventLoop, _ *reportLog) {
		var r trail
		l.CallSoon(func() {
			r.add("a")
			l.CallSoon(func() {
				r.add("a's")
				l.CallSoon(func() { r.add("a's own") })
			})
			l.CallSoonThreadsafe(func() { r.add("a's threadsafe") })
		})
		l.CallSoonThreadsafe(func() { r.add("b, threadsafe") })
		Go(func() error {
			r.add("task c")
			giveWay(t, 1)
			r.add("task c again")
			return nil
		})
		l.CallSoon(func() { r.add("d") })
		r.add("main")
		giveWay(t, 1)
		r.add("main again")
		giveWay(t, 3)
		r.is(t, "main", "a", "b, threadsafe", "task c", "d", "main again",
			"a's", "a's threadsafe", "task c again", "a's own")
	})
}

// What is ready before comes first, then what other goroutines want, then timers that are due.
func TestOrderOfKinds(t *testing.T) { // 106
	clock := NewVirtualClock()
	l := NewEventLoop()
	l.clock = clock
	onThisLoop(t, l, new(reportLog), func() {
		var r trail
		l.CallLater(2*time.Second, func() { r.add("timer 2") })
		l.CallLater(time.Second, func() { r.add("timer 1") })
		l.CallLater(0, func() { r.add("timer 0") })
		l.CallLater(3*time.Second, func() { r.add("timer 3") })
		l.CallSoon(func() { r.add("soon") })
		clock.Wait(2*time.Second, false, nil) // as if the iteration took that long
		onGoroutine(func() { l.CallSoonThreadsafe(func() { r.add("threadsafe") }) })
		giveWay(t, 2)
		r.is(t, "soon", "threadsafe", "timer 0", "timer 1", "timer 2")
		Sleep(time.Minute)
		r.is(t, "timer 3")
	})
}

// What is scheduled for a loop before it runs comes before what it is run for.
func TestOrderOfCallbacksBeforeRun(t *testing.T) { // 106
	l := NewEventLoop()
	defer l.Close()
	var r trail
	l.CallSoon(func() { r.add("a") })
	l.CallSoonThreadsafe(func() { r.add("b") })
	l.CallLater(0, func() { r.add("timer") })
	_, err := RunUntilComplete(l, func() (int, error) {
		r.add("main")
		giveWay(t, 1)
		return 0, nil
	})
	isErr(t, "RunUntilComplete", err, nil)
	r.is(t, "a", "b", "main", "timer")
}

func TestCancelledCallback(t *testing.T) { // 107
	forEachSchedule(t, func(t *testing.T, l *EventLoop, _ *reportLog, call func(func(), ...CallOption) *Handle) {
		for _, opts := range [][]CallOption{nil, {WithContext(contextvars.NewContext())}} {
			h := call(func() { t.Error("a cancelled callback was called") }, opts...)
			isSame(t, "Cancelled before", h.Cancelled(), false)
			h.Cancel()
			isSame(t, "Cancelled", h.Cancelled(), true)
			h.Cancel()
			isSame(t, "Cancelled after two Cancels", h.Cancelled(), true)
			isSame(t, "Context", h.Context(), nil)
		}
		called := 0
		h := call(func() { called++ })
		Sleep(time.Minute)
		h.Cancel()
		isSame(t, "calls", called, 1)
		isSame(t, "Cancelled, after it was called", h.Cancelled(), false)
	})
}

// Callbacks that cancel others, of the same iteration, or themselves.
func TestCancelByCallback(t *testing.T) { // 107
	onLoop(t, func(l *EventLoop, _ *reportLog) {
		var self, next *Handle
		var soon, later *TimerHandle
		calls := 0
		self = l.CallSoon(func() {
			calls++
			self.Cancel()
			next.Cancel()
			soon.Cancel()
		})
		next = l.CallSoon(func() { t.Error("a cancelled callback was called") })
		soon = l.CallLater(0, func() { t.Error("a cancelled timer was called") })
		due := l.CallLater(time.Second, func() { later.Cancel() })
		later = l.CallLater(time.Second, func() { t.Error("a cancelled timer that was due was called") })
		Sleep(time.Minute)
		isSame(t, "calls", calls, 1)
		isSame(t, "Cancelled of the one that was called", self.Cancelled(), false)
		isSame(t, "Cancelled of the timer that was called", due.Cancelled(), false)
	})
}

func TestContextOfHandle(t *testing.T) { // 108
	forEachSchedule(t, func(t *testing.T, l *EventLoop, _ *reportLog, call func(func(), ...CallOption) *Handle) {
		c := contextvars.NewContext()
		h := call(func() { ctxVar.Set("set") }, WithContext(c))
		isSame(t, "given context", h.Context() == c, true)

		ctxVar.Set("captured")
		g := call(func() {
			isSame(t, "in the callback", ctxVar.Get(), "put there before")
			ctxVar.Set("in the callback")
		})
		d := g.Context()
		value, _ := ctxVar.In(d)
		isSame(t, "in the captured one", value, "captured")
		d.Run(func() { ctxVar.Set("put there before") })
		isSame(t, "asked again", g.Context() == d, true)
		Sleep(time.Minute)
		value, _ = ctxVar.In(d)
		isSame(t, "in the captured one afterwards", value, "in the callback")
		isSame(t, "of the creator", ctxVar.Get(), "captured")
		isSame(t, "asked afterwards", h.Context() == c && g.Context() == d, true)
		runtime.KeepAlive(c)
	})
}

func TestPanicInCallback(t *testing.T) { // 109
	boom := errors.New("boom")
	forEachSchedule(t, func(t *testing.T, l *EventLoop, log *reportLog, call func(func(), ...CallOption) *Handle) {
		c := contextvars.NewContext()
		for _, opts := range [][]CallOption{nil, {WithContext(c)}} {
			h := call(func() { panic(boom) }, opts...)
			called := false
			call(func() { called = true })
			Sleep(time.Minute)
			isSame(t, "the next one is called", called, true)
			all := log.take()
			if len(all) != 1 {
				t.Fatalf("reported: %v", all)
			}
			isErr(t, "reported", all[0].Err, boom)
			var p *PanicError
			isSame(t, "a PanicError", errors.As(all[0].Err, &p), true)
			isSame(t, "of the handle", all[0].Handle == h, true)
			isSame(t, "the stack leads here", strings.Contains(string(all[0].Stack), "TestPanicInCallback"), true)
		}
		c.Run(func() {}) // it was left
	})
}

func TestGoexitInCallback(t *testing.T) { // 109
	forEachSchedule(t, func(t *testing.T, l *EventLoop, log *reportLog, call func(func(), ...CallOption) *Handle) {
		c := contextvars.NewContext()
		for _, opts := range [][]CallOption{nil, {WithContext(c)}} {
			cleaned, called := false, false
			h := call(func() {
				defer func() { cleaned = true }()
				ctxVar.Set("set before")
				runtime.Goexit()
			}, opts...)
			call(func() { called = ctxVar.Get() == "" })
			Sleep(time.Minute)
			isSame(t, "its deferred functions have run, and the next one is called", cleaned && called, true)
			all := log.take()
			if len(all) != 1 {
				t.Fatalf("reported: %v", all)
			}
			isErr(t, "reported", all[0].Err, ErrGoexit)
			isSame(t, "of the handle", all[0].Handle == h, true)
		}
		c.Run(func() {}) // it was left
	})
}

// asyncio loses a callback whose context is entered when its turn comes.
func TestCallbackWhoseContextIsEntered(t *testing.T) { // 110
	onRealTime(t, func(l *EventLoop, _ *reportLog) {
		c := contextvars.NewContext()
		entered, leave, done := make(chan bool), make(chan bool), NewFuture[string]()
		go c.Run(func() {
			close(entered)
			<-leave
			ctxVar.Set("from elsewhere")
		})
		<-entered
		called := 0
		l.CallSoon(func() {
			called++
			ctxVar.Set(ctxVar.Get() + ", callback")
		}, WithContext(c))
		l.CallSoon(func() { done.SetResult(ctxVar.Get()) }, WithContext(c))
		giveWay(t, 3)
		isSame(t, "called while the context is entered elsewhere", called, 0)
		close(leave)
		got, _ := done.Await()
		isSame(t, "called when it is left", called, 1)
		isSame(t, "values", got, "from elsewhere, callback")
	})
}

func TestCallOnClosedLoop(t *testing.T) { // 115
	l := NewEventLoop()
	l.Close()
	for _, s := range schedules {
		err, _ := panicOf(func() { s.call(l, func() {}) }).(error)
		isErr(t, s.name, err, ErrLoopClosed)
		isSame(t, "the message names the call", strings.Contains(fmt.Sprint(err), strings.TrimSuffix(s.name, "(0)")), true)
	}
}

func TestDebugReportsForeignCallAndSlowCallback(t *testing.T) { // 116
	onRealTime(t, func(l *EventLoop, log *reportLog) {
		l.SetDebug(true)
		called := NewFuture[int]()
		onGoroutine(func() { l.CallSoon(func() { called.SetResult(1) }) })
		called.Await()
		giveWay(t, 1)
		all := log.take()
		if len(all) != 1 || !strings.Contains(all[0].Message, "CallSoonThreadsafe") {
			t.Errorf("reported of a call from elsewhere: %v", all)
		}
		h := l.CallSoon(func() { time.Sleep(l.SlowCallbackDuration()) })
		giveWay(t, 1)
		all = log.take()
		if len(all) != 1 || all[0].Handle != h {
			t.Errorf("reported of a slow callback: %v", all)
		}
		l.SetDebug(false)
		onGoroutine(func() { l.CallSoon(func() {}) })
		l.CallSoon(func() { time.Sleep(l.SlowCallbackDuration()) })
		giveWay(t, 1)
	})
}

func TestTimersOfOneInstant(t *testing.T) { // 117; asyncio leaves the order open
	onLoop(t, func(l *EventLoop, _ *reportLog) {
		var r trail
		var want []string
		for i := range 100 {
			want = append(want, fmt.Sprint(i))
			switch i % 3 {
			case 0:
				l.CallAt(time.Second, func() { r.add("%d", i) })
			case 1:
				l.CallLater(time.Second, func() { r.add("%d", i) })
			case 2:
				Go(func() error {
					l.CallLater(time.Second, func() { r.add("%d", i) })
					return nil
				}, Eager())
			}
		}
		Sleep(time.Minute)
		r.is(t, want...)
	})
}

func TestTimerWithoutDelayFiresInNextIteration(t *testing.T) { // 117
	onLoop(t, func(l *EventLoop, _ *reportLog) {
		Sleep(time.Hour)
		var r trail
		l.CallLater(0, func() { r.add("0") })
		l.CallLater(-time.Hour, func() { r.add("-1h") })
		l.CallAt(-1, func() { r.add("at -1") })
		l.CallAt(time.Minute, func() { r.add("at 1m") })
		l.CallSoon(func() {
			r.add("soon")
			l.CallLater(0, func() { r.add("in the iteration after") })
		})
		giveWay(t, 1)
		r.add("gave way once")
		giveWay(t, 1)
		r.add("gave way twice")
		giveWay(t, 1)
		// The loop goes by the times, then by the order of the calls.
		r.is(t, "soon", "gave way once", "at -1", "at 1m", "0", "-1h", "gave way twice", "in the iteration after")
	})
}

func TestRunningLoop(t *testing.T) { // 118
	_, err := RunningLoop()
	isErr(t, "outside", err, ErrNoRunningLoop)
	onLoop(t, func(l *EventLoop, _ *reportLog) {
		got, err := RunningLoop()
		isSame(t, "in a task", got == l && err == nil, true)
		l.CallSoon(func() {
			got, err := RunningLoop()
			isSame(t, "in a callback", got == l && err == nil, true)
			contextvars.NewContext().Run(func() {
				got, err := RunningLoop()
				isSame(t, "in Context.Run", got == l && err == nil, true)
			})
		})
		giveWay(t, 1)
		onGoroutine(func() {
			_, err := RunningLoop()
			isErr(t, "in a goroutine that a task started", err, ErrNoRunningLoop)
		})
	})
	_, err = RunningLoop()
	isErr(t, "afterwards", err, ErrNoRunningLoop)
}
