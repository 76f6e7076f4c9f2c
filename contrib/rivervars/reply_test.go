package rivervars_test

import (
	"context"
	"errors"
	"testing"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/contrib/rivervars"
	"github.com/gocontextvars/contextvars/wire"
)

// replied works a job, and returns its row when it is completed.
func replied(t testing.TB, p *rivervars.Plugin, work func(*river.Job[task]) error) *rivertype.JobRow {
	t.Helper()
	client := newClient(t, sqlite(t), p, &taskWorker{work: func(_ context.Context, job *river.Job[task]) error { return work(job) }})
	started(t, client)
	events, cancel := client.Subscribe(river.EventKindJobCompleted, river.EventKindJobCancelled)
	defer cancel()
	insert(t, client, "the inserter's", nil)
	event := take(t, events)
	stored := row(t, client, event.Job.ID)
	want(t, "in the event, and in the table", member(t, event.Job.Metadata, "baggage-reply"), member(t, stored.Metadata, "baggage-reply"))
	return event.Job
}

// costs is what cost is after the reply.
func costs(p *rivervars.Plugin, job *rivertype.JobRow) (saw string) {
	contextvars.Detach(func() {
		p.ExtractReply(job)
		saw = cost.GetOr("nothing")
	})
	return saw
}

func TestWhatAJobHasSetComesBackWithItsRow(t *testing.T) {
	p := rivervars.New(wire.Trusted())
	job := replied(t, p, func(*river.Job[task]) error { cost.Set("the job's"); return nil })
	want(t, "cost", costs(p, job), "the job's")
	want(t, "for a closed peer", costs(rivervars.New(nil), job), "nothing")
	want(t, "the rest of the metadata", member(t, job.Metadata, "baggage"), any("who=the%20inserter's"))
}

func TestAFailedJobRepliesAsWell(t *testing.T) {
	p := rivervars.New(wire.Trusted())
	job := replied(t, p, func(*river.Job[task]) error { cost.Set("the job's"); return river.JobCancel(errors.New("no")) })
	want(t, "cost", costs(p, job), "the job's")
}

func TestTheLastAttemptCounts(t *testing.T) {
	p := rivervars.New(wire.Trusted())
	job := replied(t, p, func(job *river.Job[task]) error {
		if job.Attempt == 1 {
			cost.Set("the first attempt's")
			panic("fails")
		}
		want(t, "after the first attempt", member(t, job.Metadata, "baggage-reply"), any("cost=the%20first%20attempt's"))
		return nil
	})
	want(t, "cost", costs(p, job), "nothing")
}

func TestAClosedPeerGetsNoReply(t *testing.T) {
	job := replied(t, rivervars.New(wire.NewPeer("jobs", wire.Send(who), wire.Accept(who))), func(*river.Job[task]) error { cost.Set("the job's"); return nil })
	want(t, "stored", member(t, job.Metadata, "baggage-reply"), nil)
}
