package asyncio

import "time"

// timer is a place in a loop's heap: of a TimerHandle, or of a task that sleeps.
type timer struct {
	index  int // in the heap, plus one; in the row, below 0; 0: it is in none
	handle *TimerHandle
	task   *task
}

// due is when a timer is due. It stands in the heap itself so that comparing needs no
// pointer; number keeps those of one instant in the order they were made in.
type due struct {
	when   time.Duration
	number uint64
	timer  *timer
}

func (d *due) before(e *due) bool {
	return d.when < e.when || d.when == e.when && d.number < e.number
}

// timers is a heap in which each has four children: half as deep as with two, and those
// four stand together in memory. What is stopped is removed at once, so that it pins nothing (175).
type timers struct {
	row    row
	heap   []due
	number uint64
}

const children = 4

// add puts t in; one that is never due is not.
func (h *timers) add(t *timer, when time.Duration) {
	if when == NoTimeout {
		return
	}
	h.number++
	if h.row.takes(when) {
		h.row.push(due{when, h.number, t})
		return
	}
	h.heap = append(h.heap, due{})
	h.up(len(h.heap)-1, due{when, h.number, t})
}

func (h *timers) len() int { return h.row.n + len(h.heap) }

// head returns the one that is due first, nil if there is none.
func (h *timers) head() *due {
	d := h.row.head()
	if len(h.heap) > 0 && (d == nil || h.heap[0].before(d)) {
		return &h.heap[0]
	}
	return d
}

// next returns when the first one is due.
func (h *timers) next() (time.Duration, bool) {
	d := h.head()
	if d == nil {
		return 0, false
	}
	return d.when, true
}

// remove takes a timer out, if it is in.
func (h *timers) remove(t *timer) {
	if t.index < 0 {
		h.row.remove(t)
		return
	}
	i := t.index - 1
	if i < 0 {
		return
	}
	t.index = 0
	last := len(h.heap) - 1
	d := h.heap[last]
	h.heap[last] = due{}
	h.heap = h.heap[:last]
	switch {
	case i == last:
	case i > 0 && d.before(&h.heap[(i-1)/children]):
		h.up(i, d)
	default:
		h.down(i, d)
	}
	if c := cap(h.heap); c > 1024 && last < c/4 {
		h.heap = append(make([]due, 0, c/2), h.heap...)
	}
}

// clear takes all out.
func (h *timers) clear() {
	for i := range h.heap {
		h.heap[i].timer.index = 0
	}
	h.heap = nil
	for h.row.n > 0 {
		h.row.remove(h.row.head().timer)
	}
}

// pop takes the first one out.
func (h *timers) pop() *timer {
	t := h.head().timer
	h.remove(t)
	return t
}

func (h *timers) put(i int, d due) {
	h.heap[i] = d
	d.timer.index = i + 1
}

// up puts d at i or further up.
func (h *timers) up(i int, d due) {
	for i > 0 {
		parent := (i - 1) / children
		if !d.before(&h.heap[parent]) {
			break
		}
		h.put(i, h.heap[parent])
		i = parent
	}
	h.put(i, d)
}

// down puts d at i or further down.
func (h *timers) down(i int, d due) {
	for {
		first := children*i + 1
		if first >= len(h.heap) {
			break
		}
		least := first
		for c := first + 1; c < min(first+children, len(h.heap)); c++ {
			if h.heap[c].before(&h.heap[least]) {
				least = c
			}
		}
		if !h.heap[least].before(&d) {
			break
		}
		h.put(i, h.heap[least])
		i = least
	}
	h.put(i, d)
}
