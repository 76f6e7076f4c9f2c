package asyncio

import (
	"errors"
	"testing"
	"time"
)

// C14: rings are found however long they are, and by however many ways they are come to.
func TestRingBehindManyWays(t *testing.T) {
	_, err := Run(func() (int, error) {
		start := NewFuture[int]()
		// 40 layers of two tasks, each of which gathers both of the layer before: 2^40 ways.
		var a *Task[int]
		layer := []*Task[int]{}
		for range 40 {
			before := layer
			layer = nil
			for range 2 {
				layer = append(layer, CreateTask(func() (int, error) {
					if len(before) == 0 {
						return a.Await() // the last one closes the ring
					}
					_, err := Gather(before...)
					return 0, err
				}))
			}
		}
		top := layer
		a = CreateTask(func() (int, error) {
			if _, err := start.Await(); err != nil {
				return 0, err
			}
			_, err := Gather(top...)
			return 0, err
		})
		if err := Sleep(0); err != nil {
			return 0, err
		}
		start.SetResult(1)
		_, err := a.Await()
		return 0, err
	})
	if !errors.Is(err, ErrAwaitCycle) {
		t.Errorf("a ring ends with %v", err)
	}
}

// Tasks that wait for each other in a row, or in layers, are no ring, and looking for one is cheap.
func TestLongRowOfTasks(t *testing.T) {
	const n = 20_000
	got, err := Run(func() (int, error) {
		first := NewFuture[int]()
		last := CreateTask(first.Await)
		for range n {
			before := last
			last = CreateTask(func() (int, error) {
				i, err := before.Await()
				return i + 1, err
			})
			if err := Sleep(0); err != nil {
				return 0, err
			}
		}
		first.SetResult(0)
		return last.Await()
	})
	if got != n || err != nil {
		t.Errorf("got %d, %v", got, err)
	}
}

// Run's last cancellation comes to each task once, not by each of the ways that lead there.
func TestLastCancellationOfLayers(t *testing.T) {
	ended := 0
	_, err := Run(func() (int, error) {
		layer := []*Task[int]{}
		for range 40 {
			before := layer
			layer = nil
			for range 2 {
				layer = append(layer, CreateTask(func() (int, error) {
					defer func() { ended++ }()
					if len(before) == 0 {
						return 0, Sleep(time.Hour)
					}
					_, err := Gather(before...)
					return 0, err
				}))
			}
		}
		return 0, Sleep(0)
	}, WithClock(NewVirtualClock()))
	if ended != 80 || err != nil {
		t.Errorf("%d tasks have ended, %v", ended, err)
	}
}
