package asyncio

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

func TestPriorityQueueOrder(t *testing.T) {
	q := NewPriorityQueue[int](0)
	for _, item := range []int{1, 3, 2} {
		isErr(t, "PutNowait", q.PutNowait(item), nil)
	}
	syncGot(t, q, 1, 2, 3)

	words := NewPriorityQueueFunc(1, func(a, b string) int { return cmp.Compare(len(b), len(a)) })
	isSame(t, "MaxSize", words.MaxSize(), 1)

	numbers := NewPriorityQueue[float64](0)
	for _, item := range []float64{2, math.NaN(), math.Inf(-1)} {
		isErr(t, "PutNowait", numbers.PutNowait(item), nil)
	}
	item, err := numbers.GetNowait()
	isErr(t, "GetNowait", err, nil)
	isSame(t, "NaN is first", math.IsNaN(item), true)
}

// Against a sorted slice, with phases of growing and of shrinking.
func TestHeap(t *testing.T) {
	h := heap[int]{compare: cmp.Compare[int]}
	var model []int
	for phase := range 20 {
		for range 1000 {
			if rand.IntN(10) < 3+4*(phase%2) {
				item := rand.IntN(100)
				h.push(item)
				i, _ := slices.BinarySearch(model, item)
				model = slices.Insert(model, i, item)
			} else if h.size() > 0 {
				if got := h.pop(); got != model[0] {
					t.Fatalf("got %d, want %d", got, model[0])
				}
				model = model[1:]
			}
			if h.size() != len(model) {
				t.Fatalf("size %d, want %d", h.size(), len(model))
			}
		}
	}
}

// Equal items come out in the order in which they were put in.
func TestPriorityQueueIsStable(t *testing.T) {
	type job struct{ priority, number int }
	q := NewPriorityQueueFunc(0, func(a, b job) int { return cmp.Compare(a.priority, b.priority) })
	var want []job
	for i := range 2000 {
		j := job{rand.IntN(20), i}
		want = append(want, j)
		isErr(t, "PutNowait", q.PutNowait(j), nil)
	}
	slices.SortStableFunc(want, func(a, b job) int { return cmp.Compare(a.priority, b.priority) })
	for _, w := range want {
		j, err := q.GetNowait()
		isErr(t, "GetNowait", err, nil)
		if j != w {
			t.Fatalf("got %v, want %v", j, w)
		}
	}
}

// A panic of the comparison leaves the queue as it was, whoever called it.
func TestPriorityQueueComparisonPanics(t *testing.T) {
	onLoop(t, func(*EventLoop, *reportLog) {
		var countdown int
		q := NewPriorityQueueFunc(64, func(a, b int) int {
			if countdown--; countdown == 0 {
				panic("p")
			}
			return cmp.Compare(a, b)
		})
		var model []int
		put := func(item int) {
			model = append(model, item)
			slices.Sort(model)
		}
		for i := range 5000 {
			countdown = rand.IntN(8)
			if rand.IntN(2) == 0 {
				if !q.Full() && panicOf(func() { syncMust(q.Put(i % 97)) }) == nil {
					put(i % 97)
				}
			} else if !q.Empty() {
				var item int
				if panicOf(func() { item, _ = q.Get() }) == nil {
					isSame(t, "item", item, model[0])
					model = model[1:]
				}
			}
			isSame(t, "QSize", q.QSize(), len(model))
		}
		isSame(t, "to be done", q.unfinished >= len(model), true)
		countdown = 0
		syncGot(t, q, model...)
	})
}

// The same where those who call it have waited: others go on.
func TestPriorityQueueComparisonPanicsAfterWait(t *testing.T) {
	onLoop(t, func(*EventLoop, *reportLog) {
		q := NewPriorityQueueFunc(2, func(a, b string) int {
			if a == "bad" || b == "bad" {
				panic("bad item")
			}
			return strings.Compare(a, b)
		})
		for _, item := range []string{"b", "c"} {
			isErr(t, "Put", q.Put(item), nil)
		}
		bad, good := Go(func() error { return q.Put("bad") }), Go(func() error { return q.Put("a") })
		giveWay(t, 1)
		_, err := q.Get()
		isErr(t, "Get", err, nil)
		_, err = bad.Await()
		if err == nil || err.Error() != "asyncio: panic: bad item" {
			t.Errorf("got the error %v", err)
		}
		_, err = good.Await()
		isErr(t, "the next one", err, nil)
		item, err := q.Get()
		isErr(t, "Get", err, nil)
		isSame(t, "item", item, "a")
	})
}

func TestPriorityQueueWithoutComparison(t *testing.T) {
	var q PriorityQueue[int]
	syncPanic(t, "zero PriorityQueue", func() { _ = q.PutNowait(1) })
	isSame(t, "Empty", q.Empty(), true)
	syncPanic(t, "NewPriorityQueueFunc was given a nil func", func() { NewPriorityQueueFunc[int](0, nil) })
}
