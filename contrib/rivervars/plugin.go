package rivervars

import (
	"context"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/lifetime"
	"github.com/gocontextvars/contextvars/wire"
)

// A Plugin carries variables for the clients that have it in their river.Config.Plugins: those that insert
// jobs, and those that work them. It may be used by any number of clients and goroutines.
//
// The zero Plugin is closed, as one of New with a nil peer.
type Plugin struct {
	river.MiddlewareDefaults
	peerOf func(kind, queue string) *wire.Peer
}

var (
	_ rivertype.Plugin              = (*Plugin)(nil)
	_ rivertype.JobInsertMiddleware = (*Plugin)(nil)
	_ rivertype.WorkerMiddleware    = (*Plugin)(nil)
)

// New returns a Plugin that carries what the peer is open for, in all jobs. The peer is the table of jobs: the variables of
// its [wire.Send] are stored when a job is inserted, and those of its [wire.Accept] are taken when it is
// worked. A nil peer is closed: jobs carry nothing, and are still worked in Contexts of their own.
func New(peer *wire.Peer) *Plugin {
	return &Plugin{peerOf: func(string, string) *wire.Peer { return peer }}
}

// NewFunc is [New] with a peer for each kind of job and queue. A nil *wire.Peer is closed.
//
// The func is called for each job by any number of goroutines, once when it is inserted and once or more at
// each attempt. While a job is inserted it sees the variables of whoever does so, and else none.
//
// It panics if peerOf is nil.
func NewFunc(peerOf func(kind, queue string) *wire.Peer) *Plugin {
	if peerOf == nil {
		panic("rivervars: NewFunc was given a nil func; give it one that returns the *wire.Peer of a kind of job and a queue, nil for none")
	}
	return &Plugin{peerOf: peerOf}
}

func (p *Plugin) peer(kind, queue string) *wire.Peer {
	if p.peerOf == nil {
		return nil
	}
	return p.peerOf(kind, queue)
}

// InsertMany is for River, which calls it for each insert: by whichever method, and of periodic jobs. It puts the values
// that are current into the metadata of the jobs, and returns what doInner does.
func (p *Plugin) InsertMany(ctx context.Context, jobs []*rivertype.JobInsertParams, doInner func(context.Context) ([]*rivertype.JobInsertResult, error)) ([]*rivertype.JobInsertResult, error) {
	for _, job := range jobs {
		p.peer(job.Kind, job.Queue).Inject((*inserted)(job))
	}
	return doInner(ctx)
}

// worked is the key in the ctx of a job that is worked in a Context of the Plugin's.
type worked struct{ by *Plugin }

// Work is for River, which calls it for each attempt of a job. It calls doInner in a Context of its own with what
// came with the job, and nothing else, and returns its error. Called once more for the same attempt, further inside, it
// leaves the Context as it is. Each attempt is a piece of work for package lifetime, named by the kind of the job.
func (p *Plugin) Work(ctx context.Context, job *rivertype.JobRow, doInner func(context.Context) error) (err error) {
	if ctx.Value(worked{p}) == any(job) { // Worker has called it before River does
		return doInner(ctx)
	}
	ctx = context.WithValue(ctx, worked{p}, job)
	vars, peer := p.arrived(job)
	lifetime.Run(vars, job.Kind, func() {
		if peer.Replies() {
			defer func() { peer.InjectReplyFrom(vars, &reply{ctx, job}) }() // also if the job panics, like an output
		}
		err = doInner(ctx)
	})
	return err
}

// Context returns a new Context with what came with the job, and nothing else, for code that has a job's row: a
// subscriber, or a program that looks into the table. Each call returns another one; what the job has set itself is
// not in it.
//
//	event := <-events
//	vars.Context(event.Job).Run(func() { log.Println("a job of", tenant.Get()) })
//
// It panics if job is nil.
func (p *Plugin) Context(job *rivertype.JobRow) *contextvars.Context {
	checkJob("Context", job)
	vars, _ := p.arrived(job)
	return vars
}

// arrived returns the context to work in on a job, and the peer that it is from.
func (p *Plugin) arrived(job *rivertype.JobRow) (vars *contextvars.Context, peer *wire.Peer) {
	// Goroutines of the client have what was set where it was started, unless that was done by Start.
	contextvars.Detach(func() {
		peer = p.peer(job.Kind, job.Queue)
		vars = peer.Extract((*row)(job))
	})
	return vars, peer
}

func checkJob(call string, job *rivertype.JobRow) {
	if job == nil {
		panic("rivervars: Plugin." + call + " was given a nil *rivertype.JobRow; give it that of the job")
	}
}
