package asyncio

import (
	"fmt"
	"runtime"
	"testing"
	"time"
	"weak"

	"github.com/gocontextvars/contextvars"
)

// What is let go while the loop still runs (175-177).

// ballast is large enough not to share an allocation with anything.
type ballast struct{ _ [128]*int }

var ballastVar = contextvars.New[*ballast]("ballast")

// scales has weak pointers to ballast, each with what it was made for.
type scales struct {
	names []string
	weak  []weak.Pointer[ballast]
}

//go:noinline
func (s *scales) make(format string, args ...any) *ballast {
	b := new(ballast)
	s.names = append(s.names, fmt.Sprintf(format, args...))
	s.weak = append(s.weak, weak.Make(b))
	return b
}

// free fails unless all of it is let go.
func (s *scales) free(t *testing.T) {
	t.Helper()
	for i, w := range s.weak {
		isCollected(t, s.names[i], func() bool { return w.Value() == nil })
	}
}

// Each way for a task to come to an end, with a value in its context, one in its function, and one in its
// context from its creator.
func TestFinishedTaskPinsNothing(t *testing.T) { // 140, 176
	for name, end := range map[string]func(b *ballast) (*int, error){
		"returns":      func(*ballast) (*int, error) { return nil, nil },
		"after a wait": func(*ballast) (*int, error) { return nil, Sleep(time.Second) },
		"after a wait for a future": func(*ballast) (*int, error) {
			f := NewFuture[*int]()
			f.loop.CallSoon(func() { f.SetResult(nil) })
			return f.Await()
		},
		"is cancelled":                  func(*ballast) (*int, error) { return nil, Sleep(time.Hour) },
		"is cancelled before it begins": nil,
		"panics":                        func(*ballast) (*int, error) { panic("p") },
		"calls Goexit":                  func(*ballast) (*int, error) { runtime.Goexit(); return nil, nil },
		"after asking for its context": func(*ballast) (*int, error) {
			CurrentTask().(AnyTask).Context()
			return nil, Sleep(time.Second)
		},
		"leaves values behind": func(b *ballast) (*int, error) {
			ballastVar.Set(b)
			return nil, nil
		},
		"leaves a cancelled wait behind": func(b *ballast) (*int, error) {
			CurrentTask().Cancel()
			Sleep(time.Hour)
			return nil, nil
		},
		"runs in another context": func(b *ballast) (*int, error) {
			contextvars.CopyContext().Run(func() {
				ballastVar.Set(b)
				Sleep(time.Second)
			})
			return nil, nil
		},
		"has a generator open": func(b *ballast) (*int, error) {
			for range contextvars.Isolate(func(yield func(int) bool) {
				ballastVar.Set(b)
				yield(1)
				yield(2)
			}) {
				Sleep(0)
			}
			return nil, nil
		},
		"has lent": func(b *ballast) (*int, error) {
			contextvars.Lend(func() { ballastVar.Set(b); Sleep(0) })
			return nil, nil
		},
	} {
		for _, how := range []string{"", "WithContext", "Eager", "asked for the context", "looked at"} {
			if end == nil && how == "Eager" {
				continue
			}
			t.Run(name+" "+how, func(t *testing.T) {
				onLoop(t, func(l *EventLoop, log *reportLog) {
					var s scales
					var held []any
					func() {
						var opts []CallOption
						switch how {
						case "WithContext":
							opts = append(opts, WithContext(contextvars.CopyContext()))
						case "Eager":
							opts = append(opts, Eager())
						}
						inFunction := s.make("its function")
						var task *Task[*int]
						defer ballastVar.Set(s.make("its context as of creation")).Restore()
						task = CreateTask(func() (*int, error) {
							ballastVar.Set(s.make("its context"))
							runtime.KeepAlive(inFunction)
							return end(s.make("what it had at last"))
						}, opts...)
						switch how {
						case "asked for the context":
							task.Context()
						case "looked at":
							task.AddDoneCallback(func(*Task[*int]) { runtime.KeepAlive(inFunction) })
							h := task.AddDoneCallback(func(*Task[*int]) { runtime.KeepAlive(inFunction) })
							h.Cancel()
							held = append(held, h, task.String(), task.Name())
						}
						if name == "is cancelled before it begins" {
							task.Cancel()
						}
						giveWay(t, 2)
						if name == "is cancelled" {
							task.Cancel()
						}
						task.Await()
						held = append(held, task)
					}()
					giveWay(t, 1)
					s.free(t)
					runtime.KeepAlive(held)
				})
			})
		}
	}
}

func TestHandlesPinNothing(t *testing.T) { // 107, 175
	for _, sched := range schedules {
		for _, how := range []string{"called", "cancelled", "panicked"} {
			for _, option := range []string{"", "WithContext", "asked"} {
				t.Run(sched.name+" "+how+" "+option, func(t *testing.T) {
					onLoop(t, func(l *EventLoop, log *reportLog) {
						var s scales
						var held []*Handle
						func() {
							inFunction := s.make("its function")
							token := ballastVar.Set(s.make("the context that it captured"))
							var opts []CallOption
							if option == "WithContext" {
								opts = append(opts, WithContext(contextvars.CopyContext()))
							}
							h := sched.call(l, func() {
								runtime.KeepAlive(inFunction)
								ballastVar.Set(s.make("what it has set"))
								if how == "panicked" {
									panic("p")
								}
							}, opts...)
							token.Restore()
							if option == "asked" {
								h.Context()
							}
							if how == "cancelled" {
								h.Cancel()
								s.free(t) // at once, though it is in a queue
							}
							held = append(held, h)
						}()
						Sleep(time.Minute)
						giveWay(t, 2)
						log.take()
						s.free(t)
						runtime.KeepAlive(held)
					})
				})
			}
		}
	}
}

// A pending timer holds its context, and a cancelled one does not, however many are around it.
func TestTimersPinWhatIsPending(t *testing.T) { // 175
	onLoop(t, func(l *EventLoop, _ *reportLog) {
		var kept, gone scales
		var held []*TimerHandle
		for i := range 1000 {
			func() {
				s := &kept
				if i%2 == 0 {
					s = &gone
				}
				defer ballastVar.Set(s.make("timer %d", i)).Restore()
				h := l.CallLater(time.Duration(1+i%7)*time.Hour, func() {})
				if i%2 == 0 {
					h.Cancel()
				}
				held = append(held, h)
			}()
		}
		gone.free(t)
		for i, w := range kept.weak {
			if w.Value() == nil {
				t.Fatalf("%s: it does not hold its context", kept.names[i])
			}
		}
		for _, h := range held {
			h.Cancel()
		}
		kept.free(t)
	})
}

// One handle that is held does not hold what others of its slab had.
func TestSlabPinsNothing(t *testing.T) { // 175
	onLoop(t, func(l *EventLoop, _ *reportLog) {
		var s scales
		var held *Handle
		for i := range 3 * slabSize {
			func() {
				f := s.make("function of %d", i)
				defer ballastVar.Set(s.make("context of %d", i)).Restore()
				var opts []CallOption
				if i%3 == 0 {
					opts = append(opts, WithContext(contextvars.CopyContext()))
				}
				h := l.CallSoon(func() { runtime.KeepAlive(f) }, opts...)
				if i%3 == 1 {
					h.Context()
				}
				if i%5 == 0 {
					h.Cancel()
				}
				if i == slabSize+7 {
					held = h
				}
			}()
		}
		giveWay(t, 2)
		s.free(t)
		runtime.KeepAlive(held)
	})
}

func TestContextOfCalledHandle(t *testing.T) { // 108
	onLoop(t, func(l *EventLoop, _ *reportLog) {
		c := contextvars.NewContext()
		h := l.CallSoon(func() {}, WithContext(c))
		g := l.CallSoon(func() {}, WithContext(contextvars.NewContext()))
		giveWay(t, 1)
		isSame(t, "Context that somebody holds", h.Context() == c, true)
		isCollected(t, "Context that nobody holds", func() bool { return g.Context() == nil })
		runtime.KeepAlive(c)
	})
}

// Workers that are free hold nothing of the tasks and callbacks that they had.
func TestIdleWorkersPinNothing(t *testing.T) { // 140
	onLoop(t, func(l *EventLoop, _ *reportLog) {
		var s scales
		var tasks []*Task[struct{}]
		for i := range 20 {
			func() {
				b := s.make("task %d", i)
				tasks = append(tasks, Go(func() error {
					ballastVar.Set(b)
					err := Sleep(time.Second)
					ballastVar.Set(s.make("task %d, second step", i))
					return err
				}))
			}()
		}
		Sleep(time.Minute)
		if len(l.idle) < 10 {
			t.Errorf("there are %d free workers; this is to be about them", len(l.idle))
		}
		s.free(t)
		runtime.KeepAlive(tasks)
	})
}

// A loop with nothing to do waits on some goroutine: what a task or a callback left there is not kept for that.
func TestSleepingLoopPinsNothing(t *testing.T) { // 140, 176
	for name, start := range map[string]func(l *EventLoop, f func()){
		"task":     func(_ *EventLoop, f func()) { Go(func() error { f(); return nil }) },
		"callback": func(l *EventLoop, f func()) { l.CallSoon(f) },
	} {
		t.Run(name, func(t *testing.T) {
			onLoop(t, func(l *EventLoop, _ *reportLog) {
				var s scales
				ran := make(chan bool)
				func() {
					defer ballastVar.Set(s.make("what its creator has set")).Restore()
					start(l, func() {
						ballastVar.Set(s.make("what it has set itself"))
						close(ran)
					})
				}()
				ToThread(func() (int, error) {
					<-ran
					s.free(t) // while the loop sleeps
					return 0, nil
				})
			})
		})
	}
}

// The number of free workers has a limit.
func TestIdleWorkersAreFew(t *testing.T) {
	onLoop(t, func(l *EventLoop, _ *reportLog) {
		for range 3 {
			for range 4 * maxIdle {
				Go(func() error { return Sleep(time.Second) })
			}
			giveWay(t, 1)
			isSame(t, "workers", l.workers >= 4*maxIdle, true)
			Sleep(time.Minute)
			if len(l.idle) > maxIdle || l.workers > maxIdle+2 {
				t.Errorf("%d free workers of %d", len(l.idle), l.workers)
			}
		}
	})
}

// What a value was, and what was Set and undone, is free while the task goes on.
func TestOldValuesAreFree(t *testing.T) { // 177
	onLoop(t, func(l *EventLoop, _ *reportLog) {
		var s scales
		for _, opts := range [][]CallOption{nil, {WithContext(contextvars.NewContext())}} {
			task := Go(func() error {
				ballastVar.Set(s.make("overwritten"))
				Sleep(0)
				ballastVar.Set(nil)
				func() {
					defer ballastVar.Set(s.make("restored")).Restore()
					Sleep(0)
				}()
				contextvars.NewContext().Run(func() {
					ballastVar.Set(s.make("in a context that was left"))
					Sleep(0)
				})
				s.free(t)
				return nil
			}, opts...)
			task.Await()
		}
	})
}

// Goroutines that tasks and callbacks started, and that live on, hold what they saw then, and nothing that came later.
func TestLongLivedChildrenPinNothing(t *testing.T) { // 176
	quit := make(chan bool)
	defer close(quit)
	onGoroutine(func() { // which the goroutines outlive
		log := new(reportLog)
		l := NewEventLoop()
		Run(func() (int, error) {
			l.SetExceptionHandler(log.handle)
			var s scales
			child := func() { go func() { <-quit; ctxVar.Get() }() }
			for _, opts := range [][]CallOption{nil, {WithContext(contextvars.NewContext())}, {Eager()}} {
				task := CreateTask(func() (*ballast, error) {
					child()
					ballastVar.Set(s.make("set after the go statement"))
					Sleep(0)
					child2 := func() { contextvars.NewContext().Run(child) }
					ballastVar.Set(nil)
					child2()
					ballastVar.Set(s.make("set after the second go statement"))
					return s.make("result"), nil
				}, opts...)
				task.Await()
				l.CallSoon(func() { child(); ballastVar.Set(s.make("set by a callback")) })
				l.CallSoon(func() { child() })
				func() {
					// The next call on that goroutine.
					defer ballastVar.Set(s.make("captured for a later callback")).Restore()
					l.CallSoon(func() {})
				}()
				giveWay(t, 2)
			}
			giveWay(t, 2)
			s.free(t)
			return 0, nil
		}, WithLoopFactory(func() *EventLoop { return l }))
		log.none(t)
	})
}

// A wait that has ended leaves nothing with what it was for.
func TestEndedWaitsPinNothing(t *testing.T) {
	onLoop(t, func(l *EventLoop, _ *reportLog) {
		var s scales
		never, long := NewFuture[int](), Go(func() error { return Sleep(1000 * time.Hour) })
		func() {
			for i, wait := range []func(){
				func() { never.Await() },
				func() { long.Await() },
				func() { Sleep(500 * time.Hour) },
			} {
				b := s.make("task %d", i)
				task := Go(func() error {
					ballastVar.Set(b)
					defer runtime.Goexit()
					if i < 2 {
						// As long as it is awaited nobody may be cancelled by this wait.
						f := NewFuture[int]()
						l.CallSoon(func() { f.SetResult(1) })
						f.Await()
						return nil
					}
					wait()
					return nil
				})
				giveWay(t, 1)
				task.Cancel()
				task.Await()
			}
		}()
		s.free(t)
		never.Cancel()
		long.Cancel()
		long.Await()
	})
}

// Tasks that were unwound leave nothing with futures that others hold.
func TestUnwoundTasksPinNothing(t *testing.T) {
	var s scales
	var f *Future[int]
	var h *TimerHandle
	l := NewEventLoop()
	RunUntilComplete(l, func() (int, error) {
		f = NewFuture[int]()
		func() {
			defer ballastVar.Set(s.make("context")).Restore()
			b := s.make("function")
			Go(func() error {
				_, err := f.Await()
				runtime.KeepAlive(b)
				return err
			})
			f.AddDoneCallback(func(*Future[int]) { runtime.KeepAlive(b) }).Cancel()
			h = l.CallLater(time.Hour, func() { runtime.KeepAlive(b) })
		}()
		giveWay(t, 1)
		return 0, nil
	})
	l.Close()
	h.Cancel()
	s.free(t)
	runtime.KeepAlive(f)
	runtime.KeepAlive(l)
}

// What other goroutines wanted of the loop is forgotten when it is done.
func TestLettersPinNothing(t *testing.T) {
	onLoop(t, func(l *EventLoop, _ *reportLog) {
		for _, n := range []int{10, 5000} {
			var s scales
			onGoroutine(func() {
				for i := range n {
					b := s.make("letter %d", i)
					l.CallSoonThreadsafe(func() { runtime.KeepAlive(b) })
				}
			})
			giveWay(t, 2)
			s.free(t)
		}
	})
}

// A loop that nobody holds is collected, even if it was not closed.
func TestForgottenLoopIsFree(t *testing.T) {
	var w weak.Pointer[EventLoop]
	func() {
		l := NewEventLoop()
		w = weak.Make(l)
		RunUntilComplete(l, func() (int, error) { return 1, Sleep(0) })
	}()
	isCollected(t, "loop", func() bool { return w.Value() == nil })
}

// heapOf returns how much more memory there is in use after f than before.
func heapOf(f func()) (heap, stacks int64) {
	var before, after runtime.MemStats
	runtime.GC()
	runtime.GC()
	runtime.ReadMemStats(&before)
	f()
	runtime.GC()
	runtime.GC()
	runtime.ReadMemStats(&after)
	return int64(after.HeapAlloc) - int64(before.HeapAlloc), int64(after.StackInuse) - int64(before.StackInuse)
}

func TestHundredThousandParkedTasks(t *testing.T) {
	n := 100_000
	if testing.Short() || raceEnabled {
		n = 5_000
	}
	onLoop(t, func(l *EventLoop, _ *reportLog) {
		ended := 0
		body := func() error {
			err := Sleep(time.Hour)
			ended++
			return err
		}
		heap, stacks := heapOf(func() {
			for range n {
				Go(body)
			}
			giveWay(t, 1)
		})
		perTask, perStack := heap/int64(n), stacks/int64(n)
		t.Logf("%d parked tasks: %d B of heap and %d B of stack each", n, perTask, perStack)
		if !raceEnabled && !testing.Short() && (perTask > 4<<10 || perStack > 8<<10) {
			t.Error("that is much")
		}
		isSame(t, "tasks", len(l.AllTasks()), n+1)
		Sleep(2 * time.Hour)
		isSame(t, "ended", ended, n)
		isSame(t, "tasks", len(l.AllTasks()), 1)
	})
}

func TestMemoryOfMillionTimers(t *testing.T) { // 175
	n := 1_000_000
	if testing.Short() || raceEnabled {
		n = 50_000
	}
	onLoop(t, func(l *EventLoop, _ *reportLog) {
		handles := make([]*TimerHandle, n)
		f := func() {}
		heap, _ := heapOf(func() {
			for i := range handles {
				handles[i] = l.CallLater(time.Hour+time.Duration(i%1000), f)
			}
		})
		t.Logf("%d pending timers: %d B each", n, heap/int64(n))
		if heap/int64(n) > 256 {
			t.Error("that is much")
		}
		for _, h := range handles {
			h.Cancel()
		}
		isSame(t, "pending", l.timers.len(), 0)
		if c := cap(l.timers.heap) + cap(l.timers.row.entries); c > 1024 {
			t.Errorf("the heap has room for %d", c)
		}
	})
}
