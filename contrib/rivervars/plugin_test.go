package rivervars_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/contrib/rivervars"
	"github.com/gocontextvars/contextvars/wire"
)

func TestEachJobSeesItsOwnValues(t *testing.T) {
	both(t, func(t *testing.T) { crew(t, sqlite(t)) }, func(t *testing.T) { crew(t, postgres(t)) })
}

// crew has many goroutines insert jobs, each with a value of its own, in all ways there are. Every third fails
// once, every fifth snoozes once, and each leaves something behind.
func crew[TTx any](t *testing.T, d database[TTx]) {
	const jobs, inserters = 200, 10
	var (
		mu       sync.Mutex
		wrong    []string
		attempts = map[int]int{}
		done     sync.WaitGroup
	)
	done.Add(jobs)
	client := newClient(t, d, rivervars.New(wire.Trusted()), &taskWorker{work: func(_ context.Context, job *river.Job[task]) error {
		mu.Lock()
		attempts[job.Args.N]++
		attempt := attempts[job.Args.N]
		if sees() != job.Args.Want || home.GetOr("nothing") != "nothing" {
			wrong = append(wrong, fmt.Sprintf("job %d, attempt %d: got %q and %q, want %q", job.Args.N, attempt, sees(), home.GetOr("nothing"), job.Args.Want))
		}
		mu.Unlock()
		who.Set("what a job left")
		home.Set("what a job left")
		switch {
		case attempt == 1 && job.Args.N%3 == 0:
			return errors.New("fails once")
		case attempt == 1 && job.Args.N%5 == 0:
			return river.JobSnooze(time.Millisecond)
		}
		done.Done()
		return nil
	}})
	started(t, client)

	for i := range inserters {
		go func() {
			for n := i; n < jobs; n += inserters {
				job := task{N: n, Want: fmt.Sprint("the value of ", n)}
				who.With(job.Want, func() {
					if err := insertBy(t.Context(), client, d, n/inserters, job); err != nil {
						t.Error(err)
						done.Done()
					}
				})
			}
		}()
	}
	finished := make(chan bool)
	go func() { done.Wait(); close(finished) }()
	take(t, finished)

	mu.Lock()
	defer mu.Unlock()
	for _, w := range wrong {
		t.Error(w)
	}
	total := 0
	for _, n := range attempts {
		total += n
	}
	want(t, "jobs", len(attempts), jobs)
	want(t, "attempts", total, jobs+67+26) // a third, and a fifth of the others
}

// insertBy inserts a job by one of the methods that insert.
func insertBy[TTx any](ctx context.Context, client *river.Client[TTx], d database[TTx], way int, job task) error {
	many := []river.InsertManyParams{{Args: job}}
	switch way % 6 {
	case 0:
		_, err := client.Insert(ctx, job, nil)
		return err
	case 1:
		_, err := client.InsertMany(ctx, many)
		return err
	case 2:
		_, err := client.InsertManyFast(ctx, many)
		return err
	}
	tx, commit, err := d.begin(ctx)
	if err != nil {
		return err
	}
	switch way % 6 {
	case 3:
		_, err = client.InsertTx(ctx, tx, job, nil)
	case 4:
		_, err = client.InsertManyTx(ctx, tx, many)
	case 5:
		_, err = client.InsertManyFastTx(ctx, tx, many)
	}
	return errors.Join(err, commit(ctx))
}

func TestRetriesKeepTheValuesOfTheInsert(t *testing.T) {
	saw := make(chan string, 3)
	client := newClient(t, sqlite(t), rivervars.New(wire.Trusted()), &taskWorker{work: func(_ context.Context, job *river.Job[task]) error {
		saw <- sees()
		switch who.Set("what the last attempt left"); job.Attempt {
		case 1:
			return errors.New("fails")
		case 2:
			panic("fails as well")
		}
		return nil
	}})
	started(t, client)
	insert(t, client, "the inserter's", nil)
	for n := range 3 {
		want(t, fmt.Sprint("attempt ", n+1), take(t, saw), "the inserter's")
	}
}

func TestAJobThatIsRetriedByHandKeepsTheValuesOfTheInsert(t *testing.T) {
	saw := make(chan string, 1)
	client := newClient(t, sqlite(t), rivervars.New(wire.Trusted()), &taskWorker{work: func(context.Context, *river.Job[task]) error {
		saw <- sees()
		return river.JobCancel(errors.New("no"))
	}})
	started(t, client)
	events, cancel := client.Subscribe(river.EventKindJobCancelled)
	defer cancel()
	id := insert(t, client, "the inserter's", nil).Job.ID
	want(t, "first", take(t, saw), "the inserter's")
	take(t, events)
	who.With("the retrier's", func() {
		_, err := client.JobRetry(t.Context(), id)
		check(t, err)
	})
	want(t, "again", take(t, saw), "the inserter's")
}

func TestAScheduledJobKeepsTheValuesOfTheInsert(t *testing.T) {
	saw := make(chan string, 1)
	client := newClient(t, sqlite(t), rivervars.New(wire.Trusted()), &taskWorker{work: looks(saw)})
	r := insert(t, client, "the inserter's", &river.InsertOpts{ScheduledAt: time.Now().Add(time.Millisecond)})
	want(t, "the state", r.Job.State, rivertype.JobStateScheduled)
	who.With("the starter's", func() { started(t, client) })
	want(t, "the job sees", take(t, saw), "the inserter's")
}

func TestUniquenessDoesNotDependOnValues(t *testing.T) {
	both(t, func(t *testing.T) { unique(t, sqlite(t)) }, func(t *testing.T) { unique(t, postgres(t)) })
}

func unique[TTx any](t *testing.T, d database[TTx]) {
	saw := make(chan string, 2)
	client := newClient(t, d, rivervars.New(wire.Trusted()), &taskWorker{work: looks(saw)})
	var results []*rivertype.JobInsertResult
	for _, as := range []string{"the first's", "the second's"} {
		who.With(as, func() {
			r, err := client.Insert(t.Context(), task{N: 1}, &river.InsertOpts{UniqueOpts: river.UniqueOpts{ByArgs: true}, Metadata: []byte(`{"mine":"` + as + `"}`)})
			check(t, err)
			results = append(results, r)
		})
	}
	want(t, "the first is skipped", results[0].UniqueSkippedAsDuplicate, false)
	want(t, "the second is skipped", results[1].UniqueSkippedAsDuplicate, true)
	started(t, client)
	want(t, "the job sees", take(t, saw), "the first's")
}

// chain has a job insert another one, and returns what the two see.
func chain(t *testing.T, p *rivervars.Plugin, change func()) (first, second string) {
	saw := make(chan string, 2)
	client := newClient(t, sqlite(t), p, &taskWorker{work: func(ctx context.Context, job *river.Job[task]) error {
		saw <- sees() + ", " + hop.GetOr("nothing")
		if job.Args.N == 1 {
			return nil
		}
		change()
		_, err := river.ClientFromContext[sqlTx](ctx).Insert(ctx, task{N: 1}, nil)
		return err
	}})
	started(t, client)
	hop.With("near", func() { insert(t, client, "far", nil) })
	return take(t, saw), take(t, saw)
}

func TestAJobOfAJobGetsWhatGoesAllHops(t *testing.T) {
	first, second := chain(t, rivervars.New(wire.Trusted()), func() {})
	want(t, "the job", first, "far, near")
	want(t, "the job's job", second, "far, nothing")
}

func TestAJobOfAJobGetsWhatTheJobHasSet(t *testing.T) {
	_, second := chain(t, rivervars.New(wire.Trusted()), func() { who.Set("the job's"); hop.Set("the job's") })
	want(t, "the job's job", second, "the job's, the job's")
}

func TestAClosedPeerStoresAndAcceptsNothing(t *testing.T) {
	for name, p := range map[string]*rivervars.Plugin{"New": rivervars.New(nil), "zero": new(rivervars.Plugin), "NewFunc": rivervars.NewFunc(func(string, string) *wire.Peer { return nil })} {
		t.Run(name, func(t *testing.T) {
			saw, d := make(chan string, 1), sqlite(t)
			client := newClient(t, d, p, &taskWorker{work: looks(saw)})
			started(t, client)
			r := insert(t, client, "the inserter's", nil)
			want(t, "stored", member(t, r.Job.Metadata, "baggage"), nil)
			want(t, "the job sees", take(t, saw), "nothing")

			other := newClient(t, d, rivervars.New(wire.Trusted()), &taskWorker{})
			r = insert(t, other, "another", nil)
			want(t, "stored", member(t, r.Job.Metadata, "baggage"), any("who=another"))
			want(t, "the job sees", take(t, saw), "nothing")
		})
	}
}

func TestAPeerForEachKindAndQueue(t *testing.T) {
	saw := make(chan string, 1)
	var mu sync.Mutex
	seenBy := map[string]bool{}
	p := rivervars.NewFunc(func(kind, queue string) *wire.Peer {
		mu.Lock()
		defer mu.Unlock()
		seenBy[sees()] = true
		if kind == "task" && queue == "open" {
			return wire.Trusted()
		}
		return nil
	})
	client := newClient(t, sqlite(t), p, &taskWorker{work: looks(saw)}, func(c *river.Config) {
		c.Queues["open"] = river.QueueConfig{MaxWorkers: 1}
	})
	who.With("the starter's", func() { check(t, client.Start(context.Background())) })
	t.Cleanup(func() { stop(t, client) })
	insert(t, client, "the inserter's", &river.InsertOpts{Queue: "open"})
	want(t, "queue open", take(t, saw), "the inserter's")
	insert(t, client, "the inserter's", nil)
	want(t, "queue default", take(t, saw), "nothing")
	mu.Lock()
	defer mu.Unlock()
	want(t, "the func has seen", fmt.Sprint(seenBy), "map[nothing:true the inserter's:true]")
}

// An allow-list keeps variables out of the table; Trusted stores them all, redacted or not.
func TestRedactedValuesAreStoredUnlessThePeerLeavesThemOut(t *testing.T) {
	defer secret.Set("hush").Restore()
	d := sqlite(t)
	r := insert(t, newClient(t, d, rivervars.New(wire.Trusted()), &taskWorker{}), "acme", nil)
	want(t, "stored for Trusted", strings.Contains(string(r.Job.Metadata), "hush"), true)
	r = insert(t, newClient(t, d, rivervars.New(wire.NewPeer("jobs", wire.Send(who))), &taskWorker{}), "acme", nil)
	want(t, "stored for an allow-list", member(t, r.Job.Metadata, "baggage"), any("who=acme"))
}

var secret = contextvars.New[string]("secret", wire.Travels(wire.AllHops), contextvars.Redacted())

func TestAJobSeesNothingOfItsClientsStart(t *testing.T) {
	saw := make(chan string, 1)
	client := newClient(t, sqlite(t), rivervars.New(wire.Trusted()), &taskWorker{work: func(context.Context, *river.Job[task]) error {
		saw <- home.GetOr("nothing") + ", " + sees()
		return nil
	}})
	home.With("the starter's", func() {
		who.With("the starter's", func() { check(t, client.Start(context.Background())) })
	})
	t.Cleanup(func() { stop(t, client) })
	_, err := client.Insert(t.Context(), task{}, nil)
	check(t, err)
	want(t, "the job sees", take(t, saw), "nothing, nothing")
}

func TestContextOfARow(t *testing.T) {
	p := rivervars.New(wire.Trusted())
	client := newClient(t, sqlite(t), p, &taskWorker{})
	job := insert(t, client, "the inserter's", nil).Job
	defer home.Set("here").Restore()
	defer who.Set("here").Restore()
	for range 2 {
		p.Context(job).Run(func() {
			want(t, "who", sees(), "the inserter's")
			want(t, "home", home.GetOr("nothing"), "nothing")
			who.Set("what was left")
		})
	}
	want(t, "here", sees(), "here")
}
