package asyncio

// park suspends the running task until wake is called. on is what it waits for, nil if there is nothing
// that a cancellation could be passed on to. The error is a *CancelledError if the task
// was cancelled, whether woken or not: then what it was woken for was in vain.
func (t *task) park(on waitable) error { return t.suspend(on, parked) }

// wake lets a parked task go on in the next iteration.
func (t *task) wake() {
	if t.status == parked {
		t.status = scheduled
		t.loop.ready.push(entry{task: t})
	}
}

// suspend lets the loop go on with something else until it comes to t again. It does so in place, and park is
// inline, for what is said at enter.
func (t *task) suspend(on waitable, as status) error {
	t.on, t.status = on, as
	if t.mustCancel && as == parked {
		// First, because cancelWait may lead to a cancellation of this very task (C10).
		t.mustCancel = false
		t.request(t.cancelText)
	}
	w, l := t.worker, t.loop
	debug := l.debug.Load()
	if debug {
		t.stepEnds()
	}
	if t.doomed || l.grace.over() {
		t.unwind()
	}
	if t.turns != nil {
		t.turns.End()
	}
	for {
		// What is next is done until that is to go on here.
		to := &l.caller
		if c := t.eagerCaller; c != nil {
			t.eagerCaller = nil
			to = &c.party
		} else if e := l.next(); e.task == t {
			to = nil
		} else if e.task != nil && e.task.worker != nil {
			to = &e.task.worker.party
		} else if e != (entry{}) {
			f := l.free()
			f.job = e
			to = &f.party
		}
		if to != nil {
			d := to.at
			if d.enter(&w.party) {
				d.next()
			} else {
				d.yield(struct{}{})
			}
			if len(l.route) > 0 {
				l.onward(&w.party)
			}
		}
		if t.turns == nil || t.beginTurn(w) {
			break
		}
		if t.doomed && t.turns.GiveUp(w.stage.Owner()) {
			t.turns = nil // it ends without
			break
		}
		t.block()
	}
	t.status, t.on = running, nil
	if debug {
		t.stepBegins()
	}
	if t.doomed {
		t.unwind()
	}
	if t.mustCancel {
		t.mustCancel = false
		return t.cancelled()
	}
	return nil
}

// block is for when somebody else has entered t's context: t is never lost, but tries again when
// it is worth the while (110, 133).
func (t *task) block() {
	t.blocked = true
	t.turns.WhenFree(func() { t.loop.post(letter{do: t.unblock}) })
}

func (t *task) unblock() {
	if t.blocked {
		t.blocked = false
		t.loop.ready.push(entry{task: t})
	}
}

// beginTurn begins a turn on w in t's context. Those who stand still meanwhile lend it: the loop's caller, and who
// has started t eagerly (133).
func (t *task) beginTurn(w *worker) bool {
	outer := w.stage.Owner()
	if t.turns.Begin(outer, w.loop.callerID) {
		return true
	}
	for c := t.eagerCaller; c != nil; {
		switch {
		case t.turns.Begin(outer, c.id):
			c.lent = true
			return true
		case c.task == nil:
			return false
		}
		c = c.task.eagerCaller
	}
	return false
}

// await waits until f is done.
func (f *future) await() error {
	if f.Done() {
		return nil
	}
	w := here()
	switch {
	case w == nil:
		return f.awaitOutside()
	case w.task == nil:
		return ErrNotInTask
	case w.loop != f.loop:
		return ErrOtherLoop
	}
	t := w.task
	if r := (ring{t: t}); r.closedBy(f) {
		return ErrAwaitCycle
	}
	f.watch(&t.waiter)
	err := t.park(f)
	t.waiter.leave()
	return err
}
