package asyncio

import "testing"

func TestEventThatIsSet(t *testing.T) {
	onLoop(t, func(l *EventLoop, _ *reportLog) {
		var e Event
		isSame(t, "set", e.IsSet(), false)
		e.Set()
		e.Set()
		isSame(t, "set", e.IsSet(), true)
		syncAtOnce(t, "Wait", e.Wait)
		l.CallSoon(func() { isErr(t, "in a callback", e.Wait(), nil) })
		giveWay(t, 1)
		e.Clear()
		e.Clear()
		isSame(t, "set", e.IsSet(), false)
	})
}

func TestEventWakesAllInOrder(t *testing.T) {
	onLoop(t, func(*EventLoop, *reportLog) {
		e := NewEvent()
		var order trail
		for _, name := range []string{"a", "b", "c"} {
			Go(func() error {
				order.add("%s %v", name, e.Wait())
				return nil
			})
		}
		giveWay(t, 1)
		e.Set()
		order.is(t)
		giveWay(t, 1)
		order.is(t, "a <nil>", "b <nil>", "c <nil>")
	})
}

// Who waited at the Set goes on, also if Clear comes before; who comes after Clear waits for the next one.
func TestEventClearedAtOnce(t *testing.T) {
	onLoop(t, func(*EventLoop, *reportLog) {
		e := NewEvent()
		early := Go(e.Wait)
		giveWay(t, 1)
		e.Set()
		e.Clear()
		late := Go(e.Wait)
		e.Set()
		e.Clear()
		giveWay(t, 2)
		isSame(t, "early", early.Done(), true)
		isSame(t, "late", late.Done(), false)
		e.Set()
		_, err := late.Await()
		isErr(t, "late", err, nil)
		e.line.isEmpty(t, "Wait")
	})
}
