package asyncio

// Condition is a lock, and a line of those who wait until something that the lock guards has
// changed. The zero Condition has a lock of its own. It must not be copied after first use.
type Condition struct {
	shared *Lock // nil: own
	own    Lock
	line   line // guarded by the lock's mutex
}

// NewCondition returns a Condition with the lock l, which several may share; nil for a lock
// of its own.
func NewCondition(l *Lock) *Condition { return &Condition{shared: l} }

func (c *Condition) lock() *Lock {
	if c.shared != nil {
		return c.shared
	}
	return &c.own
}

// Acquire is the lock's: see [Lock.Acquire].
func (c *Condition) Acquire() error { return c.lock().Acquire() }

// Release is the lock's: see [Lock.Release].
func (c *Condition) Release() { c.lock().Release() }

// Locked is the lock's: see [Lock.Locked].
func (c *Condition) Locked() bool { return c.lock().Locked() }

// With is the lock's: see [Lock.With].
func (c *Condition) With(f func() error) error { return c.lock().With(f) }

// Wait releases the lock, waits until Notify or NotifyAll, and acquires the lock again, always: also
// if it returns a *CancelledError because the task was cancelled meanwhile. If such a task was
// notified, another one is instead. So it may happen that Wait returns and there is nothing new:
// call it in a loop, or use WaitFor. In a callback of a loop it returns ErrNotInTask at once.
//
// If nobody holds the lock, Wait panics. Where runtime.Goexit ends a task in Wait, as
// [EventLoop.Close] does, the task's deferred Release does the right thing, whether it has got
// the lock again or not.
func (c *Condition) Wait() (err error) {
	l := c.lock()
	l.mutex.Lock()
	defer l.mutex.Unlock()
	c.mustBeLocked(l, "Wait")
	v, err := c.line.join()
	if err != nil {
		return err
	}
	notified, returned := false, false
	defer func() {
		if !returned {
			l.reclaim(v.task)
		}
		if notified && (!returned || err != nil) && c.line.waiting > 0 {
			c.line.call(0)
		}
	}()
	l.locked = false
	l.admit()
	err = func() error {
		defer func() { notified = c.line.leave(v) }()
		return v.wait(&l.mutex)
	}()
	for {
		again := l.acquire()
		if again == nil {
			break
		}
		err = again
	}
	returned = true
	return err
}

// WaitFor calls Wait until pred returns true. pred is called with the lock held.
func (c *Condition) WaitFor(pred func() bool) error {
	checkFunc(pred == nil, "Condition.WaitFor")
	for !pred() {
		if err := c.Wait(); err != nil {
			return err
		}
	}
	return nil
}

// Notify wakes those n who have waited longest, or all if there are fewer. They go on once the
// caller has released the lock. If nobody holds the lock, Notify panics.
func (c *Condition) Notify(n int) {
	l := c.lock()
	l.mutex.Lock()
	defer l.mutex.Unlock()
	c.mustBeLocked(l, "Notify")
	for ; n > 0 && c.line.waiting > 0; n-- {
		c.line.call(0)
	}
}

// NotifyAll wakes everybody. If nobody holds the lock, it panics.
func (c *Condition) NotifyAll() {
	l := c.lock()
	l.mutex.Lock()
	defer l.mutex.Unlock()
	c.mustBeLocked(l, "NotifyAll")
	c.line.callAll()
}

func (c *Condition) mustBeLocked(l *Lock, call string) {
	if !l.locked {
		panic("asyncio: " + call + " of a Condition whose lock nobody holds; call Acquire before")
	}
}
