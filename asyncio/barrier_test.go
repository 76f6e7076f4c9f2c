package asyncio

import (
	"slices"
	"testing"
)

func TestBarrierRounds(t *testing.T) {
	onLoop(t, func(*EventLoop, *reportLog) {
		const parties, rounds = 3, 4
		b := NewBarrier(parties)
		isSame(t, "parties", b.Parties(), parties)
		var tasks []*Task[[]int]
		for range parties {
			tasks = append(tasks, CreateTask(func() (numbers []int, err error) {
				for range rounds {
					n, err := b.Wait()
					if err != nil {
						return nil, err
					}
					numbers = append(numbers, n)
				}
				return numbers, nil
			}))
		}
		var all [rounds][]int
		for _, task := range tasks {
			numbers, err := task.Await()
			isErr(t, "Wait", err, nil)
			for i, n := range numbers {
				all[i] = append(all[i], n)
			}
		}
		for i, numbers := range all {
			slices.Sort(numbers)
			if !slices.Equal(numbers, []int{0, 1, 2}) {
				t.Errorf("round %d: %v", i, numbers)
			}
		}
		isSame(t, "waiting", b.NWaiting(), 0)
		b.line.isEmpty(t, "Wait")
	})
}

// Numbers are those of the order in which they came, and the last one is not suspended.
func TestBarrierOrder(t *testing.T) {
	onLoop(t, func(l *EventLoop, _ *reportLog) {
		b := NewBarrier(3)
		first, second := CreateTask(b.Wait), CreateTask(b.Wait)
		giveWay(t, 1)
		isSame(t, "waiting", b.NWaiting(), 2)
		l.CallSoon(func() {
			n, err := b.Wait()
			isErr(t, "in a callback, as the last one", err, nil)
			isSame(t, "last", n, 2)
		})
		n, err := first.Await()
		isErr(t, "Wait", err, nil)
		isSame(t, "first", n, 0)
		n, err = second.Await()
		isErr(t, "Wait", err, nil)
		isSame(t, "second", n, 1)

		one := NewBarrier(1)
		syncAtOnce(t, "Wait of a single one", func() error {
			n, err := one.Wait()
			isSame(t, "number", n, 0)
			return err
		})
	})
}

// One that comes when the barrier was full, and the others have not gone on yet, waits for the next
// round.
func TestBarrierNextRound(t *testing.T) {
	onLoop(t, func(*EventLoop, *reportLog) {
		b := NewBarrier(2)
		first := CreateTask(b.Wait)
		giveWay(t, 1)
		_, err := b.Wait()
		isErr(t, "Wait", err, nil)
		next := CreateTask(b.Wait, Eager())
		isSame(t, "next", next.Done(), false)
		isSame(t, "waiting", b.NWaiting(), 1)
		_, err = first.Await()
		isErr(t, "first", err, nil)
		_, err = b.Wait()
		isErr(t, "Wait", err, nil)
		_, err = next.Await()
		isErr(t, "next", err, nil)
	})
}

// The barrier waits for another one in place of one that was cancelled, and numbers are still
// all different.
func TestBarrierCancelled(t *testing.T) {
	onLoop(t, func(*EventLoop, *reportLog) {
		b := NewBarrier(3)
		gone, stays := CreateTask(b.Wait), CreateTask(b.Wait)
		giveWay(t, 1)
		gone.Cancel()
		_, err := gone.Await()
		isErr(t, "cancelled", err, ErrCancelled)
		isSame(t, "waiting", b.NWaiting(), 1)
		isSame(t, "broken", b.Broken(), false)
		other := CreateTask(b.Wait)
		giveWay(t, 1)
		n, err := b.Wait()
		isErr(t, "last", err, nil)
		isSame(t, "last", n, 2)
		n, err = stays.Await()
		isErr(t, "stays", err, nil)
		isSame(t, "stays", n, 0)
		n, err = other.Await()
		isErr(t, "other", err, nil)
		isSame(t, "other", n, 1)
	})
}

func TestBarrierAbortAndReset(t *testing.T) {
	onLoop(t, func(*EventLoop, *reportLog) {
		b := NewBarrier(2)
		waiter := CreateTask(b.Wait)
		giveWay(t, 1)
		b.Abort()
		isSame(t, "broken", b.Broken(), true)
		isSame(t, "waiting", b.NWaiting(), 0)
		_, err := waiter.Await()
		isErr(t, "who waits", err, ErrBrokenBarrier)
		_, err = b.Wait()
		isErr(t, "who comes", err, ErrBrokenBarrier)
		b.Reset()
		isSame(t, "broken", b.Broken(), false)

		waiter = CreateTask(b.Wait)
		giveWay(t, 1)
		b.Reset()
		isSame(t, "broken", b.Broken(), false)
		next := CreateTask(b.Wait, Eager()) // does not meet the one that was sent away
		_, err = waiter.Await()
		isErr(t, "who waits at Reset", err, ErrBrokenBarrier)
		isSame(t, "waiting", b.NWaiting(), 1)
		_, err = b.Wait()
		isErr(t, "Wait", err, nil)
		b.Abort() // those of a full round have it behind them
		_, err = next.Await()
		isErr(t, "next", err, nil)
	})
}

func TestBarrierOfTooFew(t *testing.T) {
	syncPanic(t, "NewBarrier was given 0 parties", func() { NewBarrier(0) })
	syncPanic(t, "zero Barrier", func() { new(Barrier).Wait() })
	new(Barrier).Abort()
}
