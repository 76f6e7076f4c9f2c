package asyncio

import (
	"errors"
	"runtime"
	"sync"
	"testing"
	"testing/synctest"
	"time"
	"weak"
)

// syncWait is one way to wait in a primitive.
type syncWait struct {
	wait    func() error // waits until there is a grant
	grant   func()       // never waits, in the tests here
	waiting func() int   // how many wait
}

// syncKind says how a way to wait behaves.
type syncKind struct {
	name string
	make func() syncWait
	// all: a grant is for all who wait. alone: only one can wait. kept: what nobody waits for is for the
	// next one.
	all, alone, kept bool
}

func syncWaiting(mutex *sync.Mutex, l *line) func() int {
	return func() int {
		mutex.Lock()
		defer mutex.Unlock()
		return l.waiting
	}
}

func syncMust(err error) {
	if err != nil {
		panic(err)
	}
}

var syncKinds = []syncKind{
	{"Lock.Acquire", func() syncWait {
		l := NewLock()
		syncMust(l.Acquire())
		return syncWait{l.Acquire, l.Release, syncWaiting(&l.mutex, &l.line)}
	}, false, false, true},
	{"Event.Wait", func() syncWait {
		e := NewEvent()
		return syncWait{e.Wait, e.Set, syncWaiting(&e.mutex, &e.line)}
	}, true, false, true},
	{"Condition.Wait", func() syncWait {
		c := NewCondition(nil)
		grant := func() {
			syncMust(c.Acquire())
			defer c.Release()
			c.Notify(1)
		}
		return syncWait{func() error { return c.With(c.Wait) }, grant, syncWaiting(&c.own.mutex, &c.line)}
	}, false, false, false},
	{"Semaphore.Acquire", func() syncWait {
		s := NewSemaphore(0)
		return syncWait{s.Acquire, s.Release, syncWaiting(&s.mutex, &s.line)}
	}, false, false, true},
	{"BoundedSemaphore.Acquire", func() syncWait {
		s := NewBoundedSemaphore(1)
		syncMust(s.Acquire())
		return syncWait{s.Acquire, s.Release, syncWaiting(&s.mutex, &s.line)}
	}, false, false, true},
	{"Barrier.Wait", func() syncWait {
		b := NewBarrier(2)
		wait := func() error { _, err := b.Wait(); return err }
		return syncWait{wait, func() { syncMust(wait()) }, b.NWaiting}
	}, false, true, false},
	{"Queue.Get", func() syncWait {
		q := NewQueue[int](0)
		wait := func() error { _, err := q.Get(); return err }
		return syncWait{wait, func() { syncMust(q.PutNowait(1)) }, syncWaiting(&q.mutex, &q.getters)}
	}, false, false, true},
	{"Queue.Put", func() syncWait {
		q := NewQueue[int](1)
		syncMust(q.PutNowait(1))
		grant := func() { _, err := q.GetNowait(); syncMust(err) }
		return syncWait{func() error { return q.Put(2) }, grant, syncWaiting(&q.mutex, &q.putters)}
	}, false, false, true},
	{"Queue.Join", func() syncWait {
		q := NewQueue[int](0)
		syncMust(q.PutNowait(1))
		return syncWait{q.Join, q.TaskDone, syncWaiting(&q.mutex, &q.joiners)}
	}, true, false, true},
}

// syncEach runs f as the main task of a loop, once for each way to wait.
func syncEach(t *testing.T, f func(t *testing.T, k syncKind, w syncWait, l *EventLoop)) {
	for _, k := range syncKinds {
		t.Run(k.name, func(t *testing.T) {
			onLoop(t, func(l *EventLoop, _ *reportLog) { f(t, k, k.make(), l) })
		})
	}
}

// until waits until n are waiting. It blocks the loop of a task that calls it.
func (w syncWait) until(n int) {
	for w.waiting() != n {
		runtime.Gosched()
	}
}

// start makes a task that waits, and returns when it does.
func (w syncWait) start(t *testing.T) *Task[struct{}] {
	t.Helper()
	n := w.waiting()
	task := Go(w.wait)
	giveWay(t, 1)
	isSame(t, "waiting", w.waiting(), n+1)
	return task
}

// 139: who was woken goes on in its own context, not in the one it was woken in.
func TestWaiterGoesOnInItsOwnContext(t *testing.T) {
	syncEach(t, func(t *testing.T, k syncKind, w syncWait, l *EventLoop) {
		for by, grant := range map[string]func(){
			"a task":      func() { Go(func() error { ctxVar.Set("granter"); w.grant(); return nil }) },
			"a callback":  func() { l.CallSoon(func() { ctxVar.Set("granter"); w.grant() }) },
			"a goroutine": func() { onGoroutine(func() { ctxVar.Set("granter"); w.grant() }) },
		} {
			waiter := CreateTask(func() (string, error) {
				ctxVar.Set("waiter")
				err := w.wait()
				return ctxVar.Get(), err
			})
			giveWay(t, 1)
			grant()
			got, err := waiter.Await()
			isErr(t, by, err, nil)
			isSame(t, by, got, "waiter")
			w = k.make()
		}
	})
}

func TestVisitOfACallback(t *testing.T) {
	syncEach(t, func(t *testing.T, k syncKind, w syncWait, l *EventLoop) {
		var err error
		l.CallSoon(func() { err = w.wait() })
		giveWay(t, 1)
		isErr(t, "in a callback", err, ErrNotInTask)
		waiter := w.start(t)
		l.CallSoon(w.grant)
		_, err = waiter.Await()
		isErr(t, "in a task, after that", err, nil)
	})
}

// C7, and that nothing is lost by it.
func TestWaitCancelled(t *testing.T) {
	syncEach(t, func(t *testing.T, k syncKind, w syncWait, l *EventLoop) {
		first := w.start(t)
		if k.alone {
			first.Cancel("enough")
		} else {
			second := w.start(t)
			first.Cancel("enough")
			giveWay(t, 1)
			w.grant()
			_, err := second.Await()
			isErr(t, "the next one", err, nil)
		}
		_, err := first.Await()
		var cancelled *CancelledError
		if !errors.As(err, &cancelled) || cancelled.Message != "enough" {
			t.Errorf("got the error %v", err)
		}
		isSame(t, "waiting", w.waiting(), 0)
	})
}

// C4: the wait of a task that is cancelled at the moment when it is woken says so, and what it was
// woken for is for the next one.
func TestWaitCancelledWhenGranted(t *testing.T) {
	syncEach(t, func(t *testing.T, k syncKind, w syncWait, l *EventLoop) {
		for name, both := range map[string]func(waiter *Task[struct{}]){
			"granted, then cancelled":           func(waiter *Task[struct{}]) { w.grant(); waiter.Cancel() },
			"cancelled, then granted":           func(waiter *Task[struct{}]) { waiter.Cancel(); w.grant() },
			"granted elsewhere, then cancelled": func(waiter *Task[struct{}]) { onGoroutine(w.grant); waiter.Cancel() },
			"cancelled, then granted elsewhere": func(waiter *Task[struct{}]) { waiter.Cancel(); onGoroutine(w.grant) },
		} {
			w = k.make()
			first := w.start(t)
			if !k.alone {
				second := w.start(t)
				both(first)
				_, err := second.Await()
				isErr(t, name+": the next one", err, nil)
				_, err = first.Await()
				isErr(t, name, err, ErrCancelled)
				w = k.make()
				first = w.start(t)
			}
			both(first)
			_, err := first.Await()
			isErr(t, name+": alone", err, ErrCancelled)
			if k.kept {
				later := Go(w.wait)
				giveWay(t, 1)
				isSame(t, name+": a later one did not have to wait", later.Done(), true)
			}
			isSame(t, "waiting", w.waiting(), 0)
		}
	})
}

// C4: cancelled while it runs, a task gets the error from its next wait.
func TestWaitOfTaskThatIsCancelled(t *testing.T) {
	syncEach(t, func(t *testing.T, k syncKind, w syncWait, l *EventLoop) {
		task := Go(func() error {
			CurrentTask().Cancel("early")
			err := w.wait()
			isErr(t, "the first wait", err, ErrCancelled)
			return w.wait()
		})
		giveWay(t, 2)
		isSame(t, "done", task.Done(), false)
		w.grant()
		_, err := task.Await()
		isErr(t, "the second wait", err, nil)
	})
}

func TestWaitIsFirstComeFirstServed(t *testing.T) {
	syncEach(t, func(t *testing.T, k syncKind, w syncWait, l *EventLoop) {
		if k.alone {
			return
		}
		var order trail
		var tasks []*Task[struct{}]
		for _, name := range []string{"a", "b", "c"} {
			tasks = append(tasks, Go(func() error {
				err := w.wait()
				order.add("%s", name)
				return err
			}))
			giveWay(t, 1)
		}
		for i, task := range tasks {
			if i == 0 || !k.all {
				w.grant()
				giveWay(t, 2)
			}
			if !k.all {
				isSame(t, "gone on", len(order.steps), i+1)
			}
			_, err := task.Await()
			isErr(t, "wait", err, nil)
		}
		order.is(t, "a", "b", "c")
	})
}

// A task on its loop and a goroutine that no loop runs, each for the other.
func TestWaitOfGoroutine(t *testing.T) {
	for _, k := range syncKinds {
		t.Run(k.name, func(t *testing.T) {
			onRealTime(t, func(*EventLoop, *reportLog) {
				w := k.make()
				done := make(chan error)
				go func() { done <- w.wait() }()
				w.until(1)
				w.grant()
				isErr(t, "of a goroutine", <-done, nil)

				w = k.make()
				waiter := w.start(t)
				go w.grant()
				_, err := waiter.Await()
				isErr(t, "for a goroutine", err, nil)
			})
		})
	}
}

func TestWaitAcrossLoops(t *testing.T) {
	for _, k := range syncKinds {
		t.Run(k.name, func(t *testing.T) {
			w := k.make()
			done := make(chan error)
			go func() {
				_, err := Run(func() (int, error) { return 0, w.wait() })
				done <- err
			}()
			onRealTime(t, func(*EventLoop, *reportLog) {
				w.until(1)
				w.grant()
				isErr(t, "on the other loop", <-done, nil)
			})
		})
	}
}

// A goroutine that waits is durably blocked: the bubble's time goes on.
func TestWaitInSynctest(t *testing.T) {
	for _, k := range syncKinds {
		t.Run(k.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := k.make()
				done := make(chan error, 1)
				go func() { done <- w.wait() }()
				_, err := Run(func() (int, error) {
					syncMust(Sleep(time.Hour))
					isSame(t, "waiting", w.waiting(), 1)
					w.grant()
					return 0, nil
				})
				isErr(t, "Run", err, nil)
				isErr(t, "of a goroutine", <-done, nil)
			})
		})
	}
}

// A loop that is closed unwinds its tasks as by runtime.Goexit. What they wait for goes to others.
func TestWaitOnLoopThatIsClosed(t *testing.T) {
	for _, k := range syncKinds {
		if k.alone {
			continue
		}
		for _, when := range []string{"before", "after"} {
			t.Run(k.name+", granted "+when+" Close", func(t *testing.T) {
				left := countGoroutines(t)
				w := k.make()
				l := NewEventLoop()
				var task *Task[struct{}]
				_, err := RunUntilComplete(l, func() (int, error) {
					task = w.start(t)
					return 0, nil
				})
				isErr(t, "RunUntilComplete", err, nil)
				done := make(chan error)
				go func() { done <- w.wait() }()
				w.until(2)
				if when == "before" {
					w.grant()
				}
				isErr(t, "Close", l.Close(), nil)
				isErr(t, "the task", task.Err(), ErrCancelled)
				if when == "after" {
					w.grant()
				}
				isErr(t, "the next one", <-done, nil)
				isSame(t, "waiting", w.waiting(), 0)
				left()
			})
		}
	}
}

// A task that goes on waiting, although it was cancelled and Run wants to end, is unwound, and may even wait
// in its deferred functions: each of those waits unwinds it, too.
func TestWaitInDeferredFunctionWhileUnwound(t *testing.T) {
	for _, k := range syncKinds {
		t.Run(k.name, func(t *testing.T) {
			left := countGoroutines(t)
			w := k.make()
			l := NewEventLoop()
			deferred := 0
			_, err := RunUntilComplete(l, func() (int, error) {
				Go(func() error {
					defer func() { deferred++ }()
					defer func() {
						w.wait()
						t.Error("the wait in a deferred function has returned")
					}()
					return w.wait()
				})
				giveWay(t, 1)
				return 0, nil
			})
			isErr(t, "RunUntilComplete", err, nil)
			isErr(t, "Close", l.Close(), nil)
			isSame(t, "deferred functions", deferred, 1)
			isSame(t, "waiting", w.waiting(), 0)
			left()
		})
	}
}

// A goroutine's grant reaches a task by letter. One that comes when the wait is over must not wake
// the task from another wait.
func TestLateWakingWakesNothingElse(t *testing.T) {
	syncEach(t, func(t *testing.T, k syncKind, w syncWait, l *EventLoop) {
		other := NewEvent()
		waiter := Go(func() error {
			isErr(t, "the first wait", w.wait(), ErrCancelled)
			return other.Wait()
		})
		giveWay(t, 1)
		// In one iteration it is granted from elsewhere, and then goes on, cancelled.
		l.CallSoon(func() { onGoroutine(w.grant) })
		waiter.Cancel()
		giveWay(t, 5)
		isSame(t, "the second wait is over", waiter.Done(), false)
		isSame(t, "status", waiter.status, parked)
		other.Set()
		_, err := waiter.Await()
		isErr(t, "the second wait", err, nil)
	})
}

func TestCancelledWaiterIsNotPinned(t *testing.T) {
	syncEach(t, func(t *testing.T, k syncKind, w syncWait, l *EventLoop) {
		held := func() weak.Pointer[[64]byte] {
			big := new([64]byte)
			task := Go(func() error {
				defer runtime.KeepAlive(big)
				return w.wait()
			})
			giveWay(t, 1)
			isSame(t, "waiting", w.waiting(), 1)
			task.Cancel()
			_, err := task.Await()
			isErr(t, "wait", err, ErrCancelled)
			return weak.Make(big)
		}()
		giveWay(t, 1)
		for range 10 {
			if runtime.GC(); held.Value() == nil {
				break
			}
		}
		if held.Value() != nil {
			t.Error("it is still there")
		}
		runtime.KeepAlive(w)
	})
}

// Many goroutines and two loops share each primitive; grants are as many as waits.
func TestWaitUnderLoad(t *testing.T) {
	const each = 200
	for _, k := range syncKinds {
		if k.alone || k.all || !k.kept {
			continue // their grants are lost where nobody waits
		}
		t.Run(k.name, func(t *testing.T) {
			w := k.make()
			var all sync.WaitGroup
			for range 3 {
				all.Go(func() {
					for range each {
						isErr(t, "goroutine", w.wait(), nil)
						w.grant()
					}
				})
			}
			for range 2 {
				all.Go(func() {
					_, err := Run(func() (int, error) {
						var tasks []*Task[struct{}]
						for i := range 4 {
							tasks = append(tasks, Go(func() error {
								for range each {
									if err := w.wait(); err != nil {
										return err
									}
									if i%2 == 0 {
										Sleep(0)
									}
									w.grant()
								}
								return nil
							}))
						}
						victim := Go(func() error {
							for {
								if err := w.wait(); err != nil {
									return err
								}
								w.grant()
								if err := Sleep(0); err != nil {
									return err
								}
							}
						})
						for _, task := range tasks {
							_, err := task.Await()
							isErr(t, "task", err, nil)
						}
						victim.Cancel()
						_, err := victim.Await()
						isErr(t, "cancelled", err, ErrCancelled)
						return 0, nil
					})
					isErr(t, "Run", err, nil)
				})
			}
			w.grant()
			all.Wait()
			isSame(t, "waiting", w.waiting(), 0)
			isErr(t, "what was granted is still there", w.wait(), nil)
		})
	}
}

// A task that waits again and again allocates for the first time only.
func TestWaitAllocatesOnce(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates")
	}
	syncEach(t, func(t *testing.T, k syncKind, w syncWait, l *EventLoop) {
		if k.all {
			return
		}
		task := Go(func() error {
			for {
				if err := w.wait(); err != nil {
					return err
				}
			}
		})
		giveWay(t, 2)
		if n := testing.AllocsPerRun(100, func() { w.grant(); Sleep(0) }); n != 0 {
			t.Errorf("%v allocations", n)
		}
		task.Cancel()
		Sleep(time.Nanosecond)
	})
}
