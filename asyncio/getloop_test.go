package asyncio

import (
	"testing"

	"github.com/gocontextvars/contextvars"
)

// detached calls f where no loop is set.
func detached(f func()) { contextvars.Detach(f) }

func TestGetEventLoop(t *testing.T) {
	detached(func() {
		l := GetEventLoop()
		defer l.Close()
		isSame(t, "the same again", GetEventLoop() == l, true)
		isSame(t, "it does not run", l.IsRunning() || l.IsClosed(), false)
		onGoroutine(func() { isSame(t, "in a goroutine that was started", GetEventLoop() == l, true) })
		contextvars.NewContext().Run(func() {
			other := GetEventLoop()
			isSame(t, "in another context", other != l, true)
			isErr(t, "Close", other.Close(), nil)
			isSame(t, "a closed one", GetEventLoop() == other, true)
		})
		_, err := RunUntilComplete(l, func() (int, error) {
			isSame(t, "in a task", GetEventLoop() == l, true)
			SetEventLoop(NewEventLoop())
			isSame(t, "in a task, whatever is set", GetEventLoop() == l, true)
			l.CallSoon(func() { isSame(t, "in a callback", GetEventLoop() == l, true) })
			return 0, Sleep(0)
		})
		isErr(t, "RunUntilComplete", err, nil)
		isSame(t, "afterwards", GetEventLoop() == l, true)
	})
}

func TestSetEventLoop(t *testing.T) { // 182
	detached(func() {
		SetEventLoop(nil)
		SetEventLoop(nil)
		l := NewEventLoop()
		defer l.Close()
		SetEventLoop(l)
		isSame(t, "the one that was set", GetEventLoop() == l, true)
		SetEventLoop(nil)
		other := GetEventLoop()
		defer other.Close()
		isSame(t, "after nil", other != l && other != nil, true)
		// Run has a loop of its own, and leaves this one alone.
		_, err := Run(func() (int, error) {
			isSame(t, "in Run", GetEventLoop() != other, true)
			return 0, nil
		})
		isErr(t, "Run", err, nil)
		isSame(t, "after Run", GetEventLoop() == other && !other.IsClosed(), true)
	})
}
