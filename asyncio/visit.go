package asyncio

import "sync"

// visit is one stay in a line, of a task or of a goroutine that no loop runs. A task uses the same
// one again and again, since it waits for one thing at a time.
type visit struct {
	prev, next *visit
	task       *task
	told       chan struct{} // without a task: there is something in it when it was called
	called     bool
	answer     int // from the one who called, if there is anything to say
	// number counts the task's stays that are over. It changes only where the task runs.
	number uint64
}

// line is where those stand who wait in a lock, a queue and the like: who comes first is called first.
// All its methods need the mutex of that lock or queue, which nobody holds who waits.
//
// Who is called has been woken, and has not got anything yet: it stays in the line until it goes on,
// takes what it was called for, and leaves. So nothing is lost when it is cancelled
// in between, or unwound: it leaves empty-handed, and the next one is called. Who comes later
// must leave as much as there are others that were called.
type line struct {
	first, last *visit
	uncalled    *visit // before it there is none that was not called
	called      int
	waiting     int // those not called
}

// join puts the calling task or goroutine at the end. A callback of a loop, which must not wait, gets
// ErrNotInTask.
func (l *line) join() (*visit, error) {
	var v *visit
	switch w := here(); {
	case w == nil:
		v = &visit{told: make(chan struct{}, 1)}
	case w.task == nil:
		return nil, ErrNotInTask
	default:
		if w.task.visit == nil {
			w.task.visit = &visit{task: w.task}
		}
		v = w.task.visit
	}
	v.prev, v.next, v.called = l.last, nil, false
	if v.prev != nil {
		v.prev.next = v
	} else {
		l.first = v
	}
	l.last = v
	if l.waiting++; l.uncalled == nil {
		l.uncalled = v
	}
	return v, nil
}

// wait waits until v is called. The error is a *CancelledError if the task was cancelled, called or
// not. It lets go of the mutex and takes it again, also where runtime.Goexit ends the wait.
func (v *visit) wait(mutex *sync.Mutex) error {
	called := v.called // by itself, to go on after others that were called
	mutex.Unlock()
	defer mutex.Lock()
	t := v.task
	if t == nil {
		<-v.told
		return nil
	}
	if called {
		t.loop.ready.push(entry{task: t})
		return t.suspend(nil, scheduled)
	}
	return t.park(nil)
}

// leave takes v out, and reports whether it was called.
func (l *line) leave(v *visit) bool {
	if v.called {
		l.called--
	} else {
		l.waiting--
	}
	if l.uncalled == v {
		l.uncalled = v.next
	}
	if v.prev != nil {
		v.prev.next = v.next
	} else {
		l.first = v.next
	}
	if v.next != nil {
		v.next.prev = v.prev
	} else {
		l.last = v.prev
	}
	v.prev, v.next = nil, nil
	v.number++
	return v.called
}

// stay waits in the line until somebody calls.
func (l *line) stay(mutex *sync.Mutex) error {
	v, err := l.join()
	if err != nil {
		return err
	}
	defer l.leave(v)
	return v.wait(mutex)
}

// again has v, which was called in vain, wait once more where it stands.
func (l *line) again(v *visit) {
	v.called = false
	l.called--
	l.waiting++
	l.uncalled = l.first
}

// call wakes the first one that was not called yet. There must be one.
func (l *line) call(answer int) {
	v := l.uncalled
	for v.called {
		v = v.next
	}
	l.uncalled = v.next
	l.called++
	l.waiting--
	v.called, v.answer = true, answer
	switch t := v.task; {
	case t == nil:
		v.told <- struct{}{}
	case t.loop.mine():
		t.wake()
	default:
		// A loop that is closed has unwound its tasks: none is left in a line, and what it was
		// called for has gone to the next one.
		number := v.number
		t.loop.post(letter{do: func() {
			if v.number == number {
				t.wake()
			}
		}})
	}
}

// callAll calls everybody.
func (l *line) callAll() {
	for l.waiting > 0 {
		l.call(0)
	}
}

// admit calls those who come first, as long as there is something for each; n is how much there is.
func (l *line) admit(n int) {
	for l.waiting > 0 && l.called < n {
		l.call(0)
	}
}
