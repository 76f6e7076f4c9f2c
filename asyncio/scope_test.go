package asyncio

import (
	"testing"
	"time"
)

// A cancellation that was swallowed before is no business of a Timeout or TaskGroup that begins later.
func TestScopesAfterASwallowedCancellation(t *testing.T) { // C5, C9, C10
	onLoop(t, func(l *EventLoop, _ *reportLog) {
		c := Go(func() error {
			isErr(t, "of the wait", Sleep(time.Hour), ErrCancelled)
			me := CurrentTask().(AnyTask)
			clean := func(what string, err, want error) {
				isErr(t, what, err, want)
				isSame(t, what+": requests", me.Cancelling(), 1)
				isErr(t, what+": next wait", Sleep(time.Minute), nil)
			}
			clean("timeout", Timeout(time.Minute, timeoutBody{sleep: time.Hour}.run), ErrTimeout)
			clean("group", TaskGroup(func(g *Group) error {
				Spawn(g, failer(time.Minute, errStructured))
				return nil
			}), errStructured)
			clean("cancelled group", TaskGroup(func(g *Group) error {
				Spawn(g, sleeper(time.Hour, 1))
				g.Cancel()
				return Sleep(time.Hour)
			}), nil)
			clean("cancelled group that has nothing", TaskGroup(func(g *Group) error { g.Cancel(); return nil }), nil)
			clean("timeout of a group", Timeout(time.Minute, func() error {
				return TaskGroup(func(g *Group) error { Spawn(g, sleeper(time.Hour, 1)); return nil })
			}), ErrTimeout)
			return nil
		})
		giveWay(t, 1)
		c.Cancel()
		_, err := c.Await()
		isErr(t, "error", err, nil)
	})
}
