package asyncio

import (
	"testing"
	"time"
)

func TestSemaphorePermits(t *testing.T) {
	onLoop(t, func(l *EventLoop, _ *reportLog) {
		s := NewSemaphore(2)
		isSame(t, "locked", s.Locked(), false)
		syncAtOnce(t, "Acquire", s.Acquire)
		syncAtOnce(t, "Acquire", s.Acquire)
		isSame(t, "locked", s.Locked(), true)
		l.CallSoon(func() { isErr(t, "in a callback", s.Acquire(), ErrNotInTask) })
		giveWay(t, 1)
		for range 3 { // more than there were
			s.Release()
		}
		for range 3 {
			syncAtOnce(t, "Acquire", s.Acquire)
		}
		isSame(t, "locked", s.Locked(), true)
	})
}

func TestSemaphoreZeroValue(t *testing.T) {
	onLoop(t, func(*EventLoop, *reportLog) {
		var s Semaphore
		isSame(t, "locked", s.Locked(), true)
		s.Release()
		syncAtOnce(t, "Acquire", s.Acquire)
	})
}

func TestSemaphoreOfNegativeNumber(t *testing.T) {
	syncPanic(t, "NewSemaphore was given -1 permits", func() { NewSemaphore(-1) })
	syncPanic(t, "NewBoundedSemaphore was given -2 permits", func() { NewBoundedSemaphore(-2) })
}

func TestBoundedSemaphoreReleasedTooOften(t *testing.T) {
	onLoop(t, func(*EventLoop, *reportLog) {
		s := NewBoundedSemaphore(1)
		syncPanic(t, "BoundedSemaphore that has all its permits", s.Release)
		syncPanic(t, "BoundedSemaphore that has all its permits", s.Semaphore.Release)
		syncMust(s.Acquire())
		s.Release()
		syncMust(s.Acquire())

		// One who was woken has not taken its permit yet.
		waiter := Go(s.Acquire)
		giveWay(t, 1)
		s.Release()
		syncPanic(t, "BoundedSemaphore that has all its permits", s.Release)
		_, err := waiter.Await()
		isErr(t, "Acquire", err, nil)
		syncPanic(t, "BoundedSemaphore that has all its permits", NewBoundedSemaphore(0).Release)
	})
}

// Who comes later does not overtake those who were woken and have not gone on yet, even if there are
// permits for all. The four tests of fairness are those of CPython 3.11 and later.
func TestSemaphoreIsFair(t *testing.T) {
	t.Run("taking turns", func(t *testing.T) {
		onLoop(t, func(*EventLoop, *reportLog) {
			s := NewSemaphore(1)
			var order trail
			var tasks []*Task[struct{}]
			for _, name := range []string{"a", "b", "c"} {
				tasks = append(tasks, Go(func() error {
					for i := range 2 {
						syncMust(s.Acquire())
						order.add("%s%d", name, i)
						syncMust(Sleep(10 * time.Millisecond))
						s.Release()
					}
					return nil
				}))
			}
			for _, task := range tasks {
				_, err := task.Await()
				isErr(t, "task", err, nil)
			}
			order.is(t, "a0", "b0", "c0", "a1", "b1", "c1")
		})
	})
	t.Run("released and acquired in one step", func(t *testing.T) {
		onLoop(t, func(*EventLoop, *reportLog) {
			s := NewSemaphore(1)
			var order trail
			acquire := func(name string) error { err := s.Acquire(); order.add("%s", name); return err }
			Go(func() error { return acquire("1") })
			Go(func() error { _ = acquire("2"); s.Release(); return acquire("4") })
			Go(func() error { return acquire("3") })
			giveWay(t, 1)
			s.Release()
			s.Release()
			giveWay(t, 4)
			order.is(t, "1", "2", "3", "4")
		})
	})
	t.Run("the first one is cancelled", func(t *testing.T) {
		onLoop(t, func(*EventLoop, *reportLog) {
			s := NewSemaphore(0)
			var order trail
			var tasks []*Task[struct{}]
			for _, name := range []string{"1", "2", "3"} {
				tasks = append(tasks, Go(func() error { err := s.Acquire(); order.add("%s %v", name, err); return nil }))
			}
			giveWay(t, 1)
			tasks[0].Cancel()
			giveWay(t, 1)
			s.Release()
			s.Release()
			giveWay(t, 2)
			order.is(t, "1 asyncio: cancelled", "2 <nil>", "3 <nil>")
		})
	})
	t.Run("permits for all", func(t *testing.T) {
		onLoop(t, func(*EventLoop, *reportLog) {
			s := NewSemaphore(0)
			var order trail
			Go(func() error {
				syncMust(s.Acquire())
				Go(func() error { order.add("4"); return nil })
				order.add("1")
				return nil
			})
			Go(func() error {
				for range 3 {
					s.Release()
				}
				isSame(t, "locked", s.Locked(), true) // the first one has not gone on yet
				syncMust(s.Acquire())
				order.add("2")
				return nil
			})
			Go(func() error {
				syncMust(s.Acquire())
				order.add("3")
				return nil
			})
			giveWay(t, 5)
			order.is(t, "1", "2", "3", "4")
			isSame(t, "permits", s.permits, 0)
			s.line.isEmpty(t, "Acquire")
		})
	})
}

// One that gives way to others who were woken is cancelled there: its permit is not lost.
func TestSemaphoreCancelledWhileGivingWay(t *testing.T) {
	onLoop(t, func(*EventLoop, *reportLog) {
		s := NewSemaphore(0)
		first := Go(s.Acquire)
		giveWay(t, 1)
		s.Release()
		s.Release()
		second := Go(s.Acquire, Eager())
		isSame(t, "second", second.Done(), false)
		second.Cancel()
		_, err := second.Await()
		isErr(t, "second", err, ErrCancelled)
		isSame(t, "first", first.Done(), true)
		isSame(t, "permits", s.permits, 1)
		s.line.isEmpty(t, "Acquire")
	})
}

func TestSemaphoreOfGoroutinesGivingWay(t *testing.T) {
	onRealTime(t, func(*EventLoop, *reportLog) {
		s := NewSemaphore(0)
		first := Go(s.Acquire)
		giveWay(t, 1)
		s.Release()
		s.Release()
		onGoroutine(func() { isErr(t, "Acquire", s.Acquire(), nil) }) // there is one for it, too
		_, err := first.Await()
		isErr(t, "first", err, nil)
		isSame(t, "permits", s.permits, 0)
	})
}
