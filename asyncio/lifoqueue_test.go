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

func TestLifoQueueShrinks(t *testing.T) {
	var q LifoQueue[int]
	for i := range 100_000 {
		isErr(t, "PutNowait", q.PutNowait(i), nil)
	}
	for range 100_000 {
		_, err := q.GetNowait()
		isErr(t, "GetNowait", err, nil)
	}
	if room := cap(q.store.items); room > leastRoom {
		t.Error("room for", room)
	}
}
