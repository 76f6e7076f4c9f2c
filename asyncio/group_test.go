package asyncio

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"testing"
	"time"
	"weak"

	"github.com/gocontextvars/contextvars"
)

var errOther = errors.New("other")

func TestTaskGroupWaitsForAll(t *testing.T) {
	onLoop(t, func(l *EventLoop, _ *reportLog) {
		var a *Task[int]
		var b *Task[struct{}]
		err := TaskGroup(func(g *Group) error {
			a = Spawn(g, sleeper(time.Hour, 1))
			b = g.Go(func() error { return Sleep(2 * time.Hour) })
			return Sleep(time.Minute)
		})
		isErr(t, "error", err, nil)
		isSame(t, "time", l.Time(), 2*time.Hour)
		v, err := a.Result()
		isErr(t, "of a task", err, nil)
		isSame(t, "of a task", v, 1)
		isSame(t, "done", b.Done(), true)
		isErr(t, "of an empty one", TaskGroup(func(*Group) error { return nil }), nil)
	})
}

// A child's failure cancels the others and the body.
func TestTaskGroupFailingChild(t *testing.T) { // C10
	for _, x := range []struct {
		name string
		f    func() (int, error)
		want error
	}{
		{"error", failer(time.Minute, errStructured), errStructured},
		{"panic", func() (int, error) { Sleep(time.Minute); panic(errStructured) }, errStructured},
		{"Goexit", func() (int, error) { Sleep(time.Minute); runtime.Goexit(); return 0, nil }, ErrGoexit},
	} {
		t.Run(x.name, func(t *testing.T) {
			onLoop(t, func(l *EventLoop, _ *reportLog) {
				var other, unborn *Task[int]
				err := TaskGroup(func(g *Group) error {
					Spawn(g, x.f, WithName("bad"))
					other = Spawn(g, sleeper(time.Hour, 1))
					err := Sleep(time.Hour)
					isErr(t, "of the body's wait", err, ErrCancelled)
					isSame(t, "requests", CurrentTask().(AnyTask).Cancelling(), 1)
					unborn = Spawn(g, func() (int, error) { t.Error("it was called"); return 0, nil },
						WithName("unborn"), WithContext(contextvars.NewContext()))
					isSame(t, "cancelled from the beginning", unborn.Cancelled(), true)
					isSame(t, "its name", unborn.Name(), "unborn")
					isSame(t, "its context", unborn.turns, nil)
					return err
				})
				isErr(t, "error", err, x.want)
				isSame(t, "is a CancelledError", errors.Is(err, ErrCancelled), false)
				isSame(t, "time", l.Time(), time.Minute)
				isSame(t, "the other is cancelled", other.Cancelled(), true)
				isSame(t, "requests left", CurrentTask().(AnyTask).Cancelling(), 0)
				isErr(t, "of the next wait", Sleep(0), nil)
				if x.name == "panic" {
					p, ok := errors.AsType[*PanicError](err)
					isSame(t, "PanicError", ok && len(p.Stack) > 0, true)
				}
			})
		})
	}
}

func TestTaskGroupErrorsAreJoined(t *testing.T) { // C10
	onLoop(t, func(l *EventLoop, _ *reportLog) {
		late := errors.New("late")
		err := TaskGroup(func(g *Group) error {
			Spawn(g, stubborn(time.Hour, 2*time.Minute, 0, late), WithName("late"))
			Spawn(g, stubborn(time.Hour, time.Minute, 0, errOther), WithName("other"))
			Spawn(g, failer(time.Minute, errStructured), WithName("first"))
			Spawn(g, stubborn(time.Hour, time.Minute, 1, nil), WithName("fine"))
			Spawn(g, sleeper(time.Hour, 1), WithName("cancelled"))
			Sleep(time.Hour)
			return context.DeadlineExceeded
		})
		for _, want := range []error{errStructured, errOther, late, context.DeadlineExceeded} {
			isErr(t, "error", err, want)
		}
		isSame(t, "message", err.Error(), "asyncio: a TaskGroup failed: first: structured; other: other; late: late; "+
			"the body: context deadline exceeded")
		group, ok := errors.AsType[*GroupError](err)
		isSame(t, "GroupError", ok, true)
		isSame(t, "errors", group.Errors, []error{errStructured, errOther, late, context.DeadlineExceeded})
		isSame(t, "time", l.Time(), 3*time.Minute)
	})
}

func TestTaskGroupFailingBody(t *testing.T) { // C10
	onLoop(t, func(l *EventLoop, _ *reportLog) {
		var a *Task[int]
		err := TaskGroup(func(g *Group) error {
			a = Spawn(g, func() (int, error) {
				err := Sleep(time.Hour)
				Sleep(time.Minute)
				return 0, err
			})
			giveWay(t, 1)
			return errStructured
		})
		isErr(t, "error", err, errStructured)
		isSame(t, "message", err.Error(), "asyncio: a TaskGroup failed: the body: structured")
		isSame(t, "cancelled", a.Cancelled(), true)
		isSame(t, "time", l.Time(), time.Minute)
		isSame(t, "requests", CurrentTask().(AnyTask).Cancelling(), 0)
	})
}

// A body that returns a CancelledError of somebody else's has its group cancelled, and returns it.
func TestTaskGroupBodyReturnsACancelledError(t *testing.T) {
	onLoop(t, func(l *EventLoop, _ *reportLog) {
		f := NewFuture[int]()
		f.Cancel("f")
		var a *Task[int]
		err := TaskGroup(func(g *Group) error {
			a = Spawn(g, sleeper(time.Hour, 1))
			_, err := f.Await()
			return err
		})
		isSame(t, "error", fmt.Sprint(err), "asyncio: cancelled: f")
		isSame(t, "cancelled", a.Cancelled(), true)
		isSame(t, "requests", CurrentTask().(AnyTask).Cancelling(), 0)
	})
}

// A child that is cancelled, by whomever, is no failure.
func TestTaskGroupCancelledChild(t *testing.T) {
	onLoop(t, func(l *EventLoop, _ *reportLog) {
		err := TaskGroup(func(g *Group) error {
			a := Spawn(g, sleeper(time.Hour, 1))
			Spawn(g, sleeper(2*time.Hour, 1))
			giveWay(t, 1)
			a.Cancel()
			return nil
		})
		isErr(t, "error", err, nil)
		isSame(t, "time", l.Time(), 2*time.Hour)
	})
}

// Its task is cancelled from elsewhere: in the body, in the wait, twice, before it begins.
func TestTaskGroupCancelledFromElsewhere(t *testing.T) { // C3, C10
	once := []time.Duration{time.Minute}
	for _, x := range []struct {
		name    string
		cancels []time.Duration
		body    time.Duration // that the body sleeps
		child   func() (int, error)
		end     time.Duration
		want    error // beside the cancellation
	}{
		{"in the body", once, time.Hour, sleeper(time.Hour, 1), time.Minute, nil},
		{"in the wait", once, 0, sleeper(time.Hour, 1), time.Minute, nil},
		{"twice", append(once, 2*time.Minute), 0, stubborn(time.Hour, time.Hour, 1, nil), 61 * time.Minute, nil},
		{"with an error", once, 0, stubborn(time.Hour, time.Hour, 0, errStructured), 61 * time.Minute, errStructured},
		{"with an error, in the body", once, time.Hour, stubborn(time.Hour, 1, 0, errStructured), time.Minute + 1,
			errStructured},
		{"after an error", []time.Duration{2 * time.Minute}, 0, failer(time.Minute, errStructured), 121 * time.Second,
			errStructured},
	} {
		t.Run(x.name, func(t *testing.T) {
			onLoop(t, func(l *EventLoop, _ *reportLog) {
				c := Go(func() error {
					err := TaskGroup(func(g *Group) error {
						Spawn(g, x.child)
						Spawn(g, func() (int, error) {
							err := Sleep(time.Hour)
							if x.name == "after an error" {
								Sleep(61 * time.Second)
							}
							return 0, err
						})
						return Sleep(x.body)
					})
					isSame(t, "time", l.Time(), x.end)
					isSame(t, "requests left", CurrentTask().(AnyTask).Cancelling(), len(x.cancels))
					if x.want != nil {
						isErr(t, "error", err, x.want)
						isSame(t, "is a GroupError only", errors.Is(err, ErrCancelled), false)
						err = Sleep(0)
						isErr(t, "of the next wait", err, ErrCancelled)
					}
					isSame(t, "error", fmt.Sprint(err), "asyncio: cancelled: outside")
					isErr(t, "of the wait after that", Sleep(0), nil)
					return nil
				})
				for _, d := range x.cancels {
					l.CallLater(d, func() { c.Cancel("outside") })
				}
				c.Await()
			})
		})
	}
}

// A failure and a cancellation from elsewhere in one instant, in both orders: neither is lost.
func TestTaskGroupFailsAndIsCancelled(t *testing.T) { // C10
	for _, body := range []time.Duration{0, time.Hour} {
		for _, cancelFirst := range []bool{true, false} {
			t.Run(fmt.Sprint(body, cancelFirst), func(t *testing.T) {
				onLoop(t, func(l *EventLoop, _ *reportLog) {
					f := NewFuture[int]()
					c := Go(func() error {
						err := TaskGroup(func(g *Group) error {
							Spawn(g, f.Await)
							return Sleep(body)
						})
						isErr(t, "error", err, errStructured)
						isSame(t, "requests left", CurrentTask().(AnyTask).Cancelling(), 1)
						isErr(t, "of the next wait", Sleep(0), ErrCancelled)
						return nil
					})
					Sleep(time.Minute)
					if cancelFirst {
						f.SetError(errStructured) // the child has not been told yet
						c.Cancel()
					} else {
						f.SetError(errStructured)
						giveWay(t, 1)
						c.Cancel()
					}
					_, err := c.Await()
					isErr(t, "of the task", err, nil)
				})
			})
		}
	}
}

// The one that the body was told of comes again, not the group's own.
func TestTaskGroupFailsWhileItIsCancelled(t *testing.T) { // C7, C10
	onLoop(t, func(l *EventLoop, _ *reportLog) {
		c := Go(func() error {
			err := TaskGroup(func(g *Group) error {
				Spawn(g, failer(2*time.Minute, errStructured))
				err := Sleep(time.Hour)
				isErr(t, "of the clean-up's wait", Sleep(time.Hour), ErrCancelled) // ended by the failure
				return err
			})
			isErr(t, "error", err, errStructured)
			isSame(t, "requests left", CurrentTask().(AnyTask).Cancelling(), 1)
			return Sleep(time.Hour)
		})
		Sleep(time.Minute)
		c.Cancel("outside")
		_, err := c.Await()
		isSame(t, "error", fmt.Sprint(err), "asyncio: cancelled: outside")
	})
}

// Cancelled while it runs, the task enters a group: the first wait says so.
func TestTaskGroupEnteredWhenCancelled(t *testing.T) { // C10
	onLoop(t, func(l *EventLoop, _ *reportLog) {
		for _, wait := range []bool{true, false} {
			c := Go(func() error {
				CurrentTask().Cancel("before")
				err := TaskGroup(func(g *Group) error {
					Spawn(g, sleeper(time.Hour, 1))
					if wait {
						isErr(t, "of the body's wait", Sleep(0), ErrCancelled)
						Spawn(g, failer(0, errStructured))
						return Sleep(time.Hour) // ended by the failure
					}
					return nil
				})
				if wait {
					isErr(t, "error", err, errStructured)
					err = Sleep(0)
				}
				isErr(t, "cancellation", err, ErrCancelled)
				isSame(t, "requests left", CurrentTask().(AnyTask).Cancelling(), 1)
				isErr(t, "of the next wait", Sleep(0), nil)
				return nil
			})
			c.Await()
		}
	})
}

func TestTaskGroupsNested(t *testing.T) { // C10
	onLoop(t, func(l *EventLoop, _ *reportLog) {
		me := CurrentTask().(AnyTask)
		// Both fail at once: the inner one's error is an error of the outer one's body.
		err := TaskGroup(func(outer *Group) error {
			err := TaskGroup(func(inner *Group) error {
				Spawn(inner, failer(time.Minute, errStructured))
				Spawn(outer, failer(time.Minute, errOther))
				return nil
			})
			isErr(t, "inner", err, errStructured)
			isSame(t, "inner has the outer's error", errors.Is(err, errOther), false)
			isSame(t, "requests, the outer's", me.Cancelling(), 1)
			isErr(t, "of the body's next wait", Sleep(time.Hour), ErrCancelled)
			return err
		})
		isErr(t, "outer", err, errStructured)
		isErr(t, "outer", err, errOther)
		isSame(t, "requests left", me.Cancelling(), 0)
		isErr(t, "of the next wait", Sleep(0), nil)

		// The outer one fails while the inner one waits.
		var leaf *Task[int]
		err = TaskGroup(func(outer *Group) error {
			Spawn(outer, failer(time.Minute, errOther))
			return TaskGroup(func(inner *Group) error {
				leaf = Spawn(inner, sleeper(time.Hour, 1))
				return nil
			})
		})
		isErr(t, "outer", err, errOther)
		isSame(t, "errors", len(err.(*GroupError).Errors), 1)
		isSame(t, "leaf is cancelled", leaf.Cancelled(), true)
		isSame(t, "requests left", me.Cancelling(), 0)
	})
}

func TestTaskGroupAndTimeout(t *testing.T) { // C9, C10
	onLoop(t, func(l *EventLoop, _ *reportLog) {
		me := CurrentTask().(AnyTask)
		slow := func(g *Group) error { Spawn(g, sleeper(time.Hour, 1)); return nil }
		err := Timeout(time.Minute, func() error { return TaskGroup(slow) })
		isErr(t, "group in timeout", err, ErrTimeout)
		isSame(t, "requests left", me.Cancelling(), 0)

		err = TaskGroup(func(g *Group) error { return Timeout(time.Minute, func() error { return TaskGroup(slow) }) })
		isErr(t, "group in timeout in group", err, ErrTimeout)
		isSame(t, "message", err.Error(), "asyncio: a TaskGroup failed: the body: asyncio: timeout")

		// The child fails while the time runs out: the group's error is returned, and the timeout's request taken back.
		err = Timeout(time.Minute, func() error {
			return TaskGroup(func(g *Group) error {
				Spawn(g, stubborn(time.Hour, time.Minute, 0, errStructured))
				return nil
			})
		})
		isErr(t, "failing group in timeout", err, errStructured)
		isSame(t, "is a timeout", errors.Is(err, ErrTimeout), false)
		isSame(t, "requests left", me.Cancelling(), 0)
		isErr(t, "of the next wait", Sleep(0), nil)

		// The child fails at the very instant that the time runs out.
		err = Timeout(time.Minute, func() error {
			return TaskGroup(func(g *Group) error {
				Spawn(g, failer(time.Minute, errStructured))
				return nil
			})
		})
		isErr(t, "at the same time", err, errStructured)
		isSame(t, "requests left", me.Cancelling(), 0)
		isErr(t, "of the next wait", Sleep(0), nil)

		// A child's own timeout is its error.
		err = TaskGroup(func(g *Group) error {
			g.Go(func() error { return Timeout(time.Minute, timeoutBody{sleep: time.Hour}.run) }, WithName("timed"))
			return nil
		})
		isErr(t, "timeout in a child", err, context.DeadlineExceeded)
	})
}

func TestTaskGroupContexts(t *testing.T) { // 146, 150, 151
	onLoop(t, func(l *EventLoop, _ *reportLog) {
		me := CurrentTask()
		ctxVar.Set("before")
		c := contextvars.NewContext()
		seen := func() (string, error) {
			//contextvars:ignore token the body of a task
			defer ctxVar.Set("child's")
			return ctxVar.Get(), nil
		}
		var first, second, given *Task[string]
		err := TaskGroup(func(g *Group) error {
			isSame(t, "the body's task", CurrentTask(), me)
			first = Spawn(g, seen)
			ctxVar.Set("body's")
			second = Spawn(g, seen)
			given = Spawn(g, seen, WithContext(c), WithName("given"))
			isSame(t, "name", given.Name(), "given")
			giveWay(t, 1)
			isSame(t, "seen in the body", ctxVar.Get(), "body's")
			return nil
		})
		isErr(t, "error", err, nil)
		isSame(t, "seen after", ctxVar.Get(), "body's")
		for want, task := range map[string]*Task[string]{"before": first, "body's": second, "": given} {
			got, _ := task.Result()
			isSame(t, "seen in a child", got, want)
		}
		value, _ := ctxVar.In(c)
		isSame(t, "in the given context", value, "child's")
	})
}

func TestTaskGroupSpawnByChild(t *testing.T) {
	onLoop(t, func(l *EventLoop, _ *reportLog) {
		var r trail
		var g *Group
		var down func(n int) func() error
		down = func(n int) func() error {
			return func() error {
				Sleep(time.Minute)
				if r.add("%d", n); n > 0 {
					g.Go(down(n - 1))
				}
				return nil
			}
		}
		TaskGroup(func(inner *Group) error {
			g = inner
			g.Go(down(3))
			l.CallLater(30*time.Second, func() { g.Go(func() error { r.add("by a callback"); return nil }) })
			return nil
		})
		r.is(t, "by a callback", "3", "2", "1", "0")
		isSame(t, "time", l.Time(), 4*time.Minute)
	})
}

func TestTaskGroupSpawnTooLate(t *testing.T) {
	onLoop(t, func(l *EventLoop, _ *reportLog) {
		var g *Group
		never := func() error { t.Error("it was called"); return nil }
		ended := any("asyncio: Group.Go was called for a TaskGroup that has ended; call it while the group's tasks run")
		TaskGroup(func(inner *Group) error {
			g = inner
			l.CallLater(time.Minute, func() { // the last task has ended, and TaskGroup has not returned yet
				l.CallSoon(func() { isSame(t, "when it ends", panicOf(func() { g.Go(never) }), ended) })
			})
			g.Go(func() error { Sleep(time.Minute); return nil })
			return nil
		})
		isSame(t, "after its end", panicOf(func() { g.Go(never) }), ended)
		isSame(t, "nil", panicOf(func() { Spawn[int](nil, sleeper(1, 1)) }), any("asyncio: Spawn was given a nil *Group"))
		isSame(t, "nil", panicOf(func() { (*Group)(nil).Cancel() }), any("asyncio: Cancel was called for a nil *Group"))
		g.Cancel()
		TaskGroup(func(g *Group) error {
			onGoroutine(func() {
				err, _ := panicOf(func() { g.Go(never) }).(error)
				isErr(t, "on a goroutine", err, ErrNoRunningLoop)
			})
			onOtherLoop(t, func() {
				err, _ := panicOf(func() { g.Go(never) }).(error)
				isErr(t, "on another loop", err, ErrNoRunningLoop)
			})
			return nil
		})
	})
}

func TestGroupCancel(t *testing.T) { // 3.15's TaskGroup.cancel
	for _, x := range []struct {
		name string
		by   func(g *Group, f func())
	}{
		{"body", func(g *Group, f func()) { f() }},
		{"child", func(g *Group, f func()) { g.Go(func() error { f(); return Sleep(time.Hour) }) }},
		{"eager child", func(g *Group, f func()) { g.Go(func() error { f(); return Sleep(time.Hour) }, Eager()) }},
		{"callback", func(g *Group, f func()) { g.loop.CallSoon(f) }},
		{"goroutine", func(g *Group, f func()) { go f() }},
	} {
		for _, waits := range []bool{true, false} {
			t.Run(fmt.Sprint(x.name, waits), func(t *testing.T) {
				onRealTime(t, func(l *EventLoop, _ *reportLog) {
					var a *Task[int]
					err := TaskGroup(func(g *Group) error {
						a = Spawn(g, sleeper(time.Hour, 1))
						x.by(g, func() { g.Cancel(); g.Cancel() })
						if waits {
							err := Sleep(time.Hour)
							isErr(t, "of the body's wait", err, ErrCancelled)
							return err
						}
						return nil
					})
					isErr(t, "error", err, nil)
					isSame(t, "cancelled", a.Cancelled(), true)
					isSame(t, "requests left", CurrentTask().(AnyTask).Cancelling(), 0)
					isErr(t, "of the next wait", Sleep(0), nil)
				})
			})
		}
	}
}

// After Cancel, errors still count, and so does a cancellation from elsewhere (python/cpython#155433).
func TestGroupCancelAndMore(t *testing.T) { // C10
	onLoop(t, func(l *EventLoop, _ *reportLog) {
		err := TaskGroup(func(g *Group) error {
			Spawn(g, stubborn(time.Hour, time.Minute, 0, errStructured))
			giveWay(t, 1)
			g.Cancel()
			return nil
		})
		isErr(t, "with an error", err, errStructured)
		for _, waits := range []bool{true, false} {
			err = Timeout(time.Minute, func() error {
				return TaskGroup(func(g *Group) error {
					Spawn(g, stubborn(time.Hour, time.Hour, 0, nil))
					giveWay(t, 1)
					g.Cancel()
					if waits {
						Sleep(time.Hour)
					}
					return nil
				})
			})
			isErr(t, "in a timeout", err, ErrTimeout)
			c := Go(func() error {
				return TaskGroup(func(g *Group) error {
					Spawn(g, stubborn(time.Hour, time.Hour, 0, nil))
					giveWay(t, 1)
					g.Cancel()
					if waits {
						Sleep(time.Hour)
					}
					return nil
				})
			})
			Sleep(time.Minute)
			c.Cancel("outside")
			_, err = c.Await()
			isSame(t, "error", fmt.Sprint(err), "asyncio: cancelled: outside")
		}
	})
}

// An eager child that ends inside Spawn does not disturb the body before its next wait.
func TestTaskGroupEager(t *testing.T) { // 134, 151
	for _, x := range []struct {
		name string
		f    func() (int, error)
		want error
	}{
		{"returns", func() (int, error) { return 1, nil }, nil},
		{"fails", func() (int, error) { return 0, errStructured }, errStructured},
		{"panics", func() (int, error) { panic(errStructured) }, errStructured},
		{"exits", func() (int, error) { runtime.Goexit(); return 0, nil }, ErrGoexit},
		{"cancels itself", func() (int, error) { CurrentTask().Cancel(); return 0, nil }, nil},
		{"cancels itself and waits", func() (int, error) { CurrentTask().Cancel(); return 0, Sleep(0) }, nil},
	} {
		for _, waits := range []bool{true, false} {
			t.Run(fmt.Sprint(x.name, waits), func(t *testing.T) {
				onLoop(t, func(l *EventLoop, _ *reportLog) {
					var second *Task[int]
					err := TaskGroup(func(g *Group) error {
						Spawn(g, x.f, Eager())
						second = Spawn(g, sleeper(time.Hour, 2), Eager())
						isSame(t, "second is cancelled", second.Cancelled(), false)
						isSame(t, "requests", CurrentTask().(AnyTask).Cancelling(), 0)
						if waits {
							return Sleep(time.Minute)
						}
						return nil
					})
					isErr(t, "error", err, x.want)
					isSame(t, "second is cancelled", second.Cancelled(), x.want != nil)
					isSame(t, "requests left", CurrentTask().(AnyTask).Cancelling(), 0)
					isErr(t, "of the next wait", Sleep(0), nil)
				})
			})
		}
	}
}

func TestTaskGroupBodyPanicsOrExits(t *testing.T) {
	for _, x := range []struct {
		name string
		end  func()
	}{
		{"panics", func() { panic("x") }},
		{"exits", runtime.Goexit},
	} {
		for _, failing := range []bool{false, true} {
			t.Run(fmt.Sprint(x.name, failing), func(t *testing.T) {
				onLoop(t, func(l *EventLoop, log *reportLog) {
					var r trail
					c := Go(func() error {
						defer func() {
							r.add("%v %d", l.Time(), CurrentTask().(AnyTask).Cancelling())
							isErr(t, "of a wait in a deferred function", Sleep(time.Minute), nil)
						}()
						return TaskGroup(func(g *Group) error {
							g.Go(func() error {
								err := Sleep(time.Hour)
								Sleep(time.Minute)
								r.add("child ends")
								return err
							})
							if failing {
								Spawn(g, failer(time.Minute, errStructured), WithName("failing"))
								Sleep(time.Hour)
							} else {
								Sleep(time.Minute)
							}
							x.end()
							return nil
						})
					})
					_, err := c.Await()
					if x.name == "panics" {
						p, _ := errors.AsType[*PanicError](err)
						isSame(t, "panic", p.Value, any("x"))
					} else {
						isErr(t, "error", err, ErrGoexit)
					}
					r.is(t, "child ends", "2m0s 0")
					reports := log.take()
					if !failing {
						isSame(t, "reports", len(reports), 0)
					} else if len(reports) != 1 || !errors.Is(reports[0].Err, errStructured) {
						t.Errorf("reported: %v", reports)
					}
				})
			})
		}
	}
}

// A group that has returned holds none of its tasks, and a task that has ended is not held by a group that goes on.
func TestTaskGroupHoldsNothing(t *testing.T) { // 140, 176
	onLoop(t, func(l *EventLoop, _ *reportLog) {
		var g *Group
		var ended weak.Pointer[Task[int]]
		TaskGroup(func(inner *Group) error {
			g = inner
			func() {
				a := Spawn(g, func() (int, error) { return 1, nil })
				Spawn(g, sleeper(time.Hour, 2))
				ended = weak.Make(a)
				a.Await()
			}()
			for range 100 {
				if runtime.GC(); ended.Value() == nil {
					break
				}
				giveWay(t, 5)
			}
			isSame(t, "a task that has ended is held", ended.Value() != nil, false)
			return nil
		})
		isSame(t, "what a group holds afterwards", *g, Group{loop: l, exiting: true})
	})
}

// A body that does not heed Run's final cancellation is unwound: that is reported once, and its tasks end.
func TestTaskGroupUnwoundAtTheEndOfRun(t *testing.T) {
	onLoop(t, func(l *EventLoop, log *reportLog) {
		var body, child *Task[struct{}]
		r := NewRunner(WithLoopFactory(func() *EventLoop {
			l := NewEventLoop()
			l.clock = NewVirtualClock()
			l.SetExceptionHandler(log.handle)
			return l
		}))
		onGoroutine(func() {
			RunIn(r, func() (int, error) {
				body = Go(func() error {
					return TaskGroup(func(g *Group) error {
						child = g.Go(func() error { return Sleep(1000 * time.Hour) })
						Sleep(time.Hour)
						Sleep(time.Minute)
						t.Error("the body went on")
						return nil
					})
				})
				giveWay(t, 2)
				return 0, nil
			})
			isErr(t, "Close", r.Close(), nil)
		})
		isErr(t, "of the task", body.Err(), ErrCancelled)
		isErr(t, "of its child", child.Err(), ErrCancelled)
		reports := log.take()
		isSame(t, "reports", len(reports), 1)
		isSame(t, "report is about", reports[0].Task, AnyTask(body))
	})
}

func TestTaskGroupOutsideOfATask(t *testing.T) {
	never := func(*Group) error { t.Error("the body was called"); return nil }
	isErr(t, "no loop", TaskGroup(never), ErrNotInTask)
	onLoop(t, func(l *EventLoop, _ *reportLog) {
		l.CallSoon(func() { isErr(t, "callback", TaskGroup(never), ErrNotInTask) })
		onGoroutine(func() { isErr(t, "goroutine", TaskGroup(never), ErrNotInTask) })
		giveWay(t, 1)
	})
}

// A task of a group that waits for the group's task would wait for itself.
func TestTaskGroupClosesRing(t *testing.T) { // C14
	onLoop(t, func(l *EventLoop, _ *reportLog) {
		var c *Task[struct{}]
		c = Go(func() error {
			return TaskGroup(func(g *Group) error {
				g.Go(func() error { _, err := c.Await(); return err })
				return nil
			})
		})
		_, err := c.Await()
		isErr(t, "error", err, ErrAwaitCycle)
	})
}

func BenchmarkTaskGroup10(b *testing.B) {
	Run(func() (int, error) {
		b.ReportAllocs()
		f := func() error { return nil }
		for i := 0; i < b.N; i += 10 {
			TaskGroup(func(g *Group) error {
				for range 10 {
					g.Go(f)
				}
				return nil
			})
		}
		return 0, nil
	})
}
