package asyncio

import (
	"runtime/debug"
	"weak"

	"github.com/gocontextvars/contextvars/internal/current"
	"github.com/gocontextvars/contextvars/internal/frame"
)

// worker is a coroutine that tasks and callbacks run on. There is one for each task that
// has begun and waits, and one for all the rest: a worker that is free takes what is
// next, and only when it is for a task that waits elsewhere it changes over to that one.
type worker struct {
	party
	home  *door
	host  frame.Host // leads from the goroutine here
	loop  *EventLoop
	stage current.Stage
	// task is the one that runs, or waits, here; nil while a callback runs.
	task *task
	id   uint64 // of the goroutine
	// called is the callback that runs here.
	called *Handle
	// job is what whoever switched to a free worker wants of it; the zero entry: whatever is
	// next.
	job entry
	// lent says that a task which was started eagerly has had its first turn in a context that is entered here.
	lent bool
	// exitTo, if not nil, says that w is to end, and who goes on then.
	exitTo *party
}

// here returns the worker that the calling goroutine is; nil if no loop runs it.
func here() *worker {
	if h := current.Host(); h != nil {
		return h.Worker.(*worker)
	}
	return nil
}

// maxIdle is how many free workers a loop keeps: those of tasks that waited and have ended.
const maxIdle = 256

// free returns a worker that has nothing to do.
func (l *EventLoop) free() *worker {
	if n := len(l.idle); n > 0 {
		w := l.idle[n-1]
		l.idle[n-1] = nil
		l.idle = l.idle[:n-1]
		return w
	}
	return l.newWorker()
}

func (l *EventLoop) newWorker() *worker {
	w := &worker{loop: l}
	w.host.Worker = w
	w.home = coroutine(&w.party, w.main)
	l.workers++
	return w
}

func (w *worker) main() {
	l := w.loop
	defer func() {
		if w.exitTo == nil {
			w.unwound()
		}
		w.stage.Close()
		l.crew.leave(w)
		l.workers--
		l.exit(w.home, w.exitTo)
	}()
	w.stage.Open(&w.host)
	l.crew.join(w)
	if len(l.route) > 0 {
		l.through(&w.party, l.leg())
	}
	for w.exitTo == nil {
		w.serve()
	}
}

// serve does one entry after another, until w is to end, or a callback panics.
func (w *worker) serve() {
	defer w.afterCallback()
	for {
		e := w.job
		if w.job = (entry{}); e == (entry{}) {
			if w.loop.ready.n == 0 {
				w.stage.Show(nil) // the loop may sleep on this goroutine: it is not to pin what ran last
			}
			e = w.loop.next()
		}
		switch {
		case e.handle != nil:
			if !w.loop.closing {
				w.call(e.handle)
			}
		case e.task == nil:
			w.rest(&w.loop.caller)
		case e.task.worker == nil:
			if l := w.loop; len(l.idle) == 0 {
				// The task needs one if it waits. Made here, where the stack is short, it leaves the tasks'
				// stacks with the 2 KB that they begin with. It inherits what is on show.
				w.stage.Show(nil)
				l.idle = append(l.idle, l.newWorker())
			}
			w.run(e.task)
		default:
			w.rest(&e.task.worker.party)
		}
		if w.exitTo != nil {
			return
		}
	}
}

// rest makes w a free one, lets to go on, and returns when there is a job, or w is to end.
func (w *worker) rest(to *party) {
	l := w.loop
	if len(l.idle) >= maxIdle {
		w.exitTo = to
		return
	}
	w.stage.Show(nil) // what is free pins nothing
	l.idle = append(l.idle, w)
	l.change(&w.party, to)
}

// call calls a callback.
func (w *worker) call(h *Handle) {
	if h.more != nil {
		w.callWith(h, h.more)
		return
	}
	f, content := h.take()
	if f == nil {
		return
	}
	w.stage.Show(content)
	w.called = h
	f()
	w.called = nil
}

// callWith is call for a handle with particulars.
func (w *worker) callWith(h *Handle, more *particulars) {
	if h.f == nil {
		return // cancelled
	}
	w.stage.Show(h.frame)
	if more.context != nil {
		turns := current.TurnsIn(current.StateOf(more.context))
		if !turns.Begin(w.stage.Owner(), w.loop.callerID) {
			// It is done when it is worth the while; it is never lost (110).
			turns.WhenFree(func() { w.loop.post(letter{handle: h}) })
			return
		}
		defer func() {
			turns.End()
			turns.Over(w.stage.Owner())
			more.context, more.ended = nil, weak.Make(more.context)
		}()
		defer w.afterCallback() // in the context
	}
	f, _ := h.take()
	w.called = h
	w.loop.timed(f, h)
	w.called = nil
}

// afterCallback reports a callback's panic or Goexit.
func (w *worker) afterCallback() {
	h := w.called
	if h == nil {
		return
	}
	w.called = nil
	if p := recover(); p != nil {
		err := &PanicError{p, debug.Stack()}
		w.loop.report(ErrorContext{Message: "a callback panicked", Err: err, Handle: h, Stack: err.Stack})
		return
	}
	w.loop.report(ErrorContext{Message: "a callback called runtime.Goexit", Err: ErrGoexit, Handle: h})
}

// run runs a task, from its begin to its end.
func (w *worker) run(t *task) {
	if t.status == finished {
		return // it was scheduled where suspend has unwound it
	}
	if t.mustCancel { // before it has begun (C2)
		t.mustCancel, t.own().turns = false, nil
		t.err = t.cancelled()
	} else {
		w.stage.Show(t.frame)
		if t.turns != nil && !t.beginTurn(w) {
			t.block()
			w.letGo(t)
			return
		}
		t.frame = nil
		w.task, t.worker = t, w
		t.goroutine.Store(w.id)
		t.status = running
		w.exec(t)
	}
	w.complete(t)
	w.letGo(t)
}

// letGo has who started t eagerly go on.
func (w *worker) letGo(t *task) {
	if c := t.eagerCaller; c != nil {
		t.eagerCaller = nil
		w.rest(&c.party)
	}
}

// exec calls the task's function.
func (w *worker) exec(t *task) {
	defer func() {
		if p := recover(); p != nil {
			t.err = &PanicError{p, debug.Stack()}
		}
	}()
	if t.loop.debug.Load() {
		t.execWatched()
		return
	}
	t.self.exec()
}

// complete is the end of t.
func (w *worker) complete(t *task) {
	w.task, t.worker = nil, nil
	t.finish()
	if t.turns != nil {
		t.turns.End()
		t.turns.Over(w.stage.Owner())
		t.turns = nil
	}
}

// unwound is the end of a goroutine on which runtime.Goexit was called: it cannot go on, and another
// one does instead.
func (w *worker) unwound() {
	l := w.loop
	if t := w.task; t != nil {
		switch {
		case t.err != nil: // a deferred function panicked
		case t.doomed:
			t.err = &CancelledError{"the event loop has ended"}
		default:
			t.err = ErrGoexit
		}
		w.complete(t)
		if c := t.eagerCaller; c != nil {
			t.eagerCaller, w.exitTo = nil, &c.party
		}
	}
	next := l.free()
	if next.at == w.home {
		other := l.free()
		l.idle = append(l.idle, next)
		next = other
	}
	l.muffle(&w.party, w.home, &next.party)
	if w.exitTo == nil {
		w.exitTo = &next.party
	} else {
		l.idle = append(l.idle, next)
	}
}

// dismiss ends all free workers. It is called by the loop's caller.
func (l *EventLoop) dismiss() {
	for len(l.idle) > 0 {
		w := l.free()
		w.exitTo = &l.caller
		l.change(&l.caller, &w.party)
	}
}
