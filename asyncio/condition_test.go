package asyncio

import (
	"errors"
	"testing"
)

// syncWaits starts a task that waits with the lock held, and notes what happens.
func syncWaits(t *testing.T, c *Condition, order *trail, name string) *Task[struct{}] {
	t.Helper()
	task := Go(func() error {
		return c.With(func() error {
			err := c.Wait()
			order.add("%s locked %v", name, c.Locked())
			return err
		})
	})
	giveWay(t, 1)
	return task
}

func TestConditionNotify(t *testing.T) {
	onLoop(t, func(*EventLoop, *reportLog) {
		var c Condition
		var order trail
		var tasks []*Task[struct{}]
		for _, name := range []string{"a", "b", "c", "d", "e"} {
			tasks = append(tasks, syncWaits(t, &c, &order, name))
		}
		isSame(t, "locked while all wait", c.Locked(), false)
		notify := func(f func()) {
			syncMust(c.Acquire())
			f()
			giveWay(t, 3)
			order.is(t) // the lock is held
			c.Release()
			giveWay(t, 5)
		}
		notify(func() { c.Notify(0); c.Notify(-1) })
		order.is(t)
		notify(func() { c.Notify(1) })
		order.is(t, "a locked true")
		notify(func() { c.Notify(2) })
		order.is(t, "b locked true", "c locked true")
		notify(c.NotifyAll)
		order.is(t, "d locked true", "e locked true")
		notify(func() { c.Notify(3); c.NotifyAll() })
		for _, task := range tasks {
			_, err := task.Await()
			isErr(t, "Wait", err, nil)
		}
	})
}

func TestConditionWithoutLock(t *testing.T) {
	onLoop(t, func(*EventLoop, *reportLog) {
		c := NewCondition(nil)
		syncPanic(t, "Wait of a Condition whose lock nobody holds", func() { _ = c.Wait() })
		syncPanic(t, "Notify of a Condition whose lock nobody holds", func() { c.Notify(1) })
		syncPanic(t, "NotifyAll of a Condition whose lock nobody holds", c.NotifyAll)
		syncPanic(t, "Release of a Lock that nobody holds", c.Release)
		isErr(t, "WaitFor what is true already", c.WaitFor(func() bool { return true }), nil)
		syncPanic(t, "nil func", func() { _ = c.WaitFor(nil) })
		isErr(t, "Acquire after all that", c.Acquire(), nil)
	})
}

func TestConditionWaitInCallback(t *testing.T) {
	onLoop(t, func(l *EventLoop, _ *reportLog) {
		c := NewCondition(nil)
		l.CallSoon(func() {
			isErr(t, "Acquire", c.Acquire(), nil)
			isErr(t, "Wait", c.Wait(), ErrNotInTask)
			isErr(t, "WaitFor", c.WaitFor(func() bool { return false }), ErrNotInTask)
			isSame(t, "locked", c.Locked(), true)
		})
		giveWay(t, 1)
		c.line.isEmpty(t, "Wait")
	})
}

func TestConditionWaitFor(t *testing.T) {
	onLoop(t, func(*EventLoop, *reportLog) {
		c := NewCondition(nil)
		n, asked := 0, 0
		task := Go(func() error {
			return c.With(func() error {
				return c.WaitFor(func() bool {
					asked++
					isSame(t, "locked", c.Locked(), true)
					return n == 2
				})
			})
		})
		giveWay(t, 1)
		for n = 1; n <= 2; n++ {
			isSame(t, "done", task.Done(), false)
			isErr(t, "With", c.With(func() error { c.Notify(1); return nil }), nil)
			giveWay(t, 2)
			if n == 2 {
				break
			}
		}
		_, err := task.Await()
		isErr(t, "WaitFor", err, nil)
		isSame(t, "asked", asked, 3)

		// A panic finds the lock held.
		_, err = Go(func() error {
			return c.With(func() error { return c.WaitFor(func() bool { panic("p") }) })
		}).Await()
		var p *PanicError
		isSame(t, "the error is the panic", errors.As(err, &p), true)
		isSame(t, "locked", c.Locked(), false)
	})
}

// Two conditions of one lock.
func TestConditionsWithOneLock(t *testing.T) {
	onLoop(t, func(*EventLoop, *reportLog) {
		lock := NewLock()
		a, b := NewCondition(lock), NewCondition(lock)
		var order trail
		ta, tb := syncWaits(t, a, &order, "a"), syncWaits(t, b, &order, "b")
		isErr(t, "With", lock.With(func() error { b.NotifyAll(); return nil }), nil)
		_, err := tb.Await()
		isErr(t, "b", err, nil)
		isSame(t, "a is done", ta.Done(), false)
		isErr(t, "With", lock.With(func() error { a.NotifyAll(); return nil }), nil)
		_, err = ta.Await()
		isErr(t, "a", err, nil)
		order.is(t, "b locked true", "a locked true")
	})
}

// Wait gets the lock back before it returns, however often it is cancelled.
func TestConditionCancelledWhileLockIsHeld(t *testing.T) {
	onLoop(t, func(*EventLoop, *reportLog) {
		c := NewCondition(nil)
		var order trail
		task := syncWaits(t, c, &order, "it")
		syncMust(c.Acquire())
		for _, message := range []string{"first", "second", "third"} {
			task.Cancel(message)
			giveWay(t, 3)
			isSame(t, "done", task.Done(), false)
		}
		c.Release()
		_, err := task.Await()
		var cancelled *CancelledError
		if !errors.As(err, &cancelled) || cancelled.Message != "third" {
			t.Errorf("got the error %v", err)
		}
		order.is(t, "it locked true")
		isSame(t, "locked", c.Locked(), false)
	})
}

// Cancelled where it waits for the lock, after it was notified: another one is notified instead.
func TestConditionCancelledAfterNotify(t *testing.T) {
	onLoop(t, func(*EventLoop, *reportLog) {
		c := NewCondition(nil)
		var order trail
		first := syncWaits(t, c, &order, "first")
		second := syncWaits(t, c, &order, "second")
		syncMust(c.Acquire())
		c.Notify(1)
		giveWay(t, 2)
		first.Cancel()
		giveWay(t, 2)
		c.Release()
		_, err := first.Await()
		isErr(t, "first", err, ErrCancelled)
		_, err = second.Await()
		isErr(t, "second", err, nil)
		order.is(t, "first locked true", "second locked true")
	})
}

// Close ends a task in Wait as by runtime.Goexit. What its deferred functions count on is true, or does
// no harm.
func TestConditionOnLoopThatIsClosed(t *testing.T) {
	for name, held := range map[string]bool{"the lock is free": false, "the lock is held elsewhere": true} {
		for _, where := range []string{"waiting", "notified", "getting the lock back"} {
			t.Run(name+", "+where, func(t *testing.T) {
				left := countGoroutines(t)
				c := NewCondition(nil)
				l := NewEventLoop()
				unwound := false
				if where == "getting the lock back" && !held {
					return
				}
				_, err := RunUntilComplete(l, func() (int, error) {
					Go(func() error {
						syncMust(c.Acquire())
						defer c.Release()
						defer func() {
							unwound = true
							isSame(t, "locked in a deferred function", c.Locked(), true)
						}()
						return c.Wait()
					})
					giveWay(t, 1)
					return 0, nil
				})
				isErr(t, "RunUntilComplete", err, nil)
				isErr(t, "Acquire", c.Acquire(), nil)
				if where != "waiting" {
					c.Notify(1)
				}
				if where == "getting the lock back" {
					l.Stop() // after one iteration
					isErr(t, "RunForever", l.RunForever(), nil)
					isSame(t, "waiting for the lock", c.own.line.waiting, 1)
				}
				if !held {
					c.Release()
				}
				isErr(t, "Close", l.Close(), nil)
				isSame(t, "unwound", unwound, true)
				isSame(t, "locked", c.Locked(), held)
				if held {
					c.Release()
				}
				isSame(t, "locked at last", c.Locked(), false)
				syncPanic(t, "nobody holds", c.Release)
				isSame(t, "excused", len(c.own.excused), 0)
				c.line.isEmpty(t, "Wait")
				c.own.line.isEmpty(t, "Acquire")
				left()
			})
		}
	}
}

// The holder elsewhere has released the lock when the task's deferred Release comes.
func TestConditionReleasedWhileUnwound(t *testing.T) {
	c := NewCondition(nil)
	l := NewEventLoop()
	_, err := RunUntilComplete(l, func() (int, error) {
		Go(func() error {
			syncMust(c.Acquire())
			defer c.Release()
			defer onGoroutine(c.Release)
			return c.Wait()
		})
		giveWay(t, 1)
		return 0, nil
	})
	isErr(t, "RunUntilComplete", err, nil)
	isErr(t, "Acquire", c.Acquire(), nil)
	isErr(t, "Close", l.Close(), nil)
	isSame(t, "locked", c.Locked(), false)
	isSame(t, "excused", len(c.own.excused), 0)
}

// The same where another task of the loop holds the lock, and is ended, too.
func TestConditionOnLoopThatIsClosedWithHolder(t *testing.T) {
	for _, first := range []string{"waiter", "holder"} {
		t.Run(first+" first", func(t *testing.T) {
			c := NewCondition(nil)
			l := NewEventLoop()
			_, err := RunUntilComplete(l, func() (int, error) {
				start := NewEvent()
				wait := func() error { return c.With(c.Wait) }
				hold := func() error {
					syncMust(start.Wait())
					return c.With(func() error { return NewEvent().Wait() })
				}
				if first == "waiter" {
					Go(wait)
					Go(hold)
				} else {
					Go(hold)
					Go(wait)
				}
				giveWay(t, 1)
				start.Set()
				giveWay(t, 1)
				isSame(t, "locked", c.Locked(), true)
				return 0, nil
			})
			isErr(t, "RunUntilComplete", err, nil)
			isErr(t, "Close", l.Close(), nil)
			isSame(t, "locked", c.Locked(), false)
			isSame(t, "excused", len(c.own.excused), 0)
		})
	}
}
