package asyncio

import "iter"

// A loop's tasks and callbacks run on coroutines, as iter.Pull makes them: of a loop's goroutines
// just one runs, and it says which one is next. That is a switch of the runtime's, without the
// scheduler, a channel, or another thread.
//
// iter.Pull joins two sides, and each of its switches exchanges the goroutine that
// runs for the one that stands in between: in the door, as it is called here. Nothing says that
// it always has to be the same two. Whoever runs may go through the door where the one stands that
// is to be next, and stands there then. So a task goes over to another with one switch instead of
// two by way of a third. There are as many doors as coroutines, and one goroutine more than
// that: the one that called Run, which is where the loop began. One runs, and in
// each door there stands one.

// door is one iter.Pull.
type door struct {
	inside *party
	next   func() (struct{}, bool)
	yield  func(struct{}) bool
	// yields says which of the two is due: they take turns.
	yields bool
}

func (d *door) pass() {
	if d.yields = !d.yields; d.yields {
		d.next()
	} else {
		d.yield(struct{}{})
	}
}

// party is one goroutine of a loop.
type party struct{ at *door } // nil: it is the one that runs

// coroutine makes a goroutine for body, which begins when somebody switches to p. It may only
// end when somebody who has come through the returned door, p's home, stands there:
// that one goes on then.
func coroutine(p *party, body func()) (home *door) {
	d := &door{inside: p}
	p.at = d
	d.next, _ = iter.Pull(func(yield func(struct{}) bool) {
		d.yield = yield
		body()
	})
	return d
}

// switchboard knows what a switch needs to know beside the two who take part.
type switchboard struct {
	// onward is whom the one who goes on has to switch to at once, because it was woken only to
	// make room in the door where it stood.
	onward *party
}

// change lets to go on, and returns when somebody lets from go on, who is the one that runs.
func (s *switchboard) change(from, to *party) {
	for {
		d := to.at
		d.inside, from.at, to.at = from, d, nil
		d.pass()
		if s.onward == nil {
			return
		}
		to, s.onward = s.onward, nil
	}
}

// goHome is change, but from is in its own door afterwards, and has to end when somebody
// lets it go on.
func (s *switchboard) goHome(from *party, home *door, to *party) {
	there := home.inside
	if there != to {
		s.onward = to
	}
	home.inside, from.at, there.at = from, home, nil
	home.pass()
}

// end has the coroutine that stands in its own door come to its end, and returns then.
func (d *door) end() {
	d.inside.at, d.inside = nil, nil
	d.pass()
}
