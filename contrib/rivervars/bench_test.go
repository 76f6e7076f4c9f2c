package rivervars_test

import (
	"context"
	"testing"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/contrib/rivervars"
	"github.com/gocontextvars/contextvars/wire"
)

// four are what a job carries in the benchmarks.
var four = []*contextvars.ContextVar[string]{
	contextvars.New[string]("bench.request", wire.Travels(wire.AllHops)),
	contextvars.New[string]("bench.tenant", wire.Travels(wire.AllHops)),
	contextvars.New[string]("bench.user", wire.Travels(wire.AllHops)),
	contextvars.New[string]("bench.region", wire.Travels(wire.AllHops)),
}

// withFour runs f where the four are set.
func withFour(f func()) {
	contextvars.NewContext().Run(func() {
		for _, v := range four {
			v.Set("value of " + v.Name())
		}
		f()
	})
}

// ways are with our help and without.
var ways = []struct {
	name   string
	plugin *rivervars.Plugin
}{
	{"river", nil},
	{"rivervars, closed peer", rivervars.New(nil)},
	{"rivervars, 4 variables", rivervars.New(wire.Trusted())},
}

// batch is how many jobs a step of BenchmarkInsertAndWork inserts at once, so that River's waiting for more does not
// hide the rest.
const batch = 200

// BenchmarkInsertAndWork is of jobs until they have been worked.
func BenchmarkInsertAndWork(b *testing.B) {
	b.Run("SQLite", func(b *testing.B) { insertAndWork(b, sqlite(b)) })
	b.Run("Postgres", func(b *testing.B) { insertAndWork(b, postgres(b)) })
}

func insertAndWork[TTx any](b *testing.B, d database[TTx]) {
	jobs := make([]river.InsertManyParams, batch)
	for i := range jobs {
		jobs[i].Args = task{}
	}
	for _, w := range ways {
		b.Run(w.name, func(b *testing.B) {
			done := make(chan bool, batch)
			client := newClient(b, d, w.plugin, &taskWorker{work: func(context.Context, *river.Job[task]) error {
				done <- true
				return nil
			}}, func(c *river.Config) { c.Queues[river.QueueDefault] = river.QueueConfig{MaxWorkers: batch} })
			started(b, client)
			withFour(func() {
				b.ReportAllocs()
				for b.Loop() {
					_, err := client.InsertMany(context.Background(), jobs)
					check(b, err)
					for range batch {
						<-done
					}
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/batch, "ns/job")
			})
		})
	}
}

func BenchmarkInsert(b *testing.B) {
	b.Run("SQLite", func(b *testing.B) { onlyInsert(b, sqlite(b)) })
	b.Run("Postgres", func(b *testing.B) { onlyInsert(b, postgres(b)) })
}

func onlyInsert[TTx any](b *testing.B, d database[TTx]) {
	for _, w := range ways {
		b.Run(w.name, func(b *testing.B) {
			client := newClient(b, d, w.plugin, &taskWorker{})
			withFour(func() {
				b.ReportAllocs()
				for b.Loop() {
					_, err := client.Insert(context.Background(), task{}, nil)
					check(b, err)
				}
			})
		})
	}
}

// BenchmarkPlugin is of what the Plugin does, without a database: both halves of a job.
func BenchmarkPlugin(b *testing.B) {
	p, ctx := rivervars.New(wire.Trusted()), context.Background()
	nothing := func(context.Context) error { return nil }
	inserted := func(context.Context) ([]*rivertype.JobInsertResult, error) { return nil, nil }
	withFour(func() {
		b.ReportAllocs()
		for b.Loop() {
			job := &rivertype.JobInsertParams{Metadata: []byte("{}")}
			_, err := p.InsertMany(ctx, []*rivertype.JobInsertParams{job}, inserted)
			check(b, err)
			check(b, p.Work(ctx, &rivertype.JobRow{Metadata: job.Metadata}, nothing))
		}
	})
}
