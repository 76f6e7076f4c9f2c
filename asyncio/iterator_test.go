package asyncio_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/asyncio"
)

// What Python's generators and asynchronous generators do with contexts, of iterators that wait. Isolate and
// IsolatePull have tests of their own in the root package.

var step = contextvars.New[string]("step")

// inTask runs f as the main task of a loop.
func inTask(t *testing.T, f func() error) {
	t.Helper()
	_, err := asyncio.Run(func() (struct{}, error) { return struct{}{}, f() })
	if err != nil {
		t.Error(err)
	}
}

// seen yields what step is, and waits, n times.
func seen(n int) func(yield func(string, error) bool) {
	return func(yield func(string, error) bool) {
		for range n {
			value := step.Get()
			if !yield(value, asyncio.Sleep(0)) {
				return
			}
		}
	}
}

func TestIteratorHasTheContextOfItsLoop(t *testing.T) { // 161
	inTask(t, func() error {
		step.Set("0")
		i := 0
		for value, err := range seen(3) {
			if want := fmt.Sprint(i); value != want || err != nil {
				t.Errorf("step %d sees %q, %v", i, value, err)
			}
			i++
			step.Set(fmt.Sprint(i))
		}
		return nil
	})
}

func TestIteratorSetsInItsLoop(t *testing.T) { // 162
	inTask(t, func() error {
		step.Set("outside")
		for range func(yield func() bool) { step.Set("inside"); yield() } {
			if got := step.Get(); got != "inside" {
				t.Errorf("the body of the loop sees %q", got)
			}
		}
		return nil
	})
}

func TestIteratorSteppedBySeveralTasks(t *testing.T) { // 163
	inTask(t, func() error {
		next, stop := contextvars.IsolatePull2(seen(3))
		defer stop()
		for i := range 3 {
			name := fmt.Sprint("task ", i)
			_, err := asyncio.Go(func() error {
				step.Set(name)
				value, err, ok := next()
				if value != name || !ok {
					t.Errorf("the step of %s sees %q, %t", name, value, ok)
				}
				return err
			}).Await()
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// restoring sets step for as long as it is ranged over, and tells what its deferred Restore returned.
func restoring(restored *[]bool) func(yield func(int) bool) {
	return func(yield func(int) bool) {
		token := step.Set("inside")
		defer func() { *restored = append(*restored, token.Restore()) }()
		for i := range 3 {
			if asyncio.Sleep(0) != nil || !yield(i) {
				return
			}
		}
	}
}

var errAbandoned = errors.New("the body of the loop returned")

func TestIteratorRestoresHoweverItEnds(t *testing.T) { // 164, 165
	var restored []bool
	for name, loop := range map[string]func() error{
		"to its end": func() error {
			for range restoring(&restored) {
			}
			return nil
		},
		"break": func() error {
			for range restoring(&restored) {
				break
			}
			return nil
		},
		"return": func() error {
			for range restoring(&restored) {
				return errAbandoned
			}
			return nil
		},
		"panic": func() error {
			defer func() { recover() }()
			for range restoring(&restored) {
				panic("the body of the loop panicked")
			}
			return nil
		},
		"stopped by another task": func() error {
			next, stop := contextvars.IsolatePull(restoring(&restored))
			next()
			_, err := asyncio.Go(func() error { stop(); return nil }).Await()
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			restored = nil
			inTask(t, func() error {
				step.Set("outside")
				if err := loop(); err != nil && err != errAbandoned {
					return err
				}
				if got := step.Get(); got != "outside" || !slices.Equal(restored, []bool{true}) {
					t.Errorf("after it step is %q, Restore returned %v", got, restored)
				}
				return nil
			})
		})
	}
}
