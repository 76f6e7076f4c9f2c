// Package rivervars carries context variables through jobs of River, github.com/riverqueue/river: what is
// set where a job is inserted is seen where it is worked, by whatever process, at each attempt.
//
//	vars := rivervars.New(wire.NewPeer("jobs", wire.Send(tenant, requestID), wire.Accept(tenant, requestID)))
//
//	river.AddWorker(workers, rivervars.Worker(vars, &mailWorker{})) // logs tenant.Get()
//	client, err := river.NewClient(driver, &river.Config{
//		Plugins: []rivertype.Plugin{vars},
//		Workers: workers,
//		...
//	})
//	err = rivervars.Start(ctx, client)
//	...
//	defer tenant.Set("acme").Restore()
//	client.InsertTx(ctx, tx, mail{To: "a@example.com"}, nil) // the worker logs acme
//
// A [Plugin] puts the current values of variables into the metadata of each job that is inserted, as W3C
// Baggage under the key "baggage", and works each job in a Context of its own, with the values that are
// there. Which variables cross is said once, where they are made, and by the [wire.Peer]; nothing crosses
// to or from a peer that is not open for it.
//
// The values are those of the insert: they are there again at each retry, after a snooze, when a scheduled
// job is due, and after a rescue, days later and in another process. The metadata that the job has
// of its own stays, and uniqueness does not depend on either. When the insert of a unique job is skipped, the one
// that is there keeps its values. A job that is inserted by a job sends on what came with that, as far as the
// variables go: see [wire.Reach].
//
// # What sees them
//
// With the Plugin among Config.Plugins: Work and Timeout of all workers, the hooks WorkBegin and WorkEnd,
// middleware after the Plugin, a Config.JobStuckHandler, and what any of these calls and starts. Put it first:
// River calls plugins in order, before those in Config.Middleware.
//
// River calls some code outside of that. [Worker] is for a worker's own NextRetry and Middleware, which
// River puts around all other middleware; [Plugin.RetryPolicy] and [Plugin.ErrorHandler] for those of the client;
// [Plugin.Context] for subscribers and others that have a job's row.
//
// Without help a job sees what was set where the client was started, for ever, and so do the
// goroutines of the client, which hold it. With [Start] they hold nothing.
//
// # What comes back
//
// An insert returns before its job is worked, so nothing can come back with it. Variables with
// [wire.Back] that a job has set are stored in its metadata when the attempt ends, beside what
// river.RecordOutput has stored. Whoever gets the row later sets them by [Plugin.ExtractReply].
//
// # What it costs
//
// An insert costs what [wire.Peer.Inject] costs and writing the metadata as JSON, work what [wire.Peer.Extract]
// costs, reading it, and a Context, with [Worker] another one. With four variables that is some ten microseconds for a
// job and a few hundred bytes in its row. River takes some two hundred for the insert and the work of a job, of many at once; see the benchmarks.
//
// # What it does not promise
//
// That values stay secret. They are stored in the job's row, as text that anybody can read who can read the table, a
// dump, or River's UI, until River deletes the row: those of variables with [contextvars.Redacted], too.
// Leave a variable out of the peer's [wire.Send], or do not let it travel, if that must not be.
//
// That they are whose they say: who may write to the table can write what it wants into it. Metadata that is
// malformed, too large or not allowed never fails a job; what is not accepted is dropped, with a
// [wire.Report].
//
// That periodic jobs carry anything. Nobody inserts them but River: they carry what their constructor's goroutine has,
// which is nothing if the client was started by [Start]. What a constructor sets it has to restore, or the next ones
// see it; what the job needs belongs into its arguments.
//
// Metadata of one's own that is not a JSON object is left as it is, and the job carries nothing.
package rivervars
