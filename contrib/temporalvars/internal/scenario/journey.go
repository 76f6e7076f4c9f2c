package scenario

import (
	"context"
	"time"

	"go.temporal.io/sdk/workflow"
)

// Look is an activity that returns what it sees.
func Look(context.Context) (string, error) { return Here(), nil }

// LookForDebug is an activity that returns what it sees of the variable that goes one hop.
func LookForDebug(context.Context) (string, error) { return Debug.GetOr("nothing"), nil }

// Child is a workflow that returns what it and its activity see, and leaves another value behind.
func Child(ctx workflow.Context) (Seen, error) {
	seen := Seen{"workflow": Here()}
	activity, err := look(ctx, workflow.ExecuteActivity, Look)
	seen["activity"] = activity
	Tenant.Set("the child's")
	return seen, err
}

// Options has what activities need. A worker that is stopped may take tasks along, which are tried again
// after the timeout.
func Options(ctx workflow.Context) workflow.Context {
	ctx = workflow.WithActivityOptions(ctx, workflow.ActivityOptions{StartToCloseTimeout: 5 * time.Second})
	return workflow.WithLocalActivityOptions(ctx, workflow.LocalActivityOptions{StartToCloseTimeout: 5 * time.Second})
}

func look(
	ctx workflow.Context,
	execute func(workflow.Context, any, ...any) workflow.Future, activity any,
) (seen string, err error) {
	err = execute(Options(ctx), activity).Get(ctx, &seen)
	return seen, err
}

// Journey is a workflow that looks at every place that a workflow can reach without other people.
func Journey(ctx workflow.Context) (Seen, error) {
	j := journey{Context: ctx, Seen: Seen{}}
	j.untouched()
	j.set()
	return j.Seen, j.err
}

type journey struct {
	workflow.Context
	Seen
	err error
}

func (j *journey) check(err error) {
	if j.err == nil {
		j.err = err
	}
}

func (j *journey) look(
	place string, execute func(workflow.Context, any, ...any) workflow.Future, activity any,
) {
	seen, err := look(j, execute, activity)
	j.Seen[place] = seen
	j.check(err)
}

func (j *journey) child(place, itsActivity string) {
	var seen Seen
	j.check(workflow.ExecuteChildWorkflow(j, Child).Get(j, &seen))
	j.Seen[place], j.Seen[itsActivity] = seen["workflow"], seen["activity"]
}

// inCoroutine calls f in a coroutine of its own, and returns when it has ended.
func (j *journey) inCoroutine(f func(workflow.Context)) {
	group := workflow.NewWaitGroup(j)
	group.Add(1)
	workflow.Go(j, func(ctx workflow.Context) {
		defer group.Done()
		f(ctx)
	})
	group.Wait(j)
}

// untouched looks before the workflow has set anything.
func (j *journey) untouched() {
	j.Seen["a workflow"] = Here()
	j.Seen["a workflow, what goes one hop"] = Debug.GetOr("nothing")
	j.check(workflow.Sleep(j, time.Millisecond))
	j.Seen["a workflow, after `workflow.Sleep`"] = Here()
	j.inCoroutine(func(ctx workflow.Context) {
		j.check(workflow.Sleep(ctx, time.Millisecond))
		j.Seen["a coroutine of `workflow.Go`"] = Here()
	})
	workflow.NewSelector(j).AddFuture(workflow.NewTimer(j, time.Millisecond), func(workflow.Future) {
		j.Seen["a callback of a Selector"] = Here()
	}).Select(j)
	var seen string
	j.check(workflow.SideEffect(j, func(workflow.Context) any { return Here() }).Get(&seen))
	j.Seen["`workflow.SideEffect`"] = seen
	j.look("an activity", workflow.ExecuteActivity, Look)
	j.look("an activity, what goes one hop", workflow.ExecuteActivity, LookForDebug)
	j.look("a local activity", workflow.ExecuteLocalActivity, Look)
	j.child("a child workflow", "an activity of a child workflow")
	j.Seen["a workflow, after its child has set the variable"] = Here()
}

// set looks at what the workflow's own value reaches.
func (j *journey) set() {
	token := Tenant.Set("the workflow's")
	Debug.Set("the workflow's")
	j.Seen["a workflow that has set the variable"] = Here()
	j.inCoroutine(func(ctx workflow.Context) {
		j.Seen["a coroutine that it starts then"] = Here()
		defer Tenant.Set("the coroutine's").Restore()
		j.check(workflow.Sleep(ctx, time.Millisecond))
		seen, err := look(ctx, workflow.ExecuteActivity, Look)
		j.check(err)
		j.Seen["an activity of a coroutine that has set the variable"] = seen
	})
	j.Seen["the workflow, after the coroutine has set the variable"] = Here()
	j.look("an activity that it starts then", workflow.ExecuteActivity, Look)
	j.look("an activity that it starts then, what goes one hop", workflow.ExecuteActivity, LookForDebug)
	j.look("a local activity that it starts then", workflow.ExecuteLocalActivity, Look)
	j.child("a child workflow that it starts then", "its activity")
	token.Restore()
	j.look("an activity that it starts after Restore", workflow.ExecuteActivity, Look)
}

// Arrived is what Journey sees where everything works, the worker has "the worker's", and the
// caller "the caller's".
var Arrived = Seen{
	"a workflow":                                             "the caller's",
	"a workflow, what goes one hop":                          "the caller's",
	"a workflow, after `workflow.Sleep`":                     "the caller's",
	"a coroutine of `workflow.Go`":                           "the caller's",
	"a callback of a Selector":                               "the caller's",
	"`workflow.SideEffect`":                                  "the caller's",
	"an activity":                                            "the caller's",
	"an activity, what goes one hop":                         "nothing",
	"a local activity":                                       "the caller's",
	"a child workflow":                                       "the caller's",
	"an activity of a child workflow":                        "the caller's",
	"a workflow, after its child has set the variable":       "the caller's",
	"a workflow that has set the variable":                   "the workflow's",
	"a coroutine that it starts then":                        "the workflow's",
	"an activity of a coroutine that has set the variable":   "the coroutine's",
	"the workflow, after the coroutine has set the variable": "the workflow's",
	"an activity that it starts then":                        "the workflow's",
	"an activity that it starts then, what goes one hop":     "the workflow's",
	"a local activity that it starts then":                   "the workflow's",
	"a child workflow that it starts then":                   "the workflow's",
	"its activity":                                           "the workflow's",
	"an activity that it starts after Restore":               "the caller's",
}

// Unhelped is what it sees without help.
var Unhelped = func() Seen {
	seen := Seen{}
	for place, with := range Arrived {
		if with == "the caller's" {
			with = "the worker's"
		}
		seen[place] = with
	}
	for _, started := range []string{
		"an activity of a coroutine that has set the variable", "an activity that it starts then",
		"a local activity that it starts then", "a child workflow that it starts then", "its activity",
	} {
		seen[started] = "the worker's"
	}
	seen["a workflow, what goes one hop"] = "nothing"
	seen["an activity that it starts then, what goes one hop"] = "nothing"
	return seen
}()
