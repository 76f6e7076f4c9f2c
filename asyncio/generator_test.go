package asyncio_test

import (
	"testing"
	"time"

	"github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/asyncio"
)

var precision = contextvars.NewDefault("precision", 0)

// ticks waits between its values, and sets a variable that it finds again after each wait.
func ticks(t *testing.T) func(yield func(int) bool) {
	return func(yield func(int) bool) {
		for i := range 3 {
			before := precision.Get()
			precision.Set(i + 100)
			if i > 0 && before != i+99 {
				t.Errorf("the generator finds %d in step %d", before, i)
			}
			if err := asyncio.Sleep(time.Hour); err != nil {
				t.Error(err)
			}
			if !yield(i) {
				return
			}
		}
	}
}

// A generator that waits, waits in the task that takes its next step, as an asynchronous one of
// Python's does (163), and keeps what it sets (E4).
func TestGeneratorsWaitInTasks(t *testing.T) {
	for name, use := range map[string]func(body func(int)){
		"Isolate": func(body func(int)) {
			for i := range contextvars.Isolate(ticks(t)) {
				body(i)
			}
		},
		"IsolatePull": func(body func(int)) {
			next, stop := contextvars.IsolatePull(ticks(t))
			defer stop()
			for i, ok := next(); ok; i, ok = next() {
				body(i)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			others := 0
			_, err := asyncio.Run(func() (int, error) {
				precision.Set(1)
				other := asyncio.Go(func() error {
					for range 6 {
						if err := asyncio.Sleep(time.Hour / 2); err != nil {
							return err
						}
						others++
					}
					return nil
				})
				me := asyncio.CurrentTask()
				steps := 0
				use(func(i int) {
					if i != steps || precision.Get() != 1 || asyncio.CurrentTask() != me {
						t.Errorf("step %d: i is %d, precision %d", steps, i, precision.Get())
					}
					if others < 2*i+1 {
						t.Errorf("step %d: the other task has got to %d only", i, others)
					}
					steps++
				})
				if steps != 3 {
					t.Errorf("%d steps", steps)
				}
				_, err := other.Await()
				return 0, err
			}, asyncio.WithClock(asyncio.NewVirtualClock()))
			if err != nil {
				t.Error(err)
			}
		})
	}
}
