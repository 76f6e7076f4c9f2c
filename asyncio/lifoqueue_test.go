package asyncio

import "testing"

func TestLifoQueueOrder(t *testing.T) {
	var q LifoQueue[int]
	for _, item := range []int{1, 3, 2} {
		isErr(t, "PutNowait", q.PutNowait(item), nil)
	}
	syncGot(t, &q, 2, 3, 1)
	isSame(t, "MaxSize", NewLifoQueue[int](3).MaxSize(), 3)
}

// Room that a burst has taken is given back.
func TestLIFOShrinks(t *testing.T) {
	var s lifo[int]
	for i := range 100_000 {
		s.push(i)
	}
	for want := s.size() - 1; want >= 0; want-- {
		if got := s.pop(); got != want {
			t.Fatalf("got %d, want %d", got, want)
		}
	}
	if room := cap(s.items); room > leastRoom {
		t.Error("room for", room)
	}
}
