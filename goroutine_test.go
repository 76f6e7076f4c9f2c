package contextvars_test

import (
	"errors"
	"fmt"
	"iter"
	"runtime"
	"sync"
	"testing"

	cv "github.com/gocontextvars/contextvars"
)

// elsewhere calls f on a goroutine of its own, started by a go statement, and
// waits for it.
func elsewhere(f func()) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		f()
	}()
	<-done
}

// elsewhereEmpty is elsewhere with nothing inherited.
func elsewhereEmpty(f func()) {
	done := make(chan struct{})
	cv.GoDetached(func() {
		defer close(done)
		f()
	})
	<-done
}

func TestEveryGoroutineHasAContext(t *testing.T) { // 92
	v := cv.New[int]("v")
	elsewhereEmpty(func() {
		wantContent(t, cv.CopyContext(), nil)
		token := v.Set(1)
		wantContent(t, cv.CopyContext(), map[string]any{"v": 1})
		elsewhereEmpty(func() { wantNothing(t, v) })
		wantReset(t, v, token, nil)
		wantContent(t, cv.CopyContext(), nil)
	})
	wantNothing(t, v)
}

// Python's threads start empty (93) unless told otherwise (94); goroutines inherit.
func TestGoroutineInheritsCopy(t *testing.T) { // 93, 94
	v, w := cv.New[int]("v"), cv.New[int]("w")
	v.Set(1)
	started, set, read := make(chan struct{}), make(chan struct{}), make(chan struct{})
	f := func() { // made here, started below: what counts is the go statement
		close(started)
		<-set
		wantValue(t, v, 2)
		wantNothing(t, w)
		v.Set(4)
		w.Set(4)
		close(read)
	}
	token := v.Set(2)
	go f()
	<-started
	v.Set(3)
	w.Set(3)
	close(set)
	<-read
	wantValue(t, v, 3)
	wantValue(t, w, 3)
	wantReset(t, v, token, nil)
}

func TestStartersInherit(t *testing.T) { // 94
	v := cv.New[int]("v")
	v.Set(1)
	var group sync.WaitGroup
	group.Go(func() { wantValue(t, v, 1) })
	group.Wait()

	var err error
	var first sync.Once
	for i := range 3 { // what errgroup does
		group.Add(1)
		go func() {
			defer group.Done()
			wantValue(t, v, 1)
			v.Set(i)
			if i == 1 {
				first.Do(func() { err = errors.New("one") })
			}
		}()
	}
	group.Wait()
	want(t, "there is an error", err != nil, true)
	wantValue(t, v, 1)

	t.Run("subtest", func(t *testing.T) {
		wantValue(t, v, 1)
		v.Set(2)
		t.Cleanup(func() { wantValue(t, v, 2) })
		t.Run("deeper", func(t *testing.T) { wantValue(t, v, 2) })
	})
	wantValue(t, v, 1)
	t.Run("group", func(t *testing.T) {
		for i := range 3 {
			v.Set(10 + i)
			t.Run(fmt.Sprint("parallel", i), func(t *testing.T) {
				t.Parallel()
				wantValue(t, v, 10+i)
				v.Set(0)
			})
		}
	})
	wantValue(t, v, 1)
}

func TestGoroutineInGivenContext(t *testing.T) { // 95
	v := cv.New[int]("v")
	v.Set(1)
	c, empty := contextWith(func() { v.Set(2) }), cv.NewContext()
	elsewhere(func() {
		c.Run(func() {
			wantValue(t, v, 2)
			v.Set(3)
		})
	})
	elsewhere(func() { empty.Run(func() { wantNothing(t, v) }) })
	wantContent(t, c, map[string]any{"v": 3})
	wantValue(t, v, 1)
}

func TestGoroutineInEnteredContext(t *testing.T) { // 96
	c := cv.NewContext()
	c.Run(func() {
		elsewhere(func() { wantReentry(t, c, func() { c.Run(func() { t.Error("f was called") }) }) })
	})
}

func TestManyGoroutines(t *testing.T) { // 97
	v := cv.New[int]("v")
	v.Set(-1)
	var group sync.WaitGroup
	for i := range 10 {
		group.Go(func() {
			wantValue(t, v, -1)
			for j := range 100 {
				v.Set(1000*i + j)
				runtime.Gosched()
				wantValue(t, v, 1000*i+j)
				group.Go(func() {
					wantValue(t, v, 1000*i+j)
					v.Set(0)
				})
			}
		})
	}
	group.Wait()
	wantValue(t, v, -1)
}

// worker runs the jobs that it is sent.
func worker(jobs <-chan func()) (stop func()) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		for job := range jobs {
			job()
		}
	}()
	return func() { <-done }
}

func TestWorkerKeepsItsContext(t *testing.T) { // 98
	v := cv.New[int]("v")
	jobs := make(chan func())
	join := worker(jobs)
	jobs <- func() { v.Set(1) }
	jobs <- func() { wantValue(t, v, 1) }
	v.Set(2)
	jobs <- func() { wantValue(t, v, 1) }
	jobs <- cv.Bind(func() { wantValue(t, v, 2); v.Set(3) })
	jobs <- func() { wantValue(t, v, 1) }
	close(jobs)
	join()
	wantValue(t, v, 2)
}

func TestWorkerInheritsFirstSubmitter(t *testing.T) { // 99
	v := cv.New[int]("v")
	jobs := make(chan func())
	var join func()
	submit := func(job func()) { // starts the worker with the first job
		if join == nil {
			join = worker(jobs)
		}
		jobs <- job
	}
	elsewhere(func() {
		v.Set(1)
		submit(func() { wantValue(t, v, 1) })
	})
	v.Set(2)
	submit(func() { wantValue(t, v, 1) })
	close(jobs)
	join()
}

func TestContextGoesFromGoroutineToGoroutine(t *testing.T) { // 100
	v := cv.New[int]("v")
	c := cv.NewContext()
	for i := range 5 {
		inside, leave, left := make(chan struct{}), make(chan struct{}), make(chan struct{})
		go func() {
			defer close(left)
			c.Run(func() {
				v.Set(i)
				close(inside)
				<-leave
			})
		}()
		<-inside
		wantReentry(t, c, func() { c.Run(func() {}) })
		close(leave)
		<-left
		c.Run(func() { wantValue(t, v, i) })
	}
}

// A goroutine that was started in a Context has a copy of it, not the Context itself.
func TestGoroutineStartedInRun(t *testing.T) {
	v := cv.New[int]("v")
	c := cv.NewContext()
	proceed, done := make(chan struct{}), make(chan struct{})
	var token cv.Token[int]
	c.Run(func() {
		token = v.Set(1)
		go func() {
			defer close(done)
			<-proceed // c is no longer entered
			wantValue(t, v, 1)
			wantReset(t, v, token, cv.ErrTokenContext)
			v.Set(2)
			c.Run(func() {
				wantValue(t, v, 3)
				wantReset(t, v, token, nil)
				wantNothing(t, v)
				v.Set(4)
			})
			wantValue(t, v, 2)
		}()
	})
	c.Run(func() { v.Set(3) })
	close(proceed)
	<-done
	wantContent(t, c, map[string]any{"v": 4})
}

// iter.Pull runs its function on a goroutine of its own.
func TestIterPull(t *testing.T) {
	v := cv.New[int]("v")
	v.Set(1)
	next, stop := iter.Pull(func(yield func(int) bool) {
		defer v.Set(100).Restore()
		for yield(v.Get()) {
			v.Set(v.Get() + 1)
		}
	})
	for i := range 3 {
		v.Set(10 + i)
		got, ok := next()
		want(t, "pulled", got, 100+i)
		want(t, "pulled", ok, true)
		wantValue(t, v, 10+i)
	}
	stop()
	wantValue(t, v, 12)
}

func TestGoexitAndPanicInGoroutine(t *testing.T) {
	v := cv.New[int]("v")
	v.Set(1)
	for range 100 { // a goroutine that ends badly leaves nothing to the next one
		elsewhere(func() { v.Set(2); cv.NewContext().Run(runtime.Goexit) })
		elsewhere(func() {
			defer func() { want(t, "panic", recover(), any("out")) }()
			v.Set(3)
			cv.NewContext().Run(func() { v.Set(4); panic("out") })
		})
		elsewhere(func() { wantValue(t, v, 1) })
		elsewhereEmpty(func() { wantNothing(t, v) })
	}
}

// No counterpart in Go: the flag of 94, since a go statement always inherits; GoDetached
// does not.
