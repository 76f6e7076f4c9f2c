package asyncio

// ring looks whether t would wait for itself, before it waits for others. It is found when the last
// task is about to close it. Two things are seen at once, and in most cases one of them is so: what does not
// wait leads nowhere, and a task that nobody waits for is in no ring. Else it costs as much as there are tasks that
// wait for t, also through others.
type ring struct {
	t *task
	// behind are the tasks that wait for t; nil: not asked yet.
	behind map[*task]struct{}
}

// closedBy reports whether f waits for t: then t must not wait for f.
func (r *ring) closedBy(f *future) bool {
	u := f.self.asTask()
	switch {
	case u == r.t:
		return true
	case u == nil || u.on == nil || r.t.waiters.first == nil:
		return false
	}
	if r.behind == nil {
		r.search()
	}
	_, found := r.behind[u]
	return found
}

// search goes from those who wait to those who wait for them, since most are waited for by
// one, while one may wait for thousands.
func (r *ring) search() {
	r.behind = make(map[*task]struct{})
	for left := []*task{r.t}; len(left) > 0; {
		t := left[len(left)-1]
		left = left[:len(left)-1]
		for w := t.waiters.first; w != nil; w = w.next {
			u := w.holds()
			if _, seen := r.behind[u]; u != nil && !seen {
				r.behind[u] = struct{}{}
				left = append(left, u)
			}
		}
	}
}

// holds returns the task that cannot go on before what w waits for is done; nil if there is none.
func (w *waiter) holds() *task {
	u := w.who.waiting()
	if u == nil || u.on == nil {
		return nil
	}
	switch on := u.on.(type) {
	case *future:
		if on != w.on {
			return nil
		}
	case *Group: // not while the body runs, and waits for something else
		if m, ok := w.who.(*member); !ok || m.group != on {
			return nil
		}
	default:
		if any(on) != any(w.who) {
			return nil
		}
	}
	if e, ok := u.on.(interface{ either() bool }); ok && e.either() {
		return nil // it may go on without
	}
	return u
}
