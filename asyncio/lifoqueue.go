package asyncio

// LifoQueue is a [Queue] from which the item that was put in last comes out first. The zero LifoQueue
// is empty and holds any number of items.
type LifoQueue[T any] struct {
	queue[T, lifo[T], *lifo[T]]
}

// NewLifoQueue returns an empty LifoQueue, which holds at most maxsize items, or any number if that is 0 or less.
func NewLifoQueue[T any](maxsize int) *LifoQueue[T] {
	q := new(LifoQueue[T])
	q.maxsize = maxsize
	return q
}

// lifo holds the items of a LifoQueue.
type lifo[T any] struct{ items []T }

func (s *lifo[T]) size() int { return len(s.items) }

func (s *lifo[T]) push(item T) { s.items = append(s.items, item) }

func (s *lifo[T]) pop() T {
	item := s.items[len(s.items)-1]
	s.items = shortened(s.items)
	return item
}

// shortened takes the last one out, so that the slice does not hold it, and gives memory back when
// most of it is free.
func shortened[T any](items []T) []T {
	last := len(items) - 1
	clear(items[last:])
	items = items[:last]
	if cap(items) > leastRoom && last <= cap(items)/4 {
		items = append(make([]T, 0, cap(items)/2), items...)
	}
	return items
}
