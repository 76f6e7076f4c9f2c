package asyncio

// fifo holds the items of a Queue, in a ring.
type fifo[T any] struct {
	ring  []T // its length is 0 or a power of two
	first int
	n     int
}

// leastRoom is how many items a store has room for at least, once it has had any.
const leastRoom = 16

func (f *fifo[T]) size() int { return f.n }

func (f *fifo[T]) push(item T) {
	if f.n == len(f.ring) {
		f.resize(max(2*f.n, leastRoom))
	}
	f.ring[(f.first+f.n)&(len(f.ring)-1)] = item
	f.n++
}

func (f *fifo[T]) pop() T {
	item := f.ring[f.first]
	var none T
	f.ring[f.first] = none
	f.first = (f.first + 1) & (len(f.ring) - 1)
	if f.n--; len(f.ring) > leastRoom && f.n <= len(f.ring)/4 {
		f.resize(len(f.ring) / 2)
	}
	return item
}

func (f *fifo[T]) resize(size int) {
	ring := make([]T, size)
	end := min(f.first+f.n, len(f.ring))
	copied := copy(ring, f.ring[f.first:end])
	copy(ring[copied:], f.ring[:f.n-copied])
	f.ring, f.first = ring, 0
}
