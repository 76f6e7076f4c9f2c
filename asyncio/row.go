package asyncio

import "time"

// row is for timers that are due no earlier than all that were there when they were added, as those
// of one delay are, of CallLater(0) and of a timeout that all connections have. They stand
// in a queue, where adding, firing and cancelling one costs the same however many there
// are.
type row struct {
	entries []due // without timer: a gap, whose timer was taken out
	first   int   // of the entries that is no gap
	n       int   // timers
}

func (r *row) takes(when time.Duration) bool {
	return r.n == 0 || when >= r.entries[len(r.entries)-1].when
}

func (r *row) push(d due) {
	if len(r.entries) == cap(r.entries) && 2*r.first > len(r.entries) {
		r.tidy()
	}
	r.entries = append(r.entries, d)
	r.n++
	d.timer.index = -len(r.entries)
}

// head returns the one that is due first, nil if there is none.
func (r *row) head() *due {
	if r.n == 0 {
		return nil
	}
	return &r.entries[r.first]
}

// remove takes out a timer that is in.
func (r *row) remove(t *timer) {
	i := -t.index - 1
	t.index = 0
	r.entries[i] = due{}
	if r.n--; r.n == 0 {
		r.first = 0
		if r.entries = r.entries[:0]; cap(r.entries) > 1024 {
			r.entries = nil
		}
		return
	}
	for r.entries[r.first].timer == nil {
		r.first++
	}
	last := len(r.entries)
	for r.entries[last-1].timer == nil {
		last--
	}
	if r.entries = r.entries[:last]; last-r.first > 2*r.n+32 {
		r.tidy()
	}
}

// tidy leaves no gaps.
func (r *row) tidy() {
	moved := make([]due, 0, 2*r.n)
	for _, d := range r.entries[r.first:] {
		if d.timer != nil {
			moved = append(moved, d)
			d.timer.index = -len(moved)
		}
	}
	r.entries, r.first = moved, 0
}
