package asyncio

import "testing"

// BenchmarkQueuePingPong: two tasks, two queues; one operation is there and back.
func BenchmarkQueuePingPong(b *testing.B) {
	b.ReportAllocs()
	Run(func() (struct{}, error) {
		there, back := NewQueue[int](0), NewQueue[int](0)
		echo := Go(func() error {
			for {
				n, err := there.Get()
				if err != nil {
					return nil
				}
				if err := back.Put(n); err != nil {
					return err
				}
			}
		})
		for n := range b.N {
			if err := there.Put(n); err != nil {
				b.Error(err)
			}
			if m, err := back.Get(); m != n || err != nil {
				b.Error(m, err)
			}
		}
		there.Shutdown()
		_, err := echo.Await()
		return struct{}{}, err
	})
}

// BenchmarkQueuePutGet: one task, which never waits.
func BenchmarkQueuePutGet(b *testing.B) {
	b.ReportAllocs()
	Run(func() (struct{}, error) {
		q := NewQueue[int](0)
		for n := range b.N {
			q.Put(n)
			q.Get()
		}
		return struct{}{}, nil
	})
}

// BenchmarkLockUncontended: one task, which never waits.
func BenchmarkLockUncontended(b *testing.B) {
	b.ReportAllocs()
	Run(func() (struct{}, error) {
		l := NewLock()
		for range b.N {
			l.Acquire()
			l.Release()
		}
		return struct{}{}, nil
	})
}

// BenchmarkLockHandOver: two tasks that take turns; one operation is one turn.
func BenchmarkLockHandOver(b *testing.B) {
	b.ReportAllocs()
	Run(func() (struct{}, error) {
		l := NewLock()
		turns := func() (struct{}, error) {
			for range b.N / 2 {
				l.Acquire()
				Sleep(0)
				l.Release()
			}
			return struct{}{}, nil
		}
		other := CreateTask(turns)
		turns()
		return other.Await()
	})
}
