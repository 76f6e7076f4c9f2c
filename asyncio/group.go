package asyncio

import (
	"errors"
	"fmt"
)

// TaskGroup calls f, in the calling task and its context (150), then waits for all tasks that were started in
// the group with Spawn or Go, and returns. No task outlives it.
//
// The first task that fails, otherwise than by being cancelled, cancels the others, and the task that TaskGroup
// runs in, so that f's wait ends. So does an error or a cancellation of f's own. TaskGroup still waits for all,
// and returns a [*GroupError] with all errors, f's included. Where nothing failed it returns nil, also if f
// returned the *CancelledError that it got from this.
//
// If somebody else cancels the task that TaskGroup runs in, the tasks of the group are cancelled, and TaskGroup
// returns a *CancelledError when they have ended. If any of them failed, it is the *GroupError, and the next wait
// returns the *CancelledError (C10).
//
// If f panics or calls runtime.Goexit, the tasks are cancelled and waited for; their errors go to the exception
// handler, and the panic goes on. Outside of a task the error is ErrNotInTask, and f is not called.
func TaskGroup(f func(g *Group) error) error {
	checkFunc(f == nil, "TaskGroup")
	w := here()
	if w == nil || w.task == nil {
		return ErrNotInTask
	}
	g := &Group{loop: w.loop, parent: w.task, heeded: w.task.heeded()}
	return g.run(f)
}

// Group is the tasks of a TaskGroup. Its methods belong to its loop's goroutines; Cancel may be
// called by any.
type Group struct {
	loop   *EventLoop
	parent *task // nil: TaskGroup has returned
	heeded int

	first, last *member
	exiting     bool  // the body has ended
	aborting    bool  // all were cancelled
	cancels     bool  // the parent was cancelled by us
	cancelled   error // how the parent learned that it was cancelled, by whomever
	failed      *GroupError
}

// member is a task of a group that is not done.
type member struct {
	waiter
	group         *Group
	before, after *member
}

// Spawn starts f as a task of the group, with the options and the context that CreateTask would give it (151):
// a copy of the one that Spawn is called in. Tasks of the group, and callbacks, may call it, too.
//
// If the group is ending because something failed or Cancel was called, f is not called, and the task is
// cancelled from the beginning. If TaskGroup has returned, or waits for nothing any more, Spawn panics. It costs
// one allocation more than CreateTask.
func Spawn[T any](g *Group, f func() (T, error), opts ...CallOption) *Task[T] {
	checkFunc(f == nil, "Spawn")
	g.check("Spawn")
	t := newTask(g.loop, f)
	g.spawn(&t.task, opts)
	return t
}

// Go is [Spawn] for a function without a result.
func (g *Group) Go(f func() error, opts ...CallOption) *Task[struct{}] {
	checkFunc(f == nil, "Group.Go")
	g.check("Group.Go")
	t := newTask(g.loop, func() (struct{}, error) { return struct{}{}, f() })
	g.spawn(&t.task, opts)
	return t
}

func (g *Group) check(call string) {
	switch {
	case g == nil:
		panic("asyncio: " + call + " was given a nil *Group")
	case !g.loop.mine():
		panic(fmt.Errorf("%s: %w, that of the TaskGroup", call, ErrNoRunningLoop))
	case g.parent == nil || g.exiting && g.first == nil:
		panic("asyncio: " + call + " was called for a TaskGroup that has ended; call it while the group's tasks run")
	}
}

func (g *Group) spawn(t *task, opts []CallOption) {
	if g.aborting {
		g.loop.prepareTask(t, opts)
		t.own().turns, t.err = nil, &CancelledError{"the TaskGroup is ending"}
		t.finish()
		return
	}
	g.loop.create(t, opts)
	if t.Done() { // it was eager
		if g.note(&t.future) {
			// Not at once, so that who calls Spawn goes on up to its next wait.
			g.loop.schedule(nil, g.cancel)
		}
		return
	}
	m := &member{group: g, before: g.last}
	m.who = m
	if g.last != nil {
		g.last.after = m
	} else {
		g.first = m
	}
	g.last = m
	t.watch(&m.waiter)
	if g.aborting { // by the task, which is eager
		t.cancel("")
	}
}

// Cancel ends the group early: its tasks are cancelled, and the task that TaskGroup runs in, so that the body's
// wait ends. TaskGroup returns nil then, if nothing fails. More than once, and after
// TaskGroup has returned, it has no effect.
func (g *Group) Cancel() {
	switch {
	case g == nil:
		panic("asyncio: Cancel was called for a nil *Group")
	case g.loop.mine():
		g.cancel()
	default:
		g.loop.post(letter{do: g.cancel})
	}
}

func (g *Group) cancel() {
	if g.aborting {
		return
	}
	g.abort()
	if !g.exiting {
		g.cancels = true
		g.parent.cancel("")
	}
}

// abort cancels the members.
func (g *Group) abort() {
	if g.aborting {
		return
	}
	g.aborting = true
	for m := g.first; m != nil; {
		f := m.on
		m = m.after
		f.self.cancel("")
	}
}

// note keeps the error of a member that has ended; false if it has none.
func (g *Group) note(f *future) bool {
	if state(f.state.Load()) != failed {
		return false
	}
	g.add(f.self.asTask().Name(), f.Err())
	return true
}

func (g *Group) add(who string, err error) {
	if g.failed == nil {
		g.failed = new(GroupError)
	}
	g.failed.Errors = append(g.failed.Errors, err)
	g.failed.who = append(g.failed.who, who)
}

func (m *member) finished(f *future) {
	g := m.group
	g.remove(m)
	if g.note(f) {
		g.cancel()
	}
	if g.exiting && g.first == nil {
		g.parent.wake()
	}
}

func (m *member) waiting() *task { return m.group.parent }

func (g *Group) remove(m *member) {
	if m.before != nil {
		m.before.after = m.after
	} else {
		g.first = m.after
	}
	if m.after != nil {
		m.after.before = m.before
	} else {
		g.last = m.before
	}
}

// run calls the body and waits for the members.
func (g *Group) run(f func(*Group) error) error {
	defer g.end()
	returned := false
	defer func() {
		if !returned {
			g.crash()
		}
	}()
	err := f(g)
	returned = true
	return g.exit(err)
}

// exit is what happens after the body has returned err.
func (g *Group) exit(err error) error {
	if isCancelled(err) {
		g.cancelled, err = err, nil
	}
	if g.exiting = true; err != nil || g.cancelled != nil {
		g.abort()
	}
	g.wait()
	if g.cancels && g.parent.takeBack(g.heeded) {
		g.cancelled = nil
	}
	if err != nil {
		g.add("the body", err)
	}
	if g.failed == nil {
		return g.cancelled
	}
	if g.parent.cancels > g.heeded {
		// The cancellation is not lost: the next wait returns it.
		c, _ := errors.AsType[*CancelledError](g.cancelled)
		g.parent.mustCancel = true
		if c != nil {
			g.parent.own().cancelText = c.Message
		}
	}
	return g.failed
}

// wait waits for the members.
func (g *Group) wait() {
	for g.first != nil {
		if err := g.parent.park(g); err != nil {
			g.cancelled = err
			g.abort()
		}
	}
}

// cancelWait lets the parent cancel the members when its turn comes: one that has cancelled the
// parent, and ends then, is not cancelled itself.
func (g *Group) cancelWait(string) bool { return false }

func (g *Group) awaited(yield func(*future) bool) {
	for m := g.first; m != nil; m = m.after {
		if !yield(m.on) {
			return
		}
	}
}

// crash is what happens after the body has panicked or called runtime.Goexit.
func (g *Group) crash() {
	g.exiting = true
	g.abort()
	if !g.parent.doomed {
		g.wait()
	}
	if g.cancels {
		g.parent.takeBack(g.heeded)
	}
	if g.failed != nil {
		g.loop.report(ErrorContext{
			Message: "tasks failed in a TaskGroup whose body panicked or called runtime.Goexit", Err: g.failed,
		})
	}
}

// end lets go of all.
func (g *Group) end() {
	for m := g.first; m != nil; m = m.after { // the parent is doomed
		m.leave()
	}
	g.parent, g.first, g.last, g.failed, g.cancelled = nil, nil, nil, nil, nil
}
