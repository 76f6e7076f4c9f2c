// Package temporalvars carries context variables through Temporal, with go.temporal.io/sdk:
// from the caller of a client into the workflow, and from there into its activities, child
// workflows, updates and queries, on whichever worker they run.
//
// A variable says where it is made that it travels, with [wire.Travels]. One plugin for the
// client is all there is to set up; workers that are made from the client have it, too:
//
//	peer := wire.NewPeer("temporal", wire.Send(tenant), wire.Accept(tenant))
//	c, err := client.Dial(client.Options{Plugins: []client.Plugin{temporalvars.Plugin(peer)}})
//	...
//	w := worker.New(c, "orders", worker.Options{})
//
// Then what c starts has the caller's values, and tenant.Get is all that a workflow or an activity
// needs:
//
//	defer tenant.Set("acme").Restore()
//	run, err := c.ExecuteWorkflow(ctx, options, Order, id)
//
// # What sees what
//
// A workflow begins with the values that its caller had at the call, and with nothing else: values of
// the process that the worker runs in are not seen, so that a replay on another machine sees what the
// first run has seen. What a workflow sets is there after workflow.Sleep, in callbacks of
// a Selector, in side effects, and in coroutines that workflow.Go starts after the Set; what such a
// coroutine sets is its own.
//
// An activity, local or not, and a child workflow begin with the values that the coroutine had where it
// called ExecuteActivity or ExecuteChildWorkflow, at each attempt. An activity sees beside them what was
// set where the worker was started. The next run of NewContinueAsNewError begins with what was current
// there, that of a retry with what the first one began with, and those of a schedule
// with what its creator had, or whoever has updated it since.
//
// Handlers of updates, their validators, and handlers of queries see the values of whoever sent
// the update or query, and where that has none, those that the workflow began with. They do not see what
// the workflow has set since, as they run on goroutines of their own.
//
// # What it does not promise
//
// A signal has no handler: it is received from a channel by some coroutine, which keeps its
// own values. Those of the signal's sender are in force only while interceptors handle the
// signal. Use an update where the sender matters.
//
// The header is part of the workflow's history. Values in it, also of variables that are
// [contextvars.Redacted], can be read by all who can read the history, for as long as it is kept, unless
// the connection encrypts headers.
//
// Each start of a workflow or an activity is a hop: a variable that goes [wire.OneHop] gets from a client to
// the workflow, and not to its activities nor to the next run of continue-as-new, unless the workflow sets it
// itself.
//
// What a workflow sees depends on the peer, the variables and their codecs. If workflow code decides by a
// value, then changing these for runs that are under way is like changing the code itself. When a
// run is replayed, what was dropped is reported again.
//
// Results have no headers. For the way back see [Result]. Nexus operations have headers of another
// kind: nothing is carried with them.
//
// # What it costs
//
// With four variables, a header takes 1.6 µs to write and 1.4 µs to read. An activity that does nothing takes
// 16.1 µs and 146 allocations in the SDK's test environment, and 14.3 µs and 102 without; on a server
// it takes milliseconds. Code of a workflow runs as fast as without. These are from the benchmarks in this
// directory, on 2 cores of an AMD EPYC server with Go 1.26.
package temporalvars
