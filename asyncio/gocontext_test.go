package asyncio

import (
	"context"
	"errors"
	"testing"
	"time"
)

func TestContextIsDoneWhenCancelled(t *testing.T) {
	onLoop(t, func(l *EventLoop, _ *reportLog) {
		var ctx context.Context
		c := Go(func() error {
			ctx = Context()
			isSame(t, "asked again", Context(), ctx)
			return Sleep(time.Hour)
		})
		giveWay(t, 1)
		isErr(t, "before", ctx.Err(), nil)
		c.Cancel("why")
		<-ctx.Done() // at once
		isErr(t, "after", ctx.Err(), context.Canceled)
		cause, _ := errors.AsType[*CancelledError](context.Cause(ctx))
		isSame(t, "cause", cause, &CancelledError{"why"})
		c.Await()
	})
}

func TestContextIsDoneWhenTheTaskEnds(t *testing.T) {
	onLoop(t, func(l *EventLoop, _ *reportLog) {
		ctx, err := CreateTask(func() (context.Context, error) { return Context(), nil }).Await()
		isErr(t, "of the task", err, nil)
		isErr(t, "after", ctx.Err(), context.Canceled)
		isSame(t, "cause", context.Cause(ctx), context.Canceled)
	})
}

func TestContextAfterUncancel(t *testing.T) { // C6
	onLoop(t, func(l *EventLoop, _ *reportLog) {
		c := Go(func() error {
			me := CurrentTask().(AnyTask)
			first := Context()
			Sleep(time.Hour)
			isSame(t, "cancelled, asked again", Context(), first)
			isErr(t, "cancelled", first.Err(), context.Canceled)
			me.Uncancel()
			second := Context()
			isErr(t, "a new one", second.Err(), nil)
			isErr(t, "the old one", first.Err(), context.Canceled)
			me.Cancel("twice")
			me.Cancel("really")
			me.Uncancel()
			isErr(t, "one request is left", Context().Err(), context.Canceled)
			me.Uncancel()
			return Context().Err()
		})
		giveWay(t, 1)
		c.Cancel()
		_, err := c.Await()
		isErr(t, "error", err, nil)
	})
}

// Asked for the first time when it is cancelled already, it is done.
func TestContextOfCancelledTask(t *testing.T) {
	onLoop(t, func(l *EventLoop, _ *reportLog) {
		c := Go(func() error {
			isErr(t, "of the wait", Sleep(time.Hour), ErrCancelled)
			ctx := Context()
			isErr(t, "error", ctx.Err(), context.Canceled)
			isSame(t, "cause", context.Cause(ctx).Error(), "asyncio: cancelled: before")
			return nil
		})
		giveWay(t, 1)
		c.Cancel("before")
		c.Await()
		f := NewFuture[int]()
		c = Go(func() error { // that the cancellation was passed on makes no difference
			_, err := f.Await()
			isSame(t, "cause", context.Cause(Context()).Error(), "asyncio: cancelled: passed on")
			return err
		})
		giveWay(t, 1)
		c.Cancel("passed on")
		c.Await()
	})
}

func TestContextInTimeout(t *testing.T) {
	onLoop(t, func(l *EventLoop, _ *reportLog) {
		outer := Context()
		var inner context.Context
		err := Timeout(time.Minute, func() error {
			inner = Context()
			return Sleep(time.Hour)
		})
		isErr(t, "error", err, ErrTimeout)
		isSame(t, "one and the same", inner, outer)
		isErr(t, "done", inner.Err(), context.Canceled)
		isErr(t, "a new one", Context().Err(), nil)
	})
}

func TestContextOutsideOfATask(t *testing.T) {
	isSame(t, "no loop", Context(), context.Background())
	onLoop(t, func(l *EventLoop, _ *reportLog) {
		l.CallSoon(func() { isSame(t, "callback", Context(), context.Background()) })
		onGoroutine(func() { isSame(t, "goroutine", Context(), context.Background()) })
		giveWay(t, 1)
	})
}

func TestContextInToThread(t *testing.T) {
	onLoop(t, func(l *EventLoop, _ *reportLog) {
		stopped := NewFuture[error]()
		c := Go(func() error {
			ctx := Context()
			_, err := ToThread(func() (int, error) {
				<-ctx.Done()
				stopped.SetResult(context.Cause(ctx))
				return 0, ctx.Err()
			})
			return err
		})
		giveWay(t, 1)
		c.Cancel("stop")
		_, err := c.Await()
		isErr(t, "of the task", err, ErrCancelled)
		cause, _ := stopped.Await()
		isErr(t, "seen on the goroutine", cause, ErrCancelled)
	})
}
