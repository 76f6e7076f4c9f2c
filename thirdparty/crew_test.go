package thirdparty_test

import (
	"sync"
	"testing"
	"time"

	"github.com/alitto/pond/v2"
	"github.com/panjf2000/ants/v2"
	"github.com/sourcegraph/conc/pool"
	"github.com/timandy/routine"

	cv "github.com/gocontextvars/contextvars"
)

// crew is a pool of goroutines with one worker, so that jobs share it for sure.
type crew struct {
	submit func(job func())
	close  func()
	// queues says that submit returns before the job has begun, and that a
	// worker ends when no job is waiting.
	queues bool
}

var crews = map[string]func(t *testing.T) *crew{
	"conc": func(*testing.T) *crew {
		p := pool.New().WithMaxGoroutines(1)
		return &crew{submit: p.Go, close: p.Wait}
	},
	"ants": func(t *testing.T) *crew {
		// Without the purge, no worker is dismissed for having been idle.
		p, err := ants.NewPool(1, ants.WithDisablePurge(true))
		noError(t, err)
		return &crew{
			submit: func(job func()) { noError(t, p.Submit(job)) },
			close:  func() { noError(t, p.ReleaseTimeout(time.Minute)) },
		}
	},
	"pond": func(t *testing.T) *crew {
		p := pond.NewPool(1)
		return &crew{
			submit: func(job func()) { noError(t, p.Go(job)) },
			close:  p.StopAndWait,
			queues: true,
		}
	},
}

func noError(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Error(err)
	}
}

// work submits jobs by calling each hand with a submit function, and waits until they
// are done. It fails the test unless one worker did them all.
func (c *crew) work(t *testing.T, hands ...func(submit func(job func()))) {
	t.Helper()
	var (
		submitted = make(chan bool)
		done      sync.WaitGroup
		workers   []uint64
	)
	for _, hand := range hands {
		hand(func(job func()) {
			done.Add(1)
			c.submit(func() {
				defer done.Done()
				if workers = append(workers, routine.Goid()); c.queues && len(workers) == 1 {
					<-submitted
				}
				job()
			})
		})
	}
	close(submitted)
	done.Wait()
	for _, id := range workers {
		if id != workers[0] {
			t.Fatalf("jobs ran on the goroutines %v, want one", workers)
		}
	}
}

// by submits the job as a goroutine would where user is set to that name.
func by(name string, job func()) func(submit func(func())) {
	return func(submit func(func())) { user.With(name, func() { submit(job) }) }
}

// boundBy is by with contextvars.Bind.
func boundBy(name string, job func()) func(submit func(func())) {
	return func(submit func(func())) { user.With(name, func() { submit(cv.Bind(job)) }) }
}
