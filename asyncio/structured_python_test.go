package asyncio

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

// What CPython makes of random programs, these functions have to make of them, too: the same things at the same
// time, task by task. testdata/structured.py has written the programs and what CPython did.

type pythonCase struct {
	Program struct {
		Body    *pythonNode
		Cancels []pythonNode
	}
	Log map[string][]string
}

type pythonNode struct {
	Op, Name   string
	D          *int64 // microseconds; -1 is none
	When       ReturnWhen
	Body, Then *pythonNode
	Items      []*pythonNode
}

func (n *pythonNode) duration() time.Duration {
	if n.D == nil || *n.D < 0 {
		return NoTimeout
	}
	return time.Duration(*n.D) * time.Microsecond
}

type pythonFailure string

func (f pythonFailure) Error() string { return string(f) }

// pythonRun is one run of a program.
type pythonRun struct {
	loop  *EventLoop
	log   map[string][]string
	tasks map[string]*Task[int]
}

func (r *pythonRun) note(what string) {
	t := CurrentTask().(AnyTask)
	line := fmt.Sprintf("%d %s %d", r.loop.Time().Microseconds(), what, t.Cancelling())
	r.log[t.Name()] = append(r.log[t.Name()], line)
}

func pythonError(err error) string {
	if err == nil {
		return "ok"
	}
	if g, ok := err.(*GroupError); ok {
		var all []string
		for _, err := range g.Errors {
			all = append(all, pythonError(err))
		}
		slices.Sort(all)
		return "[" + strings.Join(all, " ") + "]"
	}
	if isCancelled(err) {
		return "cancelled"
	}
	if errors.Is(err, ErrTimeout) {
		return "timeout"
	}
	return err.Error()
}

func (r *pythonRun) start(n *pythonNode, create func(func() (int, error), ...CallOption) *Task[int]) *Task[int] {
	t := create(func() (int, error) {
		err := r.do(n.Body)
		r.note("end " + pythonError(err))
		return 0, err
	}, WithName(n.Name))
	r.tasks[n.Name] = t
	return t
}

func (r *pythonRun) do(n *pythonNode) error {
	err := r.one(n)
	r.note(n.Op + " " + pythonError(err))
	return err
}

func (r *pythonRun) one(n *pythonNode) error {
	start := func(n *pythonNode) *Task[int] { return r.start(n, CreateTask) }
	all := func() (tasks []*Task[int]) {
		for _, n := range n.Items {
			tasks = append(tasks, start(n))
		}
		return tasks
	}
	switch n.Op {
	case "sleep":
		return Sleep(n.duration())
	case "fail":
		return pythonFailure(n.Name)
	case "uncancel":
		CurrentTask().(AnyTask).Uncancel()
	case "seq":
		for _, x := range n.Items {
			if err := r.do(x); err != nil {
				return err
			}
		}
	case "swallow", "reraise":
		err := r.do(n.Body)
		if !isCancelled(err) {
			return err
		}
		if err := r.do(n.Then); err != nil || n.Op == "swallow" {
			return err
		}
		return err
	case "except":
		if err := r.do(n.Body); isCancelled(err) {
			return err
		}
	case "timeout":
		return Timeout(n.duration(), func() error { return r.do(n.Body) })
	case "group":
		return TaskGroup(func(g *Group) error {
			for _, x := range n.Items {
				if x.Op != "task" {
					if err := r.do(x); err != nil {
						return err
					}
				} else if !g.aborting {
					r.start(x, func(f func() (int, error), opts ...CallOption) *Task[int] { return Spawn(g, f, opts...) })
				}
			}
			return nil
		})
	case "gather":
		_, err := Gather(all()...)
		return err
	case "gatherall":
		outcomes, err := GatherAll(all()...)
		for _, o := range outcomes {
			r.note("one " + pythonError(o.Err))
		}
		return err
	case "completed":
		tasks := all()
		for _, err := range AsCompleted(tasks...) {
			if isCancelled(err) && !slices.ContainsFunc(tasks, func(t *Task[int]) bool { return t.Err() == err }) {
				return err // it is who waits that was cancelled
			}
			r.note("one " + pythonError(err))
		}
	case "wait":
		var tasks []Awaitable
		for _, t := range all() {
			tasks = append(tasks, t)
		}
		done, _, err := Wait(n.When, n.duration(), tasks...)
		if err != nil {
			return err
		}
		var names []string
		for _, t := range done {
			names = append(names, t.(AnyTask).Name())
		}
		r.note("done " + strings.Join(names, " "))
	case "waitfor":
		_, err := WaitFor(start(n.Body), n.duration())
		return err
	case "shield":
		_, err := Shield(start(n.Body))
		return err
	default:
		return fmt.Errorf("what is %s?", n.Op)
	}
	return nil
}

func TestStructuredAsPython(t *testing.T) { // C1-C13
	data, err := os.ReadFile("testdata/structured.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases []pythonCase
	if err := json.Unmarshal(data, &cases); err != nil {
		t.Fatal(err)
	}
	for i, c := range cases {
		onLoop(t, func(l *EventLoop, log *reportLog) {
			r := &pythonRun{l, make(map[string][]string), make(map[string]*Task[int])}
			main := r.start(&pythonNode{Name: "main", Body: c.Program.Body}, CreateTask)
			for _, n := range c.Program.Cancels {
				l.CallLater(n.duration(), func() {
					if t := r.tasks[n.Name]; t != nil {
						t.Cancel()
					}
				})
			}
			Wait(AllCompleted, NoTimeout, main)
			Sleep(10_000 * time.Second) // for those that go on
			for name := range r.tasks {
				if got, want := r.log[name], c.Log[name]; !reflect.DeepEqual(got, want) {
					t.Errorf("program %d, %s: got\n  %q, Python\n  %q", i, name, got, want)
				}
			}
			r.tasks, main = nil, nil
			l.failures.reportAll()
			log.take()
		})
	}
	if len(cases) < 100 {
		t.Errorf("only %d programs", len(cases))
	}
}
