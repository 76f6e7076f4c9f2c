package asyncio

import (
	"errors"
	"runtime"
	"testing"
	"time"

	"github.com/gocontextvars/contextvars"
)

func TestSmoke(t *testing.T) {
	v := contextvars.New[string]("v")
	v.Set("out")
	before := runtime.NumGoroutine()
	n, err := Run(func() (int, error) {
		v.Set("main")
		tasks := []*Task[int]{}
		for i := range 8 {
			tasks = append(tasks, CreateTask(func() (int, error) {
				if v.Get() != "main" {
					t.Error("child sees", v.Get())
				}
				v.Set("child")
				Sleep(time.Millisecond * time.Duration(8-i))
				if v.Get() != "child" {
					t.Error("child sees", v.Get())
				}
				return i, nil
			}))
		}
		sum := 0
		for _, x := range tasks {
			r, err := x.Await()
			if err != nil {
				t.Error(err)
			}
			sum += r
		}
		if v.Get() != "main" {
			t.Error("main sees", v.Get())
		}
		l, _ := RunningLoop()
		f := NewFuture[string]()
		l.CallLater(time.Millisecond, func() { f.SetResult(v.Get()); v.Set("cb") })
		l.CallSoon(func() { panic("oops") })
		l.CallSoon(func() { runtime.Goexit() })
		if s, err := f.Await(); s != "main" || err != nil {
			t.Error(s, err)
		}
		g := Go(func() error { runtime.Goexit(); return nil })
		if _, err := g.Await(); err != ErrGoexit {
			t.Error(err)
		}
		p := Go(func() error { panic("p") })
		if _, err := p.Await(); err == nil {
			t.Error(err)
		}
		c := Go(func() error { return Sleep(time.Hour) })
		Sleep(0)
		c.Cancel("msg")
		if _, err := c.Await(); !errors.Is(err, ErrCancelled) {
			t.Error(err)
		}
		e := CreateTask(func() (int, error) { v.Set("eager"); Sleep(0); return 1, nil }, Eager())
		if e.Done() || v.Get() != "main" {
			t.Error("eager")
		}
		ctx := CurrentTask().(AnyTask).Context()
		sh := CreateTask(func() (int, error) { v.Set("shared"); Sleep(0); return 1, nil }, Eager(), WithContext(ctx))
		if v.Get() != "shared" {
			t.Error("shared", v.Get())
		}
		sh.Await()
		go func() {
			time.Sleep(time.Millisecond)
			l.CallSoonThreadsafe(func() { v.Set("x") })
			e.Await()
		}()
		Sleep(3 * time.Millisecond)
		Go(func() error {
			defer func() { Sleep(time.Millisecond); println("cleaned") }()
			return Sleep(time.Hour)
		})
		Go(func() error {
			for {
				Sleep(time.Hour)
			}
		})
		Sleep(0)
		return sum, nil
	})
	if n != 28 || err != nil {
		t.Error(n, err)
	}
	if v.Get() != "out" {
		t.Error(v.Get())
	}
	for range 100 {
		if runtime.NumGoroutine() == before {
			return
		}
		time.Sleep(time.Millisecond)
	}
	t.Error("goroutines left", runtime.NumGoroutine()-before)
}

func BenchmarkCallSoon(b *testing.B) {
	Run(func() (int, error) {
		l, _ := RunningLoop()
		b.ReportAllocs()
		n := 0
		f := func() { n++ }
		for i := 0; i < b.N; {
			for j := 0; j < 100000 && i < b.N; j++ {
				l.CallSoon(f)
				i++
			}
			Sleep(0)
		}
		return 0, nil
	})
}
func BenchmarkCreateAwait(b *testing.B) {
	Run(func() (int, error) {
		b.ReportAllocs()
		for range b.N {
			CreateTask(func() (int, error) { return 1, nil }).Await()
		}
		return 0, nil
	})
}
func BenchmarkSleep0x100(b *testing.B) {
	Run(func() (int, error) {
		var ts []*Task[int]
		for range 100 {
			ts = append(ts, CreateTask(func() (int, error) {
				for range b.N / 100 {
					Sleep(0)
				}
				return 0, nil
			}))
		}
		for _, t := range ts {
			t.Await()
		}
		return 0, nil
	})
}
func BenchmarkThreadsafe(b *testing.B) {
	Run(func() (int, error) {
		l, _ := RunningLoop()
		f := NewFuture[int]()
		n := 0
		go func() {
			for range b.N {
				l.CallSoonThreadsafe(func() {
					if n++; n == b.N {
						f.SetResult(1)
					}
				})
			}
		}()
		f.Await()
		return 0, nil
	})
}
func BenchmarkCallLater0(b *testing.B) {
	Run(func() (int, error) {
		l, _ := RunningLoop()
		n := 0
		f := func() { n++ }
		for i := 0; i < b.N; {
			for j := 0; j < 1000 && i < b.N; j++ {
				l.CallLater(0, f)
				i++
			}
			Sleep(0)
		}
		Sleep(0)
		return 0, nil
	})
}
