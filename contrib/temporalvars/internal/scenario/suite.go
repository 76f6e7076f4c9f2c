package scenario

import (
	"context"
	"fmt"
	"maps"
	"testing"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/interceptor"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/worker"
)

// Test runs all tests on a server.
func Test(t *testing.T, s Server) {
	for _, test := range []struct {
		name string
		run  func(*testing.T, Server)
	}{
		{"places", testPlaces},
		{"unhelped", testUnhelped},
		{"messages", testMessages},
		{"replay", testReplay},
		{"continue as new", testAgain},
		{"retry", testRetry},
		{"schedule", testSchedule},
		{"signal and update with start", testWithStart},
		{"reply", testReply},
		{"memory", testMemory},
		{"many", testMany},
	} {
		t.Run(test.name, func(t *testing.T) { test.run(t, s) })
	}
}

func testPlaces(t *testing.T, s Server) {
	c, queue := s.Dial(t, Peer), t.Name()
	Work(t, c, queue, "the worker's", worker.Options{})
	As("the caller's", func() {
		run := start(t, c, queue, Journey)
		expect(t, "the workflow", await[Seen](t, run), Arrived)
		record(t, c, run, "journey.json")
	})
}

// testUnhelped is testPlaces without the plugin.
func testUnhelped(t *testing.T, s Server) {
	c, queue := s.Dial(t, nil), t.Name()
	Work(t, c, queue, "the worker's", worker.Options{})
	As("the caller's", func() {
		expect(t, "the workflow", await[Seen](t, start(t, c, queue, Journey)), Unhelped)
	})
}

func expect(t testing.TB, who string, seen, want Seen) {
	t.Helper()
	for place := range maps.Keys(want) {
		if seen[place] != want[place] {
			t.Errorf("%s: %s saw %q, want %q", who, place, seen[place], want[place])
		}
	}
	if len(seen) != len(want) {
		t.Errorf("%s saw %v, want %v", who, seen, want)
	}
}

func testMessages(t *testing.T, s Server) {
	c, queue, spy := s.Dial(t, Peer), t.Name(), new(Signals)
	Work(t, c, queue, "the worker's", worker.Options{Interceptors: []interceptor.WorkerInterceptor{spy}})
	var run client.WorkflowRun
	As("the caller's", func() { run = start(t, c, queue, Desk) })
	<-Began
	for _, sender := range []string{"one", "another"} {
		As(sender, func() { expectMessages(t, c, run.GetID(), sender) })
	}
	expectMessages(t, c, run.GetID(), "the caller's") // a sender who has nothing
	As("the leaver's", func() { leave(t, c, run.GetID()) })
	expect(t, "after the signal the workflow", await[Seen](t, run), Seen{
		"update of one": "one", "update of another": "another", "update of the caller's": "the caller's",
		"workflow": "the workflow's", "activity": "the workflow's",
	})
	if seen, _ := spy.Seen.Load(run.GetID()); seen != "the leaver's" {
		t.Errorf("the signal's handling saw %v", seen)
	}
}

func leave(t testing.TB, c client.Client, id string) {
	t.Helper()
	if err := c.SignalWorkflow(t.Context(), id, "", "leave", nil); err != nil {
		t.Error(err)
	}
}

// expectMessages sends a query and an update to a Desk.
func expectMessages(t testing.TB, c client.Client, id, want string) {
	t.Helper()
	if seen := query(t, c, id); seen != want {
		t.Errorf("the query's handler saw %s, want %s", seen, want)
	}
	expect(t, "the update", update(t, c, id, want), Seen{"handler": want, "activity": want})
}

func query(t testing.TB, c client.Client, id string) (seen string) {
	t.Helper()
	var err error
	for range 5 { // one that a worker takes up while it is stopped is lost
		var answer converter.EncodedValue
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		answer, err = c.QueryWorkflow(ctx, id, "", "look")
		cancel()
		if err == nil {
			err = answer.Get(&seen)
			break
		}
	}
	if err != nil {
		t.Error(err)
	}
	return seen
}

func update(t testing.TB, c client.Client, id, admitted string) (seen Seen) {
	t.Helper()
	handle, err := c.UpdateWorkflow(t.Context(), client.UpdateWorkflowOptions{
		WorkflowID: id, UpdateName: "look", Args: []any{admitted}, WaitForStage: client.WorkflowUpdateStageCompleted,
	})
	if err != nil {
		t.Error(err)
		return nil
	}
	if err := handle.Get(t.Context(), &seen); err != nil {
		t.Error(err)
	}
	return seen
}

// testReplay has a second worker take over in the middle.
func testReplay(t *testing.T, s Server) {
	c, queue := s.Dial(t, Peer), t.Name()
	stop := Work(t, c, queue, "the worker's", worker.Options{})
	var run client.WorkflowRun
	As("the caller's", func() { run = start(t, c, queue, Desk) })
	<-Began
	As("one", func() { expectMessages(t, c, run.GetID(), "one") })
	stop()
	Work(t, s.Dial(t, Peer), queue, "another worker's", worker.Options{})
	As("another", func() { expectMessages(t, c, run.GetID(), "another") })
	if again := <-Began; again != (Started{run.GetID(), true}) {
		t.Errorf("the second worker has not replayed the workflow: %v", again)
	}
	expectMessages(t, c, run.GetID(), "the caller's")
	leave(t, c, run.GetID())
	expect(t, "after the replay the workflow", await[Seen](t, run), Replayed)
	record(t, c, run, "desk.json")
}

func testAgain(t *testing.T, s Server) {
	c, queue := s.Dial(t, Peer), t.Name()
	Work(t, c, queue, "the worker's", worker.Options{})
	As("the caller's", func() {
		expect(t, "the second run", await[Seen](t, start(t, c, queue, Again, 0)),
			Seen{"all hops": "the first run's", "one hop": "nothing"})
	})
}

func testRetry(t *testing.T, s Server) {
	c, queue := s.Dial(t, Peer), t.Name()
	Work(t, c, queue, "the worker's", worker.Options{})
	o := on(queue)
	o.RetryPolicy = &temporal.RetryPolicy{InitialInterval: time.Millisecond}
	As("the caller's", func() {
		run, err := c.ExecuteWorkflow(t.Context(), o, Retry)
		if err != nil {
			t.Fatal(err)
		}
		expect(t, "the second attempt", await[Seen](t, run), Seen{"workflow": "the caller's"})
	})
}

func testSchedule(t *testing.T, s Server) {
	c, queue := s.Dial(t, Peer), t.Name()
	Work(t, c, queue, "the worker's", worker.Options{})
	schedule := create(t, c, queue)
	if seen := <-Told; seen != "the creator's" {
		t.Errorf("the schedule's workflow saw %s", seen)
	}
	var err error
	As("the updater's", func() {
		err = schedule.Update(t.Context(), client.ScheduleUpdateOptions{
			DoUpdate: func(in client.ScheduleUpdateInput) (*client.ScheduleUpdate, error) {
				return &client.ScheduleUpdate{Schedule: &in.Description.Schedule}, nil
			},
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := schedule.Trigger(t.Context(), client.ScheduleTriggerOptions{}); err != nil {
		t.Fatal(err)
	}
	if seen := <-Told; seen != "the updater's" {
		t.Errorf("after the update the schedule's workflow saw %s", seen)
	}
}

// create makes a schedule that starts Announce at once.
func create(t testing.TB, c client.Client, queue string) (schedule client.ScheduleHandle) {
	t.Helper()
	var err error
	As("the creator's", func() {
		schedule, err = c.ScheduleClient().Create(t.Context(), client.ScheduleOptions{
			ID:                 queue,
			Action:             &client.ScheduleWorkflowAction{ID: queue, Workflow: Announce, TaskQueue: queue},
			TriggerImmediately: true,
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := schedule.Delete(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return schedule
}

func testWithStart(t *testing.T, s Server) {
	c, queue := s.Dial(t, Peer), t.Name()
	Work(t, c, queue, "the worker's", worker.Options{})
	As("the caller's", func() {
		run, err := c.SignalWithStartWorkflow(t.Context(), queue+" 1", "leave", nil, on(queue), Desk)
		if err != nil {
			t.Fatal(err)
		}
		<-Began
		await[Seen](t, run)
		o := on(queue)
		o.ID, o.WorkflowIDConflictPolicy = queue+" 2", enumspb.WORKFLOW_ID_CONFLICT_POLICY_FAIL
		update, err := c.UpdateWithStartWorkflow(t.Context(), client.UpdateWithStartWorkflowOptions{
			StartWorkflowOperation: c.NewWithStartWorkflowOperation(o, Desk),
			UpdateOptions: client.UpdateWorkflowOptions{
				UpdateName: "look", Args: []any{"the caller's"}, WaitForStage: client.WorkflowUpdateStageCompleted,
			},
		})
		if err != nil {
			t.Fatal(err)
		}
		<-Began
		var seen Seen
		if err := update.Get(t.Context(), &seen); err != nil {
			t.Error(err)
		}
		expect(t, "the update", seen, Seen{"handler": "the caller's", "activity": "the caller's"})
		leave(t, c, o.ID)
		await[Seen](t, c.GetWorkflow(t.Context(), o.ID, ""))
	})
}

func testReply(t *testing.T, s Server) {
	c, queue := s.Dial(t, Peer), t.Name()
	Work(t, c, queue, "the worker's", worker.Options{})
	As("the caller's", func() {
		ExpectReply(t, await[Paid](t, start(t, c, queue, Pay)))
	})
}

// testMany runs 200 workflows at once, each with its own value, while a worker goes and another
// one comes, and what is in the cache is thrown away.
func testMany(t *testing.T, s Server) {
	c, queue := s.Dial(t, Peer), t.Name()
	stop := Work(t, c, queue, "the worker's", worker.Options{})
	const many = 200
	before := OrdersBegun.Load()
	runs := make([]client.WorkflowRun, many)
	for i := range runs {
		tenant := fmt.Sprint("tenant ", i)
		As(tenant, func() { runs[i] = start(t, c, queue, Order, tenant) })
		if i == many/2 {
			stop()
			Work(t, s.Dial(t, Peer), queue, "another worker's", worker.Options{})
		}
	}
	worker.PurgeStickyWorkflowCache()
	for _, run := range runs {
		for _, wrong := range await[[]string](t, run) {
			t.Error(wrong)
		}
	}
	if begun := OrdersBegun.Load() - before; begun <= many {
		t.Errorf("%d workflows were begun %d times: none was replayed", many, begun)
	}
}
