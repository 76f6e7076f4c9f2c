package asyncio

import (
	"math/rand/v2"
	"testing"
)

// Against a plain slice, with phases of growing and of shrinking.
func TestFIFO(t *testing.T) {
	var f fifo[int]
	var model []int
	next := 0
	for phase := range 20 {
		for range 1000 {
			if rand.IntN(10) < 3+4*(phase%2) {
				f.push(next)
				model = append(model, next)
				next++
			} else if f.size() > 0 {
				if got := f.pop(); got != model[0] {
					t.Fatalf("got %d, want %d", got, model[0])
				}
				model = model[1:]
			}
			if f.size() != len(model) {
				t.Fatalf("size %d, want %d", f.size(), len(model))
			}
		}
	}
}

// Room that a burst has taken is given back.
func TestFIFOShrinks(t *testing.T) {
	var f fifo[int]
	for i := range 100_000 {
		f.push(i)
	}
	for range 100_000 {
		f.pop()
	}
	isSame(t, "room", len(f.ring), leastRoom)
}
