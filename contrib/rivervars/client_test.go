package rivervars_test

import (
	"context"
	"database/sql"
	"testing"
	"time"
	"weak"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"github.com/gocontextvars/contextvars/contrib/rivervars"
	"github.com/gocontextvars/contextvars/wire"
)

type sqlTx = *sql.Tx

// startedBy starts a client where payload is set, works a job, and reports whether the client still holds it.
func startedBy[TTx any](t testing.TB, d database[TTx], start func(context.Context, *river.Client[TTx]) error) bool {
	saw := make(chan string, 1)
	client := newClient(t, d, rivervars.New(wire.Trusted()), &taskWorker{work: looks(saw)})
	v := new(value)
	gone := weak.Make(v)
	payload.With(v, func() { check(t, start(context.Background(), client)) })
	v = nil
	defer stop(t, client)
	insert(t, client, "the inserter's", nil)
	take(t, saw)
	return held(func() bool { return gone.Value() == nil })
}

func plainStart[TTx any](ctx context.Context, client *river.Client[TTx]) error {
	return client.Start(ctx)
}

func TestAClientHoldsNothingOfWhoeverStartsIt(t *testing.T) {
	both(t, func(t *testing.T) { holdsNothingOfItsStart(t, sqlite(t)) }, func(t *testing.T) { holdsNothingOfItsStart(t, postgres(t)) })
}

func holdsNothingOfItsStart[TTx any](t *testing.T, d database[TTx]) {
	want(t, "held by River alone", startedBy(t, d, plainStart[TTx]), true)
	want(t, "held with Start", startedBy(t, d, rivervars.Start[TTx]), false)
}

func TestAClientHoldsNothingOfWhoeverInserts(t *testing.T) {
	both(t, func(t *testing.T) { holdsNothingOfAnInsert(t, sqlite(t)) }, func(t *testing.T) { holdsNothingOfAnInsert(t, postgres(t)) })
}

func holdsNothingOfAnInsert[TTx any](t *testing.T, d database[TTx]) {
	saw := make(chan string, 1)
	client := newClient(t, d, rivervars.New(wire.Trusted()), &taskWorker{work: looks(saw)})
	started(t, client)
	v := new(value)
	gone := weak.Make(v)
	payload.With(v, func() { insert(t, client, "the inserter's", nil) })
	v = nil
	take(t, saw)
	want(t, "held", held(func() bool { return gone.Value() == nil }), false)
}

// periodic starts a client with a periodic job, and returns what its constructor and its work see.
func periodic(t testing.TB, p *rivervars.Plugin, start func(context.Context, *river.Client[sqlTx]) error) (constructor, work string) {
	constructed, saw := make(chan string, 1), make(chan string, 1)
	client := newClient(t, sqlite(t), p, &taskWorker{work: looks(saw)}, func(c *river.Config) {
		c.PeriodicJobs = []*river.PeriodicJob{river.NewPeriodicJob(river.PeriodicInterval(time.Hour), func() (river.JobArgs, *river.InsertOpts) {
			constructed <- sees()
			return task{}, nil
		}, &river.PeriodicJobOpts{RunOnStart: true})}
	})
	who.With("the starter's", func() { check(t, start(context.Background(), client)) })
	defer stop(t, client)
	return take(t, constructed), take(t, saw)
}

func TestPeriodicJobsCarryNothing(t *testing.T) {
	constructor, work := periodic(t, rivervars.New(wire.Trusted()), rivervars.Start[sqlTx])
	want(t, "the constructor sees", constructor, "nothing")
	want(t, "the job sees", work, "nothing")
}

// What is current at an insert is what counts, on whichever goroutine that is.
func TestPeriodicJobsCarryWhatAPlainStartHas(t *testing.T) {
	_, work := periodic(t, rivervars.New(wire.Trusted()), plainStart)
	want(t, "the job sees", work, "the starter's")
}

func TestStartReturnsTheError(t *testing.T) {
	client, err := river.NewClient(sqlite(t).driver, &river.Config{Logger: quiet})
	check(t, err)
	if rivervars.Start(t.Context(), client) == nil {
		t.Error("a client without workers was started")
	}
}

// A middleware of the insert, and a hook, see the metadata with the baggage if they come after the Plugin.
func TestMiddlewareOfTheInsertSeesTheBaggage(t *testing.T) {
	var saw any
	client := newClient(t, sqlite(t), rivervars.New(wire.Trusted()), &taskWorker{}, func(c *river.Config) {
		c.Middleware = []rivertype.Middleware{river.JobInsertMiddlewareFunc(func(ctx context.Context, jobs []*rivertype.JobInsertParams, doInner func(context.Context) ([]*rivertype.JobInsertResult, error)) ([]*rivertype.JobInsertResult, error) {
			saw = member(t, jobs[0].Metadata, "baggage")
			return doInner(ctx)
		})}
	})
	insert(t, client, "acme", nil)
	want(t, "the middleware sees", saw, any("who=acme"))
}
