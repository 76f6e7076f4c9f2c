package asyncio

// entry is one thing for a loop to do: call a function, or let a task go on.
type entry struct {
	handle *Handle
	task   *task
}

// ready is a first-in first-out queue of entries. It consists of chunks, since one slice
// of all entries would be copied when it grows, be kept when it is empty, and be scanned whole
// by the garbage collector: the chunks halve what a callback costs.
type ready struct {
	head, tail  *chunk
	first, next int // in head, in tail
	n           int
	spare       *chunk
}

const chunkSize = 255 // with the pointer 4 KB

type chunk struct {
	entries [chunkSize]entry
	next    *chunk
}

func (q *ready) push(e entry) {
	if q.next == chunkSize || q.tail == nil {
		q.grow()
	}
	q.tail.entries[q.next] = e
	q.next++
	q.n++
}

func (q *ready) grow() {
	c := q.spare
	if q.spare = nil; c == nil {
		c = new(chunk)
	}
	if q.tail == nil {
		q.head, q.first = c, 0
	} else {
		q.tail.next = c
	}
	q.tail, q.next = c, 0
}

// pop returns the oldest entry. There must be one.
func (q *ready) pop() entry {
	p := &q.head.entries[q.first]
	e := *p
	*p = entry{}
	q.n--
	if q.first++; q.first == chunkSize {
		c := q.head
		if q.head, c.next = c.next, nil; q.head == nil {
			q.tail = nil
		}
		q.first, q.spare = 0, c
	}
	return e
}
