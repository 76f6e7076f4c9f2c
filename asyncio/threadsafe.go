package asyncio

import "fmt"

// RunThreadsafe is CreateTask for any goroutine: f becomes a task of l, in a copy of the calling
// goroutine's context as it is now (138), or in the one of WithContext. The task's Await blocks a goroutine that
// no loop runs. Where l runs the calling goroutine, RunThreadsafe is CreateTask.
//
// If l is closed, the task has failed with ErrLoopClosed. If l is just ending, the task is cancelled before it
// begins. It costs a letter to the loop beside the task. Eager has no effect, but what a task factory
// says on the loop's side has.
func RunThreadsafe[T any](l *EventLoop, f func() (T, error), opts ...CallOption) *Task[T] {
	checkFunc(f == nil, "RunThreadsafe")
	if l == nil {
		panic("asyncio: RunThreadsafe was given a nil *EventLoop")
	}
	t := newTask(l, f)
	if l.mine() {
		l.create(&t.task, opts)
		return t
	}
	l.prepareTask(&t.task, opts)
	content := t.frame
	l.send(&t.task, func() {
		if factory := l.factory.Load(); factory != nil {
			l.schedule(content, func() { l.createBy(*factory, &t.task, opts) })
			return
		}
		l.enter(&t.task)
	})
	return t
}

// send has the loop do begin, for a task that another goroutine has prepared, and fails the task if it cannot.
func (l *EventLoop) send(t *task, begin func()) {
	refuse := func() {
		t.own().turns, t.err = nil, fmt.Errorf("%s was not begun: %w", t.future.name(), ErrLoopClosed)
		t.heard = true // who has sent it is going to ask, and there is no loop to report it
		t.finish()
	}
	sent := l.post(letter{do: func() {
		if l.closing {
			refuse()
		} else {
			begin()
		}
	}})
	if !sent {
		refuse()
	}
}

// enter registers and schedules a prepared task.
func (l *EventLoop) enter(t *task) {
	l.registry.add(t)
	l.ready.push(entry{task: t})
	if l.draining {
		t.cancel("the event loop is ending")
	}
}

// assist has f called by a task, for a goroutine that no loop runs, and blocks that
// until it is done.
func (l *EventLoop) assist(f func() error) error {
	t := newTask(l, func() (struct{}, error) { return struct{}{}, f() })
	l.prepareTask(&t.task, []CallOption{WithName("wait of another goroutine")})
	l.send(&t.task, func() { l.enter(&t.task) })
	_, err := t.Await()
	if t.Cancelled() && (t.cancels > 0 || t.doomed) {
		return ErrLoopClosed // the caller is not who was cancelled
	}
	return err
}
