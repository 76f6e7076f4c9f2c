package asyncio

import "cmp"

// PriorityQueue is a [Queue] from which the least item comes out first; of equal ones the one that was put in
// first, other than in Python, where that is left open. It is made by NewPriorityQueue or
// NewPriorityQueueFunc. Put and Get cost about log n comparisons, for n items.
type PriorityQueue[T any] struct {
	queue[T, heap[T], *heap[T]]
}

// NewPriorityQueue returns an empty PriorityQueue, which holds at most maxsize items, or any number if that is 0
// or less. Items are compared by cmp.Compare.
func NewPriorityQueue[T cmp.Ordered](maxsize int) *PriorityQueue[T] {
	return NewPriorityQueueFunc(maxsize, cmp.Compare[T])
}

// NewPriorityQueueFunc is NewPriorityQueue for items that are compared by compare: it returns a negative
// number if a is to come out before b, a positive one if after, and 0 if they are equal, as for
// slices.SortFunc. It must neither use the queue nor wait. If it panics, the call of Put or Get that it
// was called by does, and the queue is as before.
func NewPriorityQueueFunc[T any](maxsize int, compare func(a, b T) int) *PriorityQueue[T] {
	checkFunc(compare == nil, "NewPriorityQueueFunc")
	q := new(PriorityQueue[T])
	q.maxsize, q.store.compare = maxsize, compare
	return q
}

// heap holds the items of a PriorityQueue, in a binary heap. All comparisons are made before
// anything is moved, since compare is a user's function, which may panic.
type heap[T any] struct {
	compare func(a, b T) int
	items   []numbered[T]
	number  uint64
}

// numbered is an item and how many were put in before.
type numbered[T any] struct {
	item   T
	number uint64
}

func (h *heap[T]) before(a, b *numbered[T]) bool {
	c := h.compare(a.item, b.item)
	return c < 0 || c == 0 && a.number < b.number
}

func (h *heap[T]) size() int { return len(h.items) }

func (h *heap[T]) push(item T) {
	if h.compare == nil {
		panic("asyncio: Put into a zero PriorityQueue; use NewPriorityQueue or NewPriorityQueueFunc")
	}
	e := numbered[T]{item, h.number}
	place := len(h.items)
	for place > 0 && h.before(&e, &h.items[(place-1)/2]) {
		place = (place - 1) / 2
	}
	h.number++
	h.items = append(h.items, e)
	for i := len(h.items) - 1; i > place; i = (i - 1) / 2 {
		h.items[i] = h.items[(i-1)/2]
	}
	h.items[place] = e
}

func (h *heap[T]) pop() T {
	// The last one gets a new place, which is below those that are less than it.
	last := len(h.items) - 1
	place := 0
	for {
		child := 2*place + 1
		if child+1 < last && h.before(&h.items[child+1], &h.items[child]) {
			child++
		}
		if child >= last || h.before(&h.items[last], &h.items[child]) {
			break
		}
		place = child
	}
	// Those on the way there move up by one, and the first one out.
	e := h.items[last]
	for i := place; ; i = (i - 1) / 2 {
		h.items[i], e = e, h.items[i]
		if i == 0 {
			break
		}
	}
	h.items = shortened(h.items)
	return e.item
}
