package asyncio

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
)

// Random programs are run twice: by a loop, and by a plain model of one (modelloop_test.go). What they
// see and when has to be the same, to the last step.

// world is what a program acts on. Outcomes are texts, so that two worlds can be compared.
type world interface {
	now() time.Duration
	get(v int) string
	set(v int, value string) (restore func() bool)
	unset(v int) (restore func() bool)
	copyContext() place
	run(c place, f func()) (entered bool)
	detach(f func())
	labelled(f func()) // in a foreign pprof.Do

	sleep(d time.Duration) (outcome string)
	task(f func() (outcome string), in place, eager bool) promise
	self() promise // nil in a callback
	future() promise
	call(how string, f func(), in place) (cancel func())
}

// place is a context; nil: a copy of the current one.
type place interface{}

// promise is a future or task.
type promise interface {
	await() (outcome string)
	set(outcome string) bool // a future's
	cancel(message string) bool
	uncancel() int
	state() string
	context() place
	whenDone(f func(), in place) (cancel func())
}

const (
	modelVars    = 3
	modelOutcome = "ok"
)

// step is one thing that a program does, with programs in it.
type step struct {
	kind  string
	x, y  int
	inner []step
}

// generator of random programs.
type programmer struct {
	*rand.Rand
	left int // how many steps may be written yet
}

var kinds = []string{
	"get", "set", "set", "unset", "restore", "restore any",
	"sleep", "sleep", "sleep 0", "await", "await", "await future", "set future", "cancel future",
	"task", "task", "task", "eager", "eager", "task in", "eager in", "task in mine", "eager in mine",
	"soon", "soon in", "letter", "later", "later in", "done callback", "cancel call",
	"cancel", "cancel", "cancel myself", "uncancel", "cancel any",
	"run", "run", "run child's", "detach", "labelled",
	"fail", "panic", "goexit", "pass on",
}

func (p *programmer) program(depth int) []step {
	var steps []step
	for range 1 + p.IntN(7) {
		if p.left == 0 {
			break
		}
		p.left--
		s := step{kind: kinds[p.IntN(len(kinds))], x: p.IntN(1000), y: p.IntN(1000)}
		switch ends := s.kind == "fail" || s.kind == "panic" || s.kind == "goexit"; {
		case ends && p.IntN(3) > 0:
			s.kind = "get"
		case depth > 0:
			s.inner = p.program(depth - 1)
		}
		steps = append(steps, s)
	}
	return steps
}

// run is one execution of a program.
type execution struct {
	world
	trace   []string
	places  []place
	held    []place // for Context not to depend on collections
	futures []promise
	all     []promise // tasks, in the order of their creation
	actors  int
}

// actor is a task or callback of an execution.
type actor struct {
	*execution
	number  int
	undo    []func() bool
	calls   []func()
	tasks   []promise
	outcome string // of the last wait
}

func (e *execution) newActor() *actor {
	e.actors++
	return &actor{execution: e, number: e.actors}
}

func (a *actor) note(format string, args ...any) {
	var values []string
	for v := range modelVars {
		values = append(values, a.get(v))
	}
	self := "callback"
	if p := a.self(); p != nil {
		self = p.state()
	}
	what := fmt.Sprintf(format, args...)
	a.trace = append(a.trace, fmt.Sprintf("%v #%d %s %q: %s", a.now(), a.number, self, values, what))
}

// body returns what a task does.
func (e *execution) body(program []step) func() string {
	a := e.newActor()
	return func() (outcome string) {
		a.note("begins")
		defer func() { a.note("ends") }()
		return a.exec(program)
	}
}

// callback returns what a callback does.
func (e *execution) callback(program []step) func() {
	a := e.newActor()
	return func() {
		a.note("is called")
		a.exec(program)
		a.note("has returned")
	}
}

// in returns one of the contexts that everybody knows.
func (a *actor) in(n int) place { return a.places[n%len(a.places)] }

// exec does the steps, and returns an outcome other than ok to end the program early.
func (a *actor) exec(program []step) string {
	for _, s := range program {
		text := ""
		switch s.kind {
		case "set":
			a.undo = append(a.undo, a.set(s.x%modelVars, fmt.Sprint(a.number, "-", s.y)))
		case "unset":
			a.undo = append(a.undo, a.unset(s.x%modelVars))
		case "restore":
			if n := len(a.undo); n > 0 {
				text = fmt.Sprint(a.undo[n-1]())
				a.undo = a.undo[:n-1]
			}
		case "restore any":
			if n := len(a.undo); n > 0 {
				text = fmt.Sprint(a.undo[s.x%n]())
			}
		case "sleep":
			text = a.wait(a.sleep(time.Duration(1+s.x%5) * time.Second))
		case "sleep 0":
			text = a.wait(a.sleep(0))
		case "await":
			if n := len(a.tasks); n > 0 {
				text = a.wait(a.tasks[s.x%n].await())
			}
		case "await future":
			text = a.wait(a.futures[s.x%len(a.futures)].await())
		case "set future":
			text = fmt.Sprint(a.futures[s.x%len(a.futures)].set(fmt.Sprint("set by ", a.number)))
		case "cancel future":
			text = fmt.Sprint(a.futures[s.x%len(a.futures)].cancel("by " + fmt.Sprint(a.number)))
		case "task":
			a.create(a.task(a.body(s.inner), nil, false))
		case "eager":
			a.create(a.task(a.body(s.inner), nil, true))
		case "task in":
			a.create(a.task(a.body(s.inner), a.in(s.x), false))
		case "eager in":
			a.create(a.task(a.body(s.inner), a.in(s.x), true))
		case "task in mine", "eager in mine":
			if me := a.self(); me != nil {
				c := me.context()
				a.held = append(a.held, c)
				a.create(a.task(a.body(s.inner), c, s.kind[0] == 'e'))
			}
		case "soon":
			a.calls = append(a.calls, a.call("soon", a.callback(s.inner), nil))
		case "soon in":
			a.calls = append(a.calls, a.call("soon", a.callback(s.inner), a.in(s.x)))
		case "letter":
			a.call("letter", a.callback(s.inner), nil)
		case "later":
			a.calls = append(a.calls, a.call(fmt.Sprint("later ", s.x%4), a.callback(s.inner), nil))
		case "later in":
			a.calls = append(a.calls, a.call(fmt.Sprint("later ", s.x%4), a.callback(s.inner), a.in(s.y)))
		case "done callback":
			p := a.futures[s.x%len(a.futures)]
			if n := len(a.tasks); n > 0 && s.y%3 > 0 {
				p = a.tasks[s.x%n]
			}
			c := place(nil)
			if s.y%4 == 0 {
				c = a.in(s.x)
			}
			a.calls = append(a.calls, p.whenDone(a.callback(s.inner), c))
		case "cancel call":
			if n := len(a.calls); n > 0 {
				a.calls[s.x%n]()
			}
		case "cancel":
			if n := len(a.tasks); n > 0 {
				text = fmt.Sprint(a.tasks[s.x%n].cancel("by " + fmt.Sprint(a.number)))
			}
		case "cancel any":
			p := a.all[s.x%len(a.all)]
			if p == a.all[0] {
				break // main has to come to its end
			}
			text = fmt.Sprint(p.cancel("by " + fmt.Sprint(a.number)))
		case "cancel myself", "uncancel":
			if me := a.self(); me != nil && me != a.all[0] {
				if s.kind == "uncancel" {
					text = fmt.Sprint(me.uncancel())
				} else {
					text = fmt.Sprint(me.cancel("myself"))
				}
			}
		case "run":
			text = a.inside(s, func(f func()) bool { return a.run(a.in(s.x), f) })
		case "run child's":
			if n := len(a.tasks); n > 0 {
				c := a.tasks[s.x%n].context()
				if c == nil {
					text = "there is none"
					break
				}
				a.places = append(a.places, c)
				text = a.inside(s, func(f func()) bool { return a.run(c, f) })
			}
		case "detach":
			text = a.inside(s, func(f func()) bool { a.detach(f); return true })
		case "labelled":
			text = a.inside(s, func(f func()) bool { a.labelled(f); return true })
		case "fail":
			return "boom"
		case "panic":
			panic("p")
		case "goexit":
			runtime.Goexit()
		case "pass on":
			if strings.HasPrefix(a.outcome, "cancelled") {
				return a.outcome
			}
		}
		if strings.HasPrefix(text, "end: ") {
			return text[5:]
		}
		a.note("%s %s", s.kind, text)
	}
	return modelOutcome
}

func (a *actor) wait(outcome string) string {
	a.outcome = outcome
	return outcome
}

func (a *actor) create(p promise) { a.tasks = append(a.tasks, p) }

// inside does the inner steps by run; it returns what is to be noted.
func (a *actor) inside(s step, run func(f func()) bool) string {
	outcome := ""
	entered := run(func() {
		a.note("inside")
		outcome = a.exec(s.inner)
	})
	switch {
	case !entered:
		return "is entered"
	case outcome != modelOutcome:
		return "end: " + outcome
	}
	return "left"
}

// main has a task do the program, and lets all come to an end but for those who wait for one another.
func (e *execution) main(program []step) func() string {
	e.futures = make([]promise, 4)
	return func() string {
		for i := range e.futures {
			e.futures[i] = e.future()
		}
		e.all = append(e.all, e.self())
		e.task(e.body(program), nil, false)
		for range 50 {
			e.sleep(100 * time.Second)
			for _, f := range e.futures {
				f.set("at last")
			}
		}
		return modelOutcome
	}
}

func TestAgainstModel(t *testing.T) {
	n := uint64(3000)
	if testing.Short() || raceEnabled {
		n = 300
	}
	for seed := range n {
		p := &programmer{rand.New(rand.NewPCG(seed, 4)), 150}
		program := p.program(4)
		lent := seed%3 == 0
		want := runOnModel(program, lent)
		got := runOnLoop(t, program, lent)
		if !slices.Equal(got, want) {
			at := 0
			for at < len(got) && at < len(want) && got[at] == want[at] {
				at++
			}
			from := max(0, at-25)
			lines := func(steps []string) string { return strings.Join(steps, "\n") }
			t.Fatalf("seed %d, step %d of %d: before:\n%s\ngot:\n%s\nwant:\n%s", seed, at, len(want), lines(want[from:at]),
				lines(got[at:min(at+3, len(got))]), lines(want[at:min(at+3, len(want))]))
		}
		if seed == 0 {
			t.Logf("%d steps, the last one %s", len(want), want[len(want)-1])
		}
	}
}

// outcomeOf and errorOf translate.
func outcomeOf(err error) string {
	var c *CancelledError
	var p *PanicError
	switch {
	case err == nil:
		return modelOutcome
	case errors.As(err, &c):
		return "cancelled " + c.Message
	case errors.As(err, &p):
		return "panic"
	case errors.Is(err, ErrGoexit):
		return "goexit"
	case errors.Is(err, ErrNotInTask):
		return "not in a task"
	}
	return err.Error()
}

func errorOf(outcome string) error {
	switch message, cancelled := strings.CutPrefix(outcome, "cancelled "); {
	case outcome == modelOutcome:
		return nil
	case cancelled:
		return fmt.Errorf("wrapped: %w", &CancelledError{message})
	}
	return errors.New(outcome)
}
