package asyncio

// maxSearch bounds how many futures are looked at before a task waits. A ring of more tasks is
// not found.
const maxSearch = 1000

// leadsTo reports whether f waits for t, itself or through others: then t must not wait
// for f.
func (f *future) leadsTo(t *task) bool {
	if u := f.self.asTask(); u != t && (u == nil || u.on == nil) {
		return false // in most cases, without an allocation
	}
	left := maxSearch
	return f.search(&t.future, &left)
}

func (f *future) search(what *future, left *int) (found bool) {
	if f == what {
		return true
	}
	t := f.self.asTask()
	if t == nil || t.on == nil || *left == 0 {
		return false
	}
	if s, ok := t.on.(interface{ either() bool }); ok && s.either() {
		return false // it may go on without what it waits for
	}
	*left--
	t.on.awaited(func(f *future) bool {
		found = f.search(what, left)
		return !found && *left > 0
	})
	return found
}
