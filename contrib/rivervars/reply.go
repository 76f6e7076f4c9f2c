package rivervars

import (
	"context"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"github.com/gocontextvars/contextvars/wire"
)

// ExtractReply sets what the job has set of variables with [wire.Back], in the current context, as far as the
// peer of the job is open for it: see [wire.Peer.ExtractReply]. The row is one that was read after
// the attempt has ended: that of an event of a subscription, or of Client.JobGet.
//
//	event := <-events
//	vars.ExtractReply(event.Job)
//	log.Println("it has cost", cost.Get())
//
// The values are those that were set when the last attempt ended, whether it failed or not. There are none
// of a job that was completed by river.JobCompleteTx, which writes the row before the attempt has ended.
//
// It panics if job is nil.
func (p *Plugin) ExtractReply(job *rivertype.JobRow) {
	checkJob("ExtractReply", job)
	p.peer(job.Kind, job.Queue).ExtractReply((*row)(job))
}

// reply is the metadata of a job whose attempt ends as a carrier.
type reply struct {
	ctx context.Context
	job *rivertype.JobRow
}

// Values returns what an earlier attempt has left.
func (r *reply) Values(key string) []string { return (*row)(r.job).Values(key) }

// Set has River write it together with the job's new state.
func (r *reply) Set(key, value string) {
	_ = river.MetadataSet(r.ctx, key, value) // fails only if ctx is not River's; the job is not to fail for that
}

var _ wire.Carrier = (*reply)(nil)
