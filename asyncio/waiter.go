package asyncio

// waiter is somebody who is to be told when a future is done. It is a node of the future's list, in
// which those who came first are told first, and which each can leave at once.
type waiter struct {
	prev, next *waiter
	on         *future // nil: in no list
	who        watcher
}

// watcher is who waits.
type watcher interface {
	// finished is called when f is done. It must not call users' functions.
	finished(f *future)
	// waiting returns the task that waits; nil if none does.
	waiting() *task
}

// waiters is a list of waiters.
type waiters struct{ first, last *waiter }

// watch has w told when f, which is pending, is done.
func (f *future) watch(w *waiter) {
	w.on, w.prev, w.next = f, f.waiters.last, nil
	if w.prev != nil {
		w.prev.next = w
	} else {
		f.waiters.first = w
	}
	f.waiters.last = w
}

// leave undoes watch.
func (w *waiter) leave() {
	if w.on == nil {
		return
	}
	l := &w.on.waiters
	if w.prev != nil {
		w.prev.next = w.next
	} else {
		l.first = w.next
	}
	if w.next != nil {
		w.next.prev = w.prev
	} else {
		l.last = w.prev
	}
	w.on, w.prev, w.next = nil, nil, nil
}

// ask reports whether one of them is going to ask how the future ended.
func (l *waiters) ask() bool {
	for w := l.first; w != nil; w = w.next {
		if b, ok := w.who.(interface{ bystander() bool }); !ok || !b.bystander() {
			return true
		}
	}
	return false
}

// finished tells all, who leave the list by that.
func (l *waiters) finished(f *future) {
	for l.first != nil {
		w := l.first
		w.leave()
		w.who.finished(f)
	}
}

// doneCallback is a waiter that schedules a callback.
type doneCallback struct {
	waiter
	handle Handle
	more   particulars
}

func (c *doneCallback) finished(f *future) { f.loop.ready.push(entry{handle: &c.handle}) }
func (c *doneCallback) waiting() *task     { return nil }
func (c *doneCallback) bystander() bool    { return true }

// whenDone has call called by the loop when f is done.
func (f *future) whenDone(call func(), opts []CallOption) *Handle {
	c := new(doneCallback)
	c.who = c
	c.more.waiter, c.handle.more = &c.waiter, &c.more
	f.loop.prepare(&c.handle, call, opts)
	add := func() {
		if c.handle.f == nil {
			return // cancelled meanwhile
		}
		if f.Done() {
			c.finished(f)
		} else {
			f.watch(&c.waiter)
		}
	}
	if f.loop.mine() {
		add()
	} else if !f.loop.post(letter{do: add}) {
		panicClosed("AddDoneCallback")
	}
	return &c.handle
}

// outsider is a goroutine that no loop runs, which waits.
type outsider struct {
	waiter
	told chan struct{} // closed when there is something to see
}

func (o *outsider) finished(f *future) {
	delete(f.loop.outsiders, o)
	close(o.told)
}

func (o *outsider) waiting() *task { return nil }

// awaitOutside blocks the goroutine until f is done, or the loop is closed.
func (f *future) awaitOutside() error {
	o := &outsider{told: make(chan struct{})}
	o.who = o
	ok := f.loop.post(letter{do: func() {
		if f.Done() {
			close(o.told)
			return
		}
		f.watch(&o.waiter)
		if f.loop.outsiders == nil {
			f.loop.outsiders = make(map[*outsider]struct{})
		}
		f.loop.outsiders[o] = struct{}{}
	}})
	if ok {
		<-o.told
	}
	if f.Done() {
		return nil
	}
	return ErrLoopClosed
}
