package debugvars

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/asyncio"
)

func namesOf(refs []TaskRef) []string {
	names := []string{}
	for _, r := range refs {
		names = append(names, r.Name)
	}
	slices.Sort(names)
	return names
}

func TestWhoAwaitsWhom(t *testing.T) {
	runLoop(t, func() {
		one, two := goNamed("one", sleepLong), goNamed("two", sleepLong)
		goNamed("gather", func() error { _, err := asyncio.Gather(one, two); return err })
		goNamed("shield", func() error { _, err := asyncio.Shield(one); return err })
		goNamed("timeout", func() error {
			return asyncio.Timeout(time.Hour, func() error { _, err := two.Await(); return err })
		})
		goNamed("group", func() error {
			return asyncio.TaskGroup(func(g *asyncio.Group) error {
				g.Go(sleepLong, asyncio.WithName("child"))
				return nil
			})
		})
		goNamed("future", func() error { _, err := asyncio.NewFuture[int]().Await(); return err })
	})
	l := with(t, loops(), "gather")
	for _, test := range []struct {
		name, in          string
		awaits, awaitedBy []string
	}{
		{"one", "Sleep", nil, []string{"gather", "shield"}},
		{"two", "Sleep", nil, []string{"gather", "timeout"}},
		{"gather", "Gather", []string{"one", "two"}, nil},
		{"shield", "Shield", []string{"one"}, nil},
		{"timeout", "Task.Await", []string{"two"}, nil},
		{"group", "TaskGroup", []string{"child"}, nil},
		{"child", "Sleep", nil, []string{"group"}},
		{"future", "Future.Await", []string{""}, nil},
	} {
		n := l.task(t, test.name)
		if n.State != "waiting" || n.In != test.in {
			t.Errorf("%s: %s in %q, should wait in %q", test.name, n.State, n.In, test.in)
		}
		if got := namesOf(n.Awaits); !slices.Equal(got, test.awaits) {
			t.Errorf("%s awaits %q, should be %q", test.name, got, test.awaits)
		}
		if got := namesOf(n.AwaitedBy); !slices.Equal(got, test.awaitedBy) {
			t.Errorf("%s is awaited by %q, should be %q", test.name, got, test.awaitedBy)
		}
		if n.Goroutine == 0 || len(n.Stack) == 0 || !strings.Contains(n.Stack[0].Func, "debugvars.") {
			t.Errorf("%s: goroutine %d, stack %v", test.name, n.Goroutine, n.Stack)
		}
		if n.Created != nil {
			t.Errorf("%s: created %v, and the loop is not in debug mode", test.name, n.Created)
		}
	}
	if f := l.task(t, "future").Awaits[0]; f.ID != 0 || f.State != "pending" {
		t.Errorf("a future that is no task is %+v", f)
	}
	if a := l.task(t, "shield").Awaits[0]; a.ID != l.task(t, "one").ID || a.State != "waiting" {
		t.Errorf("the shielded task is %+v", a)
	}
}

func TestTasksThatAwaitEachOther(t *testing.T) {
	runLoop(t, func() {
		var a, b *asyncio.Task[struct{}]
		a = goNamed("a", func() error { _, err := asyncio.Shield(b); return err })
		b = goNamed("b", func() error { _, _, err := asyncio.Wait(asyncio.AllCompleted, time.Hour, a); return err })
	})
	l := with(t, loops(), "a")
	for _, pair := range [][2]string{{"a", "b"}, {"b", "a"}} {
		n := l.task(t, pair[0])
		if got := namesOf(n.Awaits); !slices.Equal(got, []string{pair[1]}) {
			t.Errorf("%s awaits %q", pair[0], got)
		}
		if got := namesOf(n.AwaitedBy); !slices.Equal(got, []string{pair[1]}) {
			t.Errorf("%s is awaited by %q", pair[0], got)
		}
	}
}

func TestVariablesOfTasks(t *testing.T) {
	plain := contextvars.New[string]("a plain")
	secret := contextvars.New[string]("b secret", contextvars.Redacted())
	local := contextvars.New[int]("c local", contextvars.Local())
	long := contextvars.New[string]("d long")
	runLoop(t, func() {
		goNamed("with variables", func() error {
			plain.Set("<b>ann</b>")
			secret.Set("hunter2")
			local.Set(7)
			long.Set(strings.Repeat("x", 10<<20))
			return sleepLong()
		})
		goNamed("without", sleepLong)
	})
	l := with(t, loops(), "with variables")
	got := l.task(t, "with variables").Variables
	want := []Variable{
		{Name: "a plain", Value: "<b>ann</b>", Type: "string"},
		{Name: "b secret", Value: contextvars.RedactedText, Type: "string", Redacted: true},
		{Name: "c local", Value: "7", Type: "int", Local: true},
		{Name: "d long", Value: strings.Repeat("x", maxValue), Type: "string", Cut: true},
	}
	if !slices.Equal(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	if got := l.task(t, "without").Variables; got != nil {
		t.Errorf("a task without variables has %v", got)
	}
}

func TestWhereTasksWereCreated(t *testing.T) {
	runLoop(t, func() { goNamed("created in debug mode", sleepLong) }, asyncio.WithDebug(true))
	n := with(t, loops(), "created in debug mode").task(t, "created in debug mode")
	if len(n.Created) == 0 || !strings.Contains(n.Created[0].Func, "debugvars.") || !strings.HasSuffix(n.Created[0].File, "_test.go") {
		t.Errorf("created %v", n.Created)
	}
}

func TestLongNamesOfTasksAreCut(t *testing.T) {
	runLoop(t, func() { goNamed("a"+strings.Repeat("ä", 1<<20), sleepLong) })
	for _, l := range loops() {
		for _, n := range l.Tasks {
			if len(n.Name) > maxName || !utf8.ValidString(n.Name) {
				t.Errorf("a name has %d bytes", len(n.Name))
			}
		}
	}
}

func TestOneTaskThatAwaitsMany(t *testing.T) {
	const n = maxRefs + 50
	runLoop(t, func() {
		var many []*asyncio.Task[struct{}]
		for i := range n {
			many = append(many, goNamed(fmt.Sprint("awaited ", i), sleepLong))
		}
		goNamed("awaits many", func() error { _, err := asyncio.Gather(many...); return err })
	})
	awaits := with(t, loops(), "awaits many").task(t, "awaits many")
	if len(awaits.Awaits) != maxRefs || awaits.AwaitsMore != n-maxRefs || awaits.AwaitedByMore != 0 {
		t.Errorf("%d tasks and %d more", len(awaits.Awaits), awaits.AwaitsMore)
	}
}

func TestRecursionOfATaskIsCut(t *testing.T) {
	var deep func(n int) error
	deep = func(n int) error {
		if n == 0 {
			return sleepLong()
		}
		return deep(n - 1)
	}
	runLoop(t, func() { goNamed("deep", func() error { return deep(1000) }) })
	stack := with(t, loops(), "deep").task(t, "deep").Stack
	if len(stack) != 64 || !strings.HasSuffix(stack[0].Func, "sleepLong") {
		t.Errorf("%d calls, the most recent %v", len(stack), stack[0])
	}
}
