package asyncio

import (
	"runtime"
	"sync"
	"weak"
)

// registry lists a loop's tasks that are not done, for any goroutine to see.
type registry struct {
	lock  sync.Mutex
	first *task
}

// entryInRegistry is a task's place there.
type entryInRegistry struct{ prev, next *task }

func (r *registry) add(t *task) {
	r.lock.Lock()
	if t.listed.next = r.first; r.first != nil {
		r.first.listed.prev = t
	}
	r.first = t
	r.lock.Unlock()
}

func (r *registry) remove(t *task) {
	r.lock.Lock()
	p, n := t.listed.prev, t.listed.next
	if n != nil {
		n.listed.prev = p
	}
	if p != nil {
		p.listed.next = n
	} else if r.first == t {
		r.first = n
	}
	t.listed = entryInRegistry{}
	if r.first == nil && t.loop.draining {
		t.loop.stop = true
	}
	r.lock.Unlock()
}

func (r *registry) empty() bool {
	r.lock.Lock()
	defer r.lock.Unlock()
	return r.first == nil
}

// snapshot returns the tasks, those that were created first first.
func (r *registry) snapshot() []*task {
	r.lock.Lock()
	defer r.lock.Unlock()
	n := 0
	for t := r.first; t != nil; t = t.listed.next {
		n++
	}
	tasks := make([]*task, n)
	for t := r.first; t != nil; t = t.listed.next {
		n--
		tasks[n] = t
	}
	return tasks
}

// all iterates over a snapshot.
func (r *registry) all(yield func(*task) bool) {
	for _, t := range r.snapshot() {
		if !yield(t) {
			return
		}
	}
}

// CurrentTask returns the task that the calling goroutine is; nil where none runs. It is an
// [AnyTask], whose dynamic type is the *Task[T].
func CurrentTask() Awaitable {
	if w := here(); w != nil && w.task != nil {
		return w.task.self
	}
	return nil
}

// AllTasks returns the running loop's tasks that are not done, those that were created first
// first; nil where no loop runs.
func AllTasks() []Awaitable {
	if w := here(); w != nil {
		return w.loop.AllTasks()
	}
	return nil
}

// AllTasks returns the loop's tasks that are not done. Any goroutine may ask, at any time.
func (l *EventLoop) AllTasks() []Awaitable {
	tasks := l.registry.snapshot()
	all := make([]Awaitable, len(tasks))
	for i, t := range tasks {
		all[i] = t.self
	}
	return all
}

// loops are the loops of the process. They are held weakly: a loop that was not closed may be
// forgotten.
var loops struct {
	lock sync.Mutex
	all  []weak.Pointer[EventLoop]
}

func enlist(l *EventLoop) {
	w := weak.Make(l)
	loops.lock.Lock()
	loops.all = append(loops.all, w)
	loops.lock.Unlock()
	runtime.AddCleanup(l, strike, w)
}

func strike(w weak.Pointer[EventLoop]) {
	loops.lock.Lock()
	defer loops.lock.Unlock()
	for i := range loops.all {
		if loops.all[i] == w {
			loops.all = append(loops.all[:i], loops.all[i+1:]...)
			return
		}
	}
}

// Loops returns the loops of the process that are not closed, in the order they were made in. It is
// for tools; any goroutine may call it.
func Loops() []*EventLoop {
	loops.lock.Lock()
	defer loops.lock.Unlock()
	var open []*EventLoop
	for _, w := range loops.all {
		if l := w.Value(); l != nil && !l.IsClosed() {
			open = append(open, l)
		}
	}
	return open
}
