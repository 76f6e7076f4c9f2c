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

// party is one goroutine of a loop.
type party struct{ at *door } // nil: it is the one that runs

// coroutine makes a goroutine for body, which begins when somebody switches to p. It may only
// end after exit.
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
	// route has the doors that those who come to run have to go through at once, one each: they were
	// woken only to stand elsewhere.
	route []*door
	// errand, if not nil, is what they have to do before.
	errand func()
}

// change lets to go on, and returns when somebody lets from go on, who is the one that runs.
func (s *switchboard) change(from, to *party) { s.through(from, to.at) }

func (s *switchboard) through(from *party, d *door) {
	if d.enter(from) {
		d.next()
	} else {
		d.yield(struct{}{})
	}
	if len(s.route) > 0 {
		s.onward(from)
	}
}

// enter puts from, who runs, in the place of the one who stands in the door, and reports whether he has
// to go through by next, and not by yield. Who switches often does that in place instead of calling
// through: a processor predicts that a function returns to where it was last called from, and after a switch
// of stacks that is wrong for each function on the way back. That costs more than
// what these functions do.
func (d *door) enter(from *party) (byNext bool) {
	d.inside.at, d.inside, from.at = nil, from, d
	d.yields = !d.yields
	return d.yields
}

// onward is for those who were woken only to go through another door.
func (s *switchboard) onward(from *party) {
	if s.errand != nil {
		s.errand()
	}
	s.through(from, s.leg())
}

// leg takes the first door of the route out.
func (s *switchboard) leg() *door {
	d := s.route[0]
	s.route[0] = nil // it may be that of a coroutine which has ended
	s.route = s.route[1:]
	return d
}

// callOn has errand called on the goroutine of to, which stands still, by from, which runs. It must not panic.
func (s *switchboard) callOn(from, to *party, errand func()) {
	s.route, s.errand = []*door{to.at}, errand
	s.change(from, to)
	s.errand = nil
}

// exit is what a coroutine calls last, with its own door: to goes on when it has ended.
func (s *switchboard) exit(home *door, to *party) {
	p := home.inside
	home.inside, p.at = nil, nil
	if p != to {
		s.route = []*door{to.at}
	}
}

// muffle is for a coroutine that is about to end by runtime.Goexit. iter.Pull hands that on to the one who
// stands in its door, if he came there by next; so by's goes there by yield. by must
// stand in another door.
func (s *switchboard) muffle(from *party, home *door, by *party) {
	if !home.yields {
		return // that was yield, the last time
	}
	// Through by's door; then by goes through home, and who was there through by's, where from is.
	s.route = []*door{home, by.at}
	s.change(from, by)
}
