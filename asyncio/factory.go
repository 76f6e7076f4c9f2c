package asyncio

// TaskFactory is called for each new task of a loop, in the context and on the goroutine of who creates
// it. It has to call create once, with the options that the task is to have: as a rule those it was
// given, unchanged (136), and others before or behind them; of two of a kind the last one counts. create makes
// the task and returns it.
type TaskFactory func(l *EventLoop, opts []CallOption, create func(opts ...CallOption) AnyTask)

// SetTaskFactory sets what is called for each new task; nil for nothing.
func (l *EventLoop) SetTaskFactory(f TaskFactory) {
	if f == nil {
		l.factory.Store(nil)
	} else {
		l.factory.Store(&f)
	}
}

// TaskFactory returns what SetTaskFactory set.
func (l *EventLoop) TaskFactory() TaskFactory {
	if f := l.factory.Load(); f != nil {
		return *f
	}
	return nil
}

// EagerTaskFactory is a TaskFactory with which tasks begin at once, as with [Eager], unless they are
// created with EagerStart(false).
func EagerTaskFactory(_ *EventLoop, opts []CallOption, create func(opts ...CallOption) AnyTask) {
	create(append([]CallOption{Eager()}, opts...)...)
}

func (l *EventLoop) createBy(factory TaskFactory, t *task, opts []CallOption) {
	calls := 0
	factory(l, opts, func(opts ...CallOption) AnyTask {
		if calls++; calls > 1 {
			panic("asyncio: a task factory has called create twice; it has to call it once")
		}
		l.createTask(t, opts)
		return t.self.(AnyTask)
	})
	if calls == 0 {
		panic("asyncio: a task factory has not called create; it has to call it once")
	}
}
