package asyncio

// Cancel asks the task to end: the wait that it is in, or else the next one, returns a
// *CancelledError with msg (C3, C4, C7); a task that has not begun never will (C2). The task may
// go on all the same. Cancel returns false if the task is done, and else counts one
// request more (C1). From another goroutine the loop does it as soon as it can.
func (t *task) Cancel(msg ...string) bool {
	m := message(msg)
	if t.loop.mine() {
		return t.cancel(m)
	}
	return !t.Done() && t.loop.post(letter{do: func() { t.cancel(m) }})
}

func (t *task) cancel(msg string) bool {
	if t.Done() {
		return false
	}
	if t.loop.sweeping { // each task once, by however many ways it is come to
		if t.swept {
			return true
		}
		t.swept = true
	}
	t.own().cancels++
	t.request(msg)
	return true
}

// request delivers a cancellation that is counted already.
func (t *task) request(msg string) {
	t.own().cancelText = msg
	if t.stopContext != nil {
		t.stop(t.cancelled())
	}
	if t.status == parked && t.on != nil && t.on.cancelWait(msg) {
		return
	}
	t.mustCancel = true
	t.wake()
	if t.worker == nil {
		t.unblock() // it never begins, and needs no context
	}
}

// Cancelling returns the number of requests to cancel that have not been taken back (C1). A goroutine that
// is not the loop's is blocked until the loop has answered.
func (t *task) Cancelling() (n int) {
	t.loop.ask("Task.Cancelling", func() { n = t.cancels })
	return n
}

// Uncancel takes one request to cancel back and returns how many are left. With the last one a
// cancellation that has not been delivered yet is forgotten (C6). A goroutine that is not the
// loop's is blocked until the loop has answered.
func (t *task) Uncancel() (left int) {
	t.loop.ask("Task.Uncancel", func() { left = t.uncancel() })
	return left
}

func (t *task) uncancel() int {
	if t.cancels > 0 {
		if t.cancels--; t.cancels == 0 {
			t.mustCancel, t.goContext = false, nil
		}
	}
	return t.cancels
}

// cancelled returns the error for a cancellation that is delivered now.
func (t *task) cancelled() error { return &CancelledError{t.cancelText} }
