package asyncio

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/gocontextvars/contextvars"
)

func TestRun(t *testing.T) { // 155
	left := countGoroutines(t)
	boom := errors.New("boom")
	ctxVar.Set("outside")
	defer ctxVar.Unset()
	n, err := Run(func() (int, error) {
		isSame(t, "in main", ctxVar.Get(), "outside")
		ctxVar.Set("main's")
		return 7, boom
	})
	isSame(t, "result", n, 7)
	isErr(t, "Run", err, boom)
	isSame(t, "afterwards", ctxVar.Get(), "outside")

	_, err = Run(func() (int, error) { panic(boom) })
	isErr(t, "panic in main", err, boom)
	_, err = Run(func() (int, error) { runtime.Goexit(); return 0, nil })
	isErr(t, "Goexit in main", err, ErrGoexit)
	_, err = Run(func() (int, error) { CurrentTask().Cancel("me"); return 0, Sleep(0) })
	isCancelledWith(t, "main cancels itself", err, "me")
	left()
}

func TestRunCancelsWhatIsLeft(t *testing.T) { // 155
	var r trail
	onLoop(t, func(l *EventLoop, _ *reportLog) {
		wait := func(name string, f func() error) {
			Go(func() error {
				defer r.add("%s ends", name)
				err := f()
				r.add("%s: %v", name, err)
				isErr(t, "cleaning up", Sleep(time.Millisecond), nil)
				return err
			})
		}
		wait("sleep", func() error { return Sleep(time.Hour) })
		wait("await", func() error { _, err := NewFuture[int]().Await(); return err })
		giveWay(t, 1)
		Go(func() error { r.add("one that has not begun"); return nil })
		l.CallSoon(func() { r.add("callback") })
		l.CallLater(time.Hour, func() { r.add("timer") })
	})
	r.is(t, "callback", "sleep: asyncio: cancelled", "await: asyncio: cancelled", "sleep ends", "await ends")
}

func TestRunnerKeepsContext(t *testing.T) { // 153, 154, 157
	v := contextvars.New[int]("v")
	v.Set(1)
	defer v.Unset()
	r := NewRunner()
	add := func() (int, error) {
		v.Set(v.Get() + 1)
		giveWay(t, 1)
		return v.Get(), nil
	}
	loop := r.Loop() // the context is copied here
	v.Set(100)
	for want := 2; want < 5; want++ {
		n, err := RunIn(r, add)
		isSame(t, "in the runner", n, want)
		isErr(t, "RunIn", err, nil)
	}
	c := contextvars.NewContext()
	n, _ := RunIn(r, add, WithContext(c))
	isSame(t, "in another context", n, 1)
	value, _ := v.In(c)
	isSame(t, "in that context", value, 1)
	n, _ = RunIn(r, add)
	isSame(t, "in the runner again", n, 5)
	isSame(t, "outside", v.Get(), 100)
	name, _ := RunIn(r, func() (string, error) { return CurrentTask().(AnyTask).Name(), nil }, WithName("n"))
	isSame(t, "Name", name, "n")
	isSame(t, "Loop", r.Loop() == loop && !loop.IsClosed(), true)

	isErr(t, "Close", r.Close(), nil)
	isErr(t, "Close again", r.Close(), nil)
	isSame(t, "IsClosed", loop.IsClosed(), true)
	_, err := RunIn(r, add)
	isErr(t, "RunIn of a closed runner", err, ErrLoopClosed)
	err, _ = panicOf(func() { r.Loop() }).(error)
	isErr(t, "Loop of a closed runner", err, ErrLoopClosed)

	r = NewRunner()
	n, _ = RunIn(r, add) // and here
	isSame(t, "the first run", n, 101)
	r.Close()
	r = new(Runner)
	isErr(t, "Close of one that was not used", r.Close(), nil)
}

// Tasks of one run go on in the next, by whichever goroutine.
func TestTasksOutliveRun(t *testing.T) { // 153
	left := countGoroutines(t)
	r := NewRunner(WithClock(NewVirtualClock()))
	var task *Task[int]
	ctxVar.Set("runner's")
	RunIn(r, func() (int, error) {
		task = CreateTask(func() (int, error) {
			ctxVar.Set("task's")
			for range 10 {
				Sleep(time.Second)
				isSame(t, "in the task", ctxVar.Get(), "task's")
			}
			return 3, nil
		})
		return 0, nil
	})
	ctxVar.Unset()
	for range 3 {
		onGoroutine(func() {
			_, err := RunIn(r, func() (int, error) { return 0, Sleep(2 * time.Second) })
			isErr(t, "RunIn", err, nil)
		})
	}
	isSame(t, "Done", task.Done(), false)
	n, err := RunIn(r, func() (int, error) { return task.Await() })
	isSame(t, "result", n, 3)
	isErr(t, "RunIn", err, nil)
	r.Close()
	left()
}

func TestRunUntilComplete(t *testing.T) { // 156
	l := NewEventLoop()
	defer l.Close()
	ctxVar.Set("outside")
	defer ctxVar.Unset()
	for range 3 {
		got, err := RunUntilComplete(l, func() (string, error) {
			isSame(t, "IsRunning", l.IsRunning(), true)
			isSame(t, "in the task", ctxVar.Get(), "outside")
			ctxVar.Set("task's")
			giveWay(t, 1)
			return ctxVar.Get(), nil
		})
		isSame(t, "result", got, "task's")
		isErr(t, "RunUntilComplete", err, nil)
		isSame(t, "IsRunning", l.IsRunning(), false)
	}
	isSame(t, "outside", ctxVar.Get(), "outside")
}

func TestStopBeforeCompletion(t *testing.T) {
	l := NewEventLoop()
	defer l.Close()
	var r trail
	_, err := RunUntilComplete(l, func() (int, error) {
		l.CallSoon(func() { r.add("of this iteration") })
		l.Stop()
		l.CallSoon(func() { r.add("of this iteration, too") })
		Sleep(0)
		r.add("main goes on")
		return 1, nil
	})
	isErr(t, "RunUntilComplete", err, ErrLoopStopped)
	r.is(t)
	// The task goes on with the next run, and does not end that.
	_, err = RunUntilComplete(l, func() (int, error) {
		giveWay(t, 3)
		return 2, nil
	})
	isErr(t, "the next one", err, nil)
	r.is(t, "of this iteration", "of this iteration, too", "main goes on")
}

func TestRunForeverAndStop(t *testing.T) {
	left := countGoroutines(t)
	l := NewEventLoop()
	l.clock = NewVirtualClock()
	var r trail
	l.CallSoon(func() {
		r.add("first")
		l.CallSoon(func() { r.add("second") })
		l.Stop()
		l.CallSoon(func() { r.add("third") })
		isSame(t, "IsRunning", l.IsRunning(), true)
	})
	l.CallSoon(func() { r.add("same iteration") })
	isErr(t, "RunForever", l.RunForever(), nil)
	r.is(t, "first", "same iteration")
	isSame(t, "IsRunning", l.IsRunning(), false)

	l.CallSoon(func() { r.add("fourth"); l.Stop() })
	isErr(t, "RunForever again", l.RunForever(), nil)
	r.is(t, "second", "third", "fourth")

	// Stopped before it runs: one iteration.
	l.Stop()
	l.CallSoon(func() { r.add("a"); l.CallSoon(func() { r.add("b") }) })
	isErr(t, "RunForever after Stop", l.RunForever(), nil)
	r.is(t, "a")
	l.Stop()
	isErr(t, "RunForever after Stop", l.RunForever(), nil)
	r.is(t, "b")
	l.Stop()
	isErr(t, "RunForever with nothing to do", l.RunForever(), nil)

	// By timers and tasks, and by another goroutine.
	onGoroutine(func() {
		l.CallLater(time.Hour, func() {
			Go(func() error { Sleep(time.Hour); l.Stop(); Sleep(0); r.add("after Stop"); return nil })
		})
		isErr(t, "RunForever", l.RunForever(), nil)
		isSame(t, "time", l.Time(), 2*time.Hour)
	})
	r.is(t)
	running := make(chan bool)
	l.CallSoon(func() { close(running) })
	go func() { <-running; l.Stop() }()
	isErr(t, "RunForever stopped from elsewhere", l.RunForever(), nil)
	r.is(t, "after Stop")
	isErr(t, "Close", l.Close(), nil)
	isErr(t, "RunForever of a closed loop", l.RunForever(), ErrLoopClosed)
	left()
}

// A main task that was left behind by Stop does not end a later run.
func TestMainTaskLeftBehindDoesNotStop(t *testing.T) {
	l := NewEventLoop()
	l.clock = NewVirtualClock()
	defer l.Close()
	_, err := RunUntilComplete(l, func() (int, error) {
		l.Stop()
		return 1, Sleep(time.Second)
	})
	isErr(t, "RunUntilComplete", err, ErrLoopStopped)
	n, err := RunUntilComplete(l, func() (int, error) { return 2, Sleep(time.Minute) })
	isSame(t, "the next one", n, 2)
	isErr(t, "the next one", err, nil)
}

func TestLoopInsideLoop(t *testing.T) { // 118
	other := NewEventLoop()
	defer other.Close()
	onLoop(t, func(l *EventLoop, _ *reportLog) {
		try := func() {
			main := func() (int, error) { t.Error("it runs"); return 0, nil }
			r := NewRunner()
			for _, l := range []*EventLoop{l, other} {
				isErr(t, "RunForever", l.RunForever(), ErrLoopRunning)
				_, err := RunUntilComplete(l, main)
				isErr(t, "RunUntilComplete", err, ErrLoopRunning)
				isErr(t, "Close", l.Close(), ErrLoopRunning)
			}
			_, err := Run(main)
			isErr(t, "Run", err, ErrLoopRunning)
			_, err = RunIn(r, main)
			isErr(t, "RunIn", err, ErrLoopRunning)
			isErr(t, "Runner.Close", r.Close(), nil) // it has no loop yet
			isSame(t, "IsRunning", l.IsRunning() && !l.IsClosed(), true)
			isSame(t, "IsRunning", other.IsRunning() || other.IsClosed(), false)
		}
		try()
		l.CallSoon(try)
		Go(func() error { try(); return nil }, Eager())
		contextvars.NewContext().Run(try)
		giveWay(t, 1)
		// A goroutine that a task has started is nobody's; the loop runs all the same.
		onGoroutine(func() {
			isErr(t, "RunForever", l.RunForever(), ErrLoopRunning)
			isErr(t, "Close", l.Close(), ErrLoopRunning)
			n, err := RunUntilComplete(other, func() (int, error) { return 1, Sleep(0) })
			isSame(t, "another loop", n, 1)
			isErr(t, "another loop", err, nil)
		})
	})
}

func TestManyLoops(t *testing.T) {
	left := countGoroutines(t)
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for range 20 {
				onceMore := func() (int, error) {
					ctxVar.Set(fmt.Sprint(i))
					sum := 0
					var tasks []*Task[int]
					for j := range 20 {
						tasks = append(tasks, CreateTask(func() (int, error) {
							Sleep(time.Duration(j%3) * time.Microsecond)
							if ctxVar.Get() != fmt.Sprint(i) {
								t.Errorf("loop %d sees %s", i, ctxVar.Get())
							}
							return j, nil
						}))
					}
					for _, task := range tasks {
						n, _ := task.Await()
						sum += n
					}
					return sum, nil
				}
				if n, err := Run(onceMore); n != 190 || err != nil {
					t.Error(n, err)
				}
			}
		})
	}
	wg.Wait()
	left()
}

// Loops that wake one another.
func TestLoopsTalk(t *testing.T) {
	const n = 4
	var loops [n]*EventLoop
	for i := range loops {
		loops[i] = NewEventLoop()
	}
	var wg sync.WaitGroup
	hops := 0 // of the one loop that has the ball
	var pass func(at int)
	pass = func(at int) {
		if l, _ := RunningLoop(); l != loops[at] {
			t.Error("a callback runs on the wrong loop")
		}
		if hops++; hops == 1000 {
			for _, l := range loops {
				l.Stop()
			}
			return
		}
		loops[(at+1)%n].CallSoonThreadsafe(func() { pass((at + 1) % n) })
	}
	loops[0].CallSoon(func() { pass(0) })
	for _, l := range loops {
		wg.Go(func() {
			isErr(t, "RunForever", l.RunForever(), nil)
			isErr(t, "Close", l.Close(), nil)
		})
	}
	wg.Wait()
	isSame(t, "hops", hops, 1000)
}

// GUI libraries want the thread of main; a loop may run there, and whatever happens to its tasks.
func TestRunOnLockedThread(t *testing.T) {
	onGoroutine(func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		onLoop(t, func(l *EventLoop, log *reportLog) {
			for i := range 10 {
				Go(func() error { return Sleep(time.Duration(i) * time.Second) })
				Go(func() error { Sleep(0); runtime.Goexit(); return nil }).AddDoneCallback(
					func(task *Task[struct{}]) { isErr(t, "Goexit", task.Err(), ErrGoexit) })
				l.CallSoon(func() { runtime.Goexit() })
				Go(func() error { panic("p") }, Eager()).Err()
				Go(func() error { return Sleep(0) }, Eager())
			}
			Sleep(5 * time.Second)
			isSame(t, "reported", len(log.take()), 10)
			for range 10 { // to be unwound
				Go(func() error {
					for {
						_ = Sleep(time.Hour)
					}
				})
			}
			giveWay(t, 1)
			l.SetExceptionHandler(func(*EventLoop, ErrorContext) {})
		})
	})
}

func TestOptions(t *testing.T) {
	var l *EventLoop
	_, err := Run(func() (int, error) {
		l, _ = RunningLoop()
		isSame(t, "Debug", l.Debug(), true)
		return 0, nil
	}, WithDebug(false), WithDebug(true))
	isErr(t, "Run", err, nil)
	isSame(t, "closed", l.IsClosed(), true)

	made := NewEventLoop()
	_, err = Run(func() (int, error) {
		l, _ := RunningLoop()
		isSame(t, "the factory's loop", l == made, true)
		return 0, nil
	}, WithLoopFactory(func() *EventLoop { return made }), WithClock(NewVirtualClock()))
	isErr(t, "Run", err, nil)
	isSame(t, "closed", made.IsClosed(), true)

	_, err = Run(func() (int, error) { return 0, nil }, WithLoopFactory(func() *EventLoop { return made }))
	isErr(t, "a factory whose loop is closed", err, ErrLoopClosed)
	p, _ := panicOf(func() {
		Run(func() (int, error) { return 0, nil }, WithLoopFactory(func() *EventLoop { return nil }))
	}).(string)
	if !strings.HasPrefix(p, "asyncio: ") || !strings.Contains(p, "WithLoopFactory") {
		t.Errorf("a factory that returns nil: panicked with %q", p)
	}
}

// What the child process of TestInterrupt does.
func TestInterruptChild(t *testing.T) {
	how := os.Getenv("ASYNCIO_INTERRUPT")
	if how == "" {
		t.Skip("this is for the child process of TestInterrupt")
	}
	_, err := Run(func() (int, error) {
		fmt.Println("ready")
		err := Sleep(time.Minute)
		isErr(t, "Sleep", err, ErrCancelled)
		switch how {
		case "ends":
			return 0, err
		case "swallows":
			return 0, nil
		case "fails":
			return 0, ErrTimeout
		}
		fmt.Println("again")
		Sleep(time.Minute) // until the second signal
		return 0, nil
	}, WithInterrupt())
	fmt.Println(errors.Is(err, ErrInterrupted), err)
	// Run is over: the signal is not its business any more.
	c := make(chan os.Signal, 1)
	signal.Notify(c, os.Interrupt)
	if self, err := os.FindProcess(os.Getpid()); err == nil {
		self.Signal(os.Interrupt)
	}
	<-c
	fmt.Println("end")
}

func TestInterrupt(t *testing.T) {
	for how, want := range map[string][]string{
		"ends":     {"ready", "true asyncio: interrupted", "end"},
		"swallows": {"ready", "false <nil>", "end"},
		"fails":    {"ready", "false asyncio: timeout", "end"},
		"waits":    {"ready", "again"},
	} {
		t.Run(how, func(t *testing.T) {
			cmd := exec.Command(os.Args[0], "-test.run=^TestInterruptChild$")
			cmd.Env = append(os.Environ(), "ASYNCIO_INTERRUPT="+how)
			out, err := cmd.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			var lines []string
			for s := bufio.NewScanner(out); s.Scan(); {
				switch line := s.Text(); line {
				case "ready", "again":
					cmd.Process.Signal(os.Interrupt)
					fallthrough
				default:
					if len(lines) < len(want) {
						lines = append(lines, line)
					}
				}
			}
			isSame(t, "printed", lines, want)
			err = cmd.Wait()
			if how == "waits" {
				var e *exec.ExitError
				if !errors.As(err, &e) || e.Sys().(syscall.WaitStatus).Signal() != syscall.SIGINT {
					t.Errorf("it ended with %v, not by the second signal", err)
				}
			} else if err != nil {
				t.Error(err)
			}
		})
	}
}
