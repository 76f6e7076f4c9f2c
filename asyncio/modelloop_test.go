package asyncio

import (
	"cmp"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"time"
)

// modelWorld is a loop as plain as can be: queues are slices, tasks are goroutines that a channel lets
// go on, contexts are arrays.
type modelWorld struct {
	e     *execution
	clock time.Duration
	ready []func() // what is ready to go on
	inbox []func() // what is put into ready by the next turn
	due   []*modelTimer
	added int
	stop  bool

	running *modelActor
	caller  *modelActor
}

type modelTimer struct {
	when   time.Duration
	number int
	fire   func()
}

// modelContext is a context: who has it entered, and who wants to.
type modelContext struct {
	values  [modelVars]string
	holder  *modelActor
	waiting []func()
}

func (c *modelContext) leave() {
	c.holder = nil
	told := c.waiting
	c.waiting = nil
	for _, tell := range told {
		tell()
	}
}

// modelActor is a goroutine: of a task, of a callback, or the loop's caller.
type modelActor struct {
	stack       []*modelContext
	task        *modelTask
	eagerCaller *modelActor
	lender      *modelActor // of the first context of the stack
}

func (a *modelActor) current() *modelContext { return a.stack[len(a.stack)-1] }

// begin enters a's first context, and returns false if somebody else has, who does not lend it.
func (w *modelWorld) begin(a *modelActor) bool {
	c := a.stack[0]
	a.lender = nil
	if c.holder != nil {
		lenders := []*modelActor{w.caller}
		for e := a.eagerCaller; e != nil; e = e.eagerCaller {
			lenders = append(lenders, e)
		}
		if !slices.Contains(lenders, c.holder) {
			return false
		}
		a.lender = c.holder
	}
	c.holder = a
	return true
}

func (a *modelActor) end() {
	if c := a.stack[0]; a.lender != nil {
		c.holder = a.lender
	} else {
		c.leave()
	}
}

func runOnModel(program []step, lent bool) []string {
	w := &modelWorld{caller: &modelActor{stack: []*modelContext{newModelContext()}}}
	w.running = w.caller
	e := &execution{world: w}
	w.e = e
	for range 3 {
		e.places = append(e.places, newModelContext())
	}
	main := e.main(program)
	run := func() {
		t := w.newTask(main, nil)
		t.finished = append(t.finished, &modelWaiter{func() { w.stop = true }})
		w.ready = append(w.ready, t.run)
		w.loop()
		w.running = w.caller
	}
	if lent {
		w.run(e.places[0], run)
	} else {
		run()
	}
	for v := range modelVars {
		e.trace = append(e.trace, fmt.Sprint("afterwards ", w.get(v)))
	}
	for i, c := range e.places {
		for v := range modelVars {
			value := c.(*modelContext).values[v]
			has := value != "-"
			if !has {
				value = ""
			}
			e.trace = append(e.trace, fmt.Sprint("context ", i, " has ", v, " ", value, has))
		}
	}
	left := 0
	for _, p := range e.all[1:] {
		if !p.(*modelTask).done {
			left++
		}
	}
	e.trace = append(e.trace, fmt.Sprint(left, " tasks are left"))
	trace := e.trace
	for _, p := range e.all[1:] {
		if t := p.(*modelTask); !t.done && t.status != created { // for no goroutine to be left
			w.running = t.actor
			close(t.resume)
			<-t.yielded
		}
	}
	return trace
}

func newModelContext() *modelContext {
	c := new(modelContext)
	for v := range c.values {
		c.values[v] = "-"
	}
	return c
}

func (w *modelWorld) loop() {
	for !w.stop {
		for _, letter := range w.inbox {
			letter()
		}
		w.inbox = nil
		for len(w.due) > 0 && w.due[0].when <= w.clock {
			first := w.due[0]
			w.due = w.due[1:]
			first.fire()
		}
		if len(w.ready) == 0 {
			w.clock = w.due[0].when
			continue
		}
		batch := w.ready
		w.ready = nil
		for _, f := range batch {
			f()
		}
	}
}

func (w *modelWorld) at(when time.Duration, fire func()) *modelTimer {
	w.added++
	t := &modelTimer{when, w.added, fire}
	at, _ := slices.BinarySearchFunc(w.due, t, func(a, b *modelTimer) int {
		return cmp.Or(cmp.Compare(a.when, b.when), cmp.Compare(a.number, b.number))
	})
	w.due = slices.Insert(w.due, at, t)
	return t
}

func (w *modelWorld) remove(t *modelTimer) {
	w.due = slices.DeleteFunc(w.due, func(u *modelTimer) bool { return u == t })
}

func (w *modelWorld) now() time.Duration { return w.clock }
func (w *modelWorld) get(v int) string   { return w.running.current().values[v] }

func (w *modelWorld) set(v int, value string) (restore func() bool) {
	c := w.running.current()
	old, used := c.values[v], false
	c.values[v] = value
	return func() bool {
		if used || w.running.current() != c {
			return false
		}
		used = true
		c.values[v] = old
		return true
	}
}

func (w *modelWorld) unset(v int) (restore func() bool) { return w.set(v, "-") }

func (w *modelWorld) copyContext() place {
	c := newModelContext()
	c.values = w.running.current().values
	return c
}

func (w *modelWorld) run(c place, f func()) (entered bool) {
	to, a := c.(*modelContext), w.running
	if to.holder != nil {
		return false
	}
	to.holder = a
	a.stack = append(a.stack, to)
	defer func() {
		a.stack = a.stack[:len(a.stack)-1]
		to.leave()
	}()
	f()
	return true
}

func (w *modelWorld) detach(f func())   { w.run(newModelContext(), f) }
func (w *modelWorld) labelled(f func()) { f() }

// call schedules a callback.
func (w *modelWorld) call(how string, f func(), c place) (cancel func()) {
	h := w.newCall(f, c)
	var d int
	switch {
	case how == "soon":
		w.ready = append(w.ready, h.run)
		return h.cancel
	case how == "letter":
		w.inbox = append(w.inbox, func() { w.ready = append(w.ready, h.run) })
		return nil
	}
	fmt.Sscanf(how, "later %d", &d)
	timer := w.at(w.clock+time.Duration(d)*time.Second, func() { w.ready = append(w.ready, h.run) })
	return func() {
		h.cancel()
		w.remove(timer)
	}
}

type modelCall struct {
	w *modelWorld
	f func()
	a *modelActor
}

func (w *modelWorld) newCall(f func(), c place) *modelCall {
	if c == nil {
		c = w.copyContext()
	}
	return &modelCall{w, f, &modelActor{stack: []*modelContext{c.(*modelContext)}}}
}

func (h *modelCall) cancel() { h.f = nil }

func (h *modelCall) run() {
	w, f := h.w, h.f
	if f == nil {
		return
	}
	if !w.begin(h.a) {
		c := h.a.stack[0]
		c.waiting = append(c.waiting, func() {
			w.inbox = append(w.inbox, func() { w.ready = append(w.ready, h.run) })
		})
		return
	}
	h.f = nil
	w.running = h.a
	done := make(chan bool)
	outcome := "goexit"
	go func() { // since f may call Goexit
		defer close(done)
		defer func() {
			if p := recover(); p == "p" {
				outcome = "panic"
			} else if p != nil {
				panic(p)
			}
		}()
		f()
		outcome = modelOutcome
	}()
	<-done
	if outcome != modelOutcome {
		values := h.a.current().values
		w.e.trace = append(w.e.trace, fmt.Sprintf("%v %q reported: %s", w.clock, values[:], outcome))
	}
	h.a.end()
}

// modelFuture is a future, or a task's result.
type modelFuture struct {
	w        *modelWorld
	done     bool
	outcome  string
	finished []*modelWaiter
}

type modelWaiter struct{ tell func() }

func (w *modelWorld) future() promise { return &modelFuture{w: w} }

func (f *modelFuture) settle(outcome string) {
	f.done, f.outcome = true, outcome
	for len(f.finished) > 0 {
		first := f.finished[0]
		f.finished = f.finished[1:]
		first.tell()
	}
}

func (f *modelFuture) set(outcome string) bool {
	if f.done {
		return false
	}
	f.settle(outcome)
	return true
}

func (f *modelFuture) cancel(message string) bool { return f.set("cancelled " + message) }
func (f *modelFuture) uncancel() int              { panic("uncancel of a future") }
func (f *modelFuture) context() place             { panic("context of a future") }
func (f *modelFuture) await() string              { return f.w.await(f, f) }

func (f *modelFuture) state() string {
	switch {
	case !f.done:
		return "pending"
	case strings.HasPrefix(f.outcome, "cancelled "):
		return "cancelled"
	}
	return "done"
}

func (f *modelFuture) whenDone(call func(), c place) (cancel func()) {
	h := f.w.newCall(call, c)
	waiter := &modelWaiter{func() { f.w.ready = append(f.w.ready, h.run) }}
	if f.done {
		waiter.tell()
	} else {
		f.finished = append(f.finished, waiter)
	}
	return func() {
		h.cancel()
		f.forget(waiter)
	}
}

func (f *modelFuture) forget(w *modelWaiter) {
	f.finished = slices.DeleteFunc(f.finished, func(v *modelWaiter) bool { return v == w })
}

// modelTask is a task.
type modelTask struct {
	modelFuture
	f          func() string
	actor      *modelActor
	status     status
	blocked    bool
	on         promise // what it waits for
	mustCancel bool
	message    string
	cancels    int
	resume     chan bool
	yielded    chan bool
	known      bool // somebody has its context
}

func (w *modelWorld) newTask(f func() string, c place) *modelTask {
	t := &modelTask{f: f, known: c != nil, resume: make(chan bool), yielded: make(chan bool)}
	t.w = w
	if c == nil {
		c = w.copyContext()
	}
	t.actor = &modelActor{stack: []*modelContext{c.(*modelContext)}, task: t}
	return t
}

func (w *modelWorld) task(f func() string, c place, eager bool) promise {
	t := w.newTask(f, c)
	w.e.all = append(w.e.all, t)
	if !eager {
		w.ready = append(w.ready, t.run)
		return t
	}
	creator := w.running
	t.actor.eagerCaller = creator
	t.run()
	t.actor.eagerCaller = nil
	w.running = creator
	return t
}

func (w *modelWorld) self() promise {
	if t := w.running.task; t != nil {
		return t
	}
	return nil
}

// run begins with the task, or goes on with it.
func (t *modelTask) run() {
	w := t.w
	if t.status == created && t.mustCancel {
		t.mustCancel = false
		t.finish("cancelled " + t.message)
		return
	}
	if !w.begin(t.actor) {
		t.blocked = true
		c := t.actor.stack[0]
		c.waiting = append(c.waiting, func() { w.inbox = append(w.inbox, t.unblock) })
		return
	}
	w.running = t.actor
	if t.status == created {
		t.status = running
		go t.main()
	} else {
		t.status = running
		t.resume <- true
	}
	<-t.yielded
}

func (t *modelTask) unblock() {
	if t.blocked {
		t.blocked = false
		t.w.ready = append(t.w.ready, t.run)
	}
}

func (t *modelTask) main() {
	outcome := "goexit"
	defer func() {
		t.finish(outcome)
		t.actor.end()
		t.yielded <- true
	}()
	defer func() {
		if p := recover(); p == "p" {
			outcome = "panic"
		} else if p != nil {
			panic(p)
		}
	}()
	outcome = t.f()
}

func (t *modelTask) finish(outcome string) {
	if outcome == modelOutcome && t.mustCancel {
		outcome = "cancelled " + t.message
	}
	t.status = finished
	t.settle(outcome)
}

// suspend lets the loop go on.
func (t *modelTask) suspend() {
	t.actor.end()
	t.yielded <- true
	if !<-t.resume {
		runtime.Goexit()
	}
}

func (t *modelTask) wake() {
	if t.status == parked {
		t.status = scheduled
		t.w.ready = append(t.w.ready, t.run)
	}
}

func (t *modelTask) delivered(otherwise string) string {
	if t.mustCancel {
		t.mustCancel = false
		return "cancelled " + t.message
	}
	return otherwise
}

func (t *modelTask) park(on promise) {
	t.on, t.status = on, parked
	if t.mustCancel {
		t.mustCancel = false
		t.request(t.message)
	}
	t.suspend()
	t.on = nil
}

func (w *modelWorld) sleep(d time.Duration) string {
	t := w.running.task
	switch {
	case t == nil:
		return "not in a task"
	case d == 0:
		t.status = scheduled
		w.ready = append(w.ready, t.run)
		t.suspend()
	default:
		timer := w.at(w.clock+d, t.wake)
		t.park(nil)
		w.remove(timer)
	}
	return t.delivered(modelOutcome)
}

func (w *modelWorld) await(f *modelFuture, as promise) string {
	if f.done {
		return f.outcome
	}
	t := w.running.task
	if t == nil {
		return "not in a task"
	}
	waiter := &modelWaiter{t.wake}
	f.finished = append(f.finished, waiter)
	t.park(as)
	f.forget(waiter)
	return t.delivered(f.outcome)
}

func (t *modelTask) await() string   { return t.w.await(&t.modelFuture, t) }
func (t *modelTask) set(string) bool { panic("set of a task") }

func (t *modelTask) cancel(message string) bool {
	if t.done {
		return false
	}
	t.cancels++
	t.request(message)
	return true
}

func (t *modelTask) request(message string) {
	if t.status == parked && t.on != nil && t.on.cancel(message) {
		return
	}
	t.mustCancel, t.message = true, message
	t.wake()
	if t.status == created {
		t.unblock()
	}
}

func (t *modelTask) uncancel() int {
	if t.cancels > 0 {
		if t.cancels--; t.cancels == 0 {
			t.mustCancel = false
		}
	}
	return t.cancels
}

func (t *modelTask) state() string { return fmt.Sprint(t.modelFuture.state(), " ", t.cancels) }

func (t *modelTask) context() place {
	if !t.known && t.status == finished {
		return nil
	}
	t.known = true
	return t.actor.stack[0]
}
