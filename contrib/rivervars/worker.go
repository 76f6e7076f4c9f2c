package rivervars

import (
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"
)

// Worker returns w with all of its methods called in a Context of the job's: also NextRetry and
// Middleware, and the middleware that this returns, which River calls outside of the client's plugins. It is
// not needed for workers without these. NextRetry and Middleware have Contexts of their own: they see
// what came with the job, not what Work has set.
//
// It costs what reading the metadata costs, once for each attempt, and once more if it fails.
//
// It panics if p or w is nil.
func Worker[T river.JobArgs](p *Plugin, w river.Worker[T]) river.Worker[T] {
	if p == nil {
		panic("rivervars: Worker was given a nil *Plugin; make one with rivervars.New")
	}
	if w == nil {
		panic("rivervars: Worker was given a nil river.Worker; give it the one that works the jobs")
	}
	return &worker[T]{w, p}
}

type worker[T river.JobArgs] struct {
	river.Worker[T]
	plugin *Plugin
}

func (w *worker[T]) Middleware(job *rivertype.JobRow) []rivertype.WorkerMiddleware {
	all := []rivertype.WorkerMiddleware{w.plugin}
	w.plugin.Context(job).Run(func() { all = append(all, w.Worker.Middleware(job)...) })
	return all
}

func (w *worker[T]) NextRetry(job *river.Job[T]) (next time.Time) {
	w.plugin.Context(job.JobRow).Run(func() { next = w.Worker.NextRetry(job) })
	return next
}
