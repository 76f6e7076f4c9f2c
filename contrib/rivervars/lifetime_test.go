package rivervars_test

import (
	"testing"

	"github.com/riverqueue/river"

	"github.com/gocontextvars/contextvars/contrib/rivervars"
	"github.com/gocontextvars/contextvars/lifetime"
	"github.com/gocontextvars/contextvars/wire"
)

// Each attempt is a piece of work; its values go back before they are taken back.
func TestAttemptsAreWork(t *testing.T) {
	defer lifetime.Track(lifetime.Revoke())()
	p := rivervars.New(wire.Trusted())
	works := make(chan *lifetime.Work, 2)
	job := replied(t, p, func(job *river.Job[task]) error {
		works <- lifetime.Current()
		cost.Set("the job's")
		if job.Attempt == 1 {
			panic("fails")
		}
		return nil
	})
	want(t, "cost", costs(p, job), "the job's")
	a, b := <-works, <-works
	if a == nil || b == nil || a == b {
		t.Fatalf("the attempts are %v and %v, want two pieces of work", a, b)
	}
	want(t, "name", a.Name(), "task")
	_, ended := a.Ended()
	want(t, "the first has ended", ended, true)
}
