package asyncio_test

import (
	"bytes"
	"errors"
	"fmt"
	"net/netip"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/asyncio"
)

// plainGraph leaves the folders, lines, numbers and addresses out of a graph's text.
func plainGraph(text string) string {
	text = regexp.MustCompile(`[^ "]*/([a-z_]+\.go):\d+`).ReplaceAllString(text, "$1")
	text = regexp.MustCompile(`id=\d+`).ReplaceAllString(text, "id=N")
	return regexp.MustCompile(`0x[0-9a-f]+`).ReplaceAllString(text, "0xN")
}

func graphShow() (text string) {
	text, err := asyncio.FormatCallGraph(nil)
	if err != nil {
		return err.Error()
	}
	return text
}

func TestGraphText(t *testing.T) { // 192
	user := contextvars.New[string]("user")
	runGraph(t, func() {
		var text string
		main := graphGo("main", func() error {
			user.Set("ann")
			return asyncio.TaskGroup(func(g *asyncio.Group) error {
				a := g.Go(func() error {
					asyncio.Sleep(0)
					asyncio.Sleep(0)
					text = graphShow()
					return nil
				}, asyncio.WithName("a"))
				g.Go(func() error { return graphAwait(a) }, asyncio.WithName("b"))
				return nil
			})
		})
		graphAwait(main)
		want := `* Task(name="a", id=N): running
  + Call stack:
  |   graphformat_test.go, in asyncio_test.graphShow()
  |   graphformat_test.go, in asyncio_test.TestGraphText.func1.1.1.1()
  + Variables:
  |   user = "ann"
  + Awaited by:
    * Task(name="main", id=N): waiting in TaskGroup
      + Call stack:
      |   graphformat_test.go, in asyncio_test.TestGraphText.func1.1()
      + Variables:
      |   user = "ann"
      + Awaited by:
        * Task(name="Task-N", id=N): waiting in Task.Await
          + Call stack:
          |   graph_test.go, in asyncio_test.graphAwait()
          |   graphformat_test.go, in asyncio_test.TestGraphText.func1()
          |   graph_test.go, in asyncio_test.runGraph.func1()
    * Task(name="b", id=N): waiting in Task.Await
      + Call stack:
      |   graph_test.go, in asyncio_test.graphAwait()
      |   graphformat_test.go, in asyncio_test.TestGraphText.func1.1.1.2()
      + Variables:
      |   user = "ann"
      + Awaited by:
        * Task(name="main", id=N): see above`
		text = regexp.MustCompile(`Task-\d+`).ReplaceAllString(plainGraph(text), "Task-N")
		if text != want {
			t.Errorf("got\n%s\nwant\n%s", text, want)
		}
	})
}

func TestGraphTextWhereThereIsNone(t *testing.T) { // 192
	if text, err := asyncio.FormatCallGraph(nil); text != "" || !errors.Is(err, asyncio.ErrNoRunningLoop) {
		t.Error(text, err)
	}
	var out bytes.Buffer
	if err := asyncio.PrintCallGraph(&out, nil); out.Len() != 0 || !errors.Is(err, asyncio.ErrNoRunningLoop) {
		t.Error(out.String(), err)
	}
	runGraph(t, func() {
		l, _ := asyncio.RunningLoop()
		l.CallSoon(func() {
			if text, err := asyncio.FormatCallGraph(nil); text != "" || err != nil {
				t.Error(text, err)
			}
			if err := asyncio.PrintCallGraph(&out, nil); out.Len() != 0 || err != nil {
				t.Error(out.String(), err)
			}
		})
		asyncio.Sleep(0)
		f := asyncio.NewFuture[int]()
		err := asyncio.PrintCallGraph(&out, f)
		if plainGraph(out.String()) != "* Future(0xN): pending\n" || err != nil {
			t.Error(out.String(), err)
		}
		if err := asyncio.PrintCallGraph(graphNoWriter{}, f); err != errGraphWriter {
			t.Error(err)
		}
		text, err := asyncio.FormatCallGraph(nil, asyncio.LimitFrames(0))
		if strings.Contains(text, "stack") || err != nil {
			t.Error(text, err)
		}
	})
}

var errGraphWriter = errors.New("no room")

type graphNoWriter struct{}

func (graphNoWriter) Write([]byte) (int, error) { return 0, errGraphWriter }

func TestGraphTextIsBounded(t *testing.T) {
	runGraph(t, func() {
		l, _ := asyncio.RunningLoop()
		// A long chain.
		last := asyncio.Go(func() error { return asyncio.Sleep(time.Second) })
		first := last
		for range 200 {
			before := last
			last = asyncio.Go(func() error { return graphAwait(before) })
		}
		asyncio.Sleep(0)
		text, err := asyncio.FormatCallGraph(first)
		n := strings.Count(text, "* Task(")
		if n != 51 || !strings.HasSuffix(text, "+ Awaited by: 1, and so on") || err != nil {
			t.Errorf("%d tasks, ending in %s, %v", n, text[max(0, len(text)-100):], err)
		}
		// And many.
		for range 2000 {
			asyncio.Go(func() error { return graphAwait(first) })
		}
		asyncio.Sleep(0)
		text, err = asyncio.FormatCallGraph(first)
		if n := strings.Count(text, "* Task("); n != 1000 || !strings.HasSuffix(text, "\nand 1051 more") || err != nil {
			t.Errorf("%d tasks, ending in %s, %v", n, text[max(0, len(text)-100):], err)
		}
		g, err := l.CaptureCallGraph(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		text = g.String()
		if n := strings.Count(text, "* Task("); n < 1000 || n > 3000 || !strings.Contains(text, " more") {
			t.Errorf("%d tasks, ending in %s, %v", n, text[max(0, len(text)-100):], err)
		}
	})
}

type graphPoint struct {
	X, Y  int
	label string
}

type graphNest struct{ A [1][1][1]int }

type graphSecret string

func (graphSecret) String() string { return "***" }

type graphPanic int

func (graphPanic) String() string { panic("no") }

type graphByPointer struct{ n int }

func (*graphByPointer) String() string { panic("is not called") }

type graphList []int

func (graphList) String() string { panic("is not called") }

func TestGraphTextOfValues(t *testing.T) {
	var nobody *graphPoint
	for _, c := range []struct {
		value any
		want  string
	}{
		{nil, "nil"},
		{"ann", `"ann"`},
		{"a\nb\xff<script>", `"a\nb\xff<script>"`},
		{strings.Repeat("x", 10<<20), `"` + strings.Repeat("x", 119) + "..."},
		{strings.Repeat("ä", 200), `"` + strings.Repeat("ä", 59) + "..."},
		{7, "7"}, {uint8(7), "7"}, {-1.5, "-1.5"}, {true, "true"}, {2 + 1i, "(2+1i)"},
		{time.Second, "1s"},
		{netip.MustParseAddr("10.0.0.1"), "10.0.0.1"},
		{graphSecret("password"), "***"},
		{graphPanic(1), "%!v(PANIC=String method: no)"},
		{errors.New("a\nb"), `"a\nb"`},
		{errors.New("e"), "e"},
		{graphPoint{1, 2, "p"}, `asyncio_test.graphPoint{X: 1, Y: 2, label: "p"}`},
		{&graphPoint{1, 2, "p"}, "*asyncio_test.graphPoint(0xN)"},
		{nobody, "*asyncio_test.graphPoint(nil)"},
		{&graphByPointer{1}, "*asyncio_test.graphByPointer(0xN)"},
		{graphByPointer{1}, "asyncio_test.graphByPointer{n: 1}"},
		{graphList{1}, "asyncio_test.graphList of 1"},
		{[]byte("x"), "[]uint8 of 1"},
		{[]any(nil), "[]interface {} of 0"},
		{map[string]int{"a": 1}, "map[string]int(0xN)"},
		{make(chan int), "chan int(0xN)"},
		{func() {}, "func()(0xN)"},
		{[2]any{1, nil}, "[2]interface {}{1, nil}"},
		{[20]int{}, "[20]int{0, 0, 0, 0, 0, 0, 0, 0, ...}"},
		{graphNest{}, "asyncio_test.graphNest{A: [1][1][1]int{[1][1]int{...}}}"},
		{struct{ S graphSecret }{"x"}, "struct { S asyncio_test.graphSecret }{S: ***}"},
	} {
		v := contextvars.New[any]("v")
		runGraph(t, func() {
			v.Set(c.value)
			_, text, _ := strings.Cut(graphShow(), "v = ")
			text, _, _ = strings.Cut(text, "\n")
			want := c.want
			if len(want) > 123 {
				want = want[:120] + "..."
			}
			if got := plainGraph(text); got != want {
				t.Errorf("%T: got %s, want %s", c.value, got, want)
			}
		})
	}
}

func TestGraphTextOfRedactedVariables(t *testing.T) {
	v := contextvars.New[string]("password", contextvars.Redacted())
	runGraph(t, func() {
		v.Set("secret")
		if text := graphShow(); strings.Contains(text, "secret") || !strings.Contains(text, "password = "+contextvars.RedactedText) {
			t.Error(text)
		}
	})
}

// TestGraphTextReadsNothingShared is for the race detector.
func TestGraphTextReadsNothingShared(t *testing.T) {
	values := contextvars.New[map[int]int]("values")
	point := contextvars.New[*graphPoint]("point")
	list := contextvars.New[[]int]("list")
	runGraph(t, func() {
		m, p, s := map[int]int{}, new(graphPoint), make([]int, 1)
		values.Set(m)
		point.Set(p)
		list.Set(s)
		stop, stopped := make(chan bool), make(chan bool)
		go func() {
			defer close(stopped)
			for i := 0; ; i++ {
				select {
				case <-stop:
					return
				default:
					m[i%100], p.X, s[0] = i, i, i
				}
			}
		}()
		for range 100 {
			graphShow()
		}
		close(stop)
		<-stopped
	})
}

func ExampleFrame() {
	fmt.Println(asyncio.Frame{Function: "example.com/shop.(*Cart).Pay", File: "/src/shop/cart.go", Line: 12})
	// Output: /src/shop/cart.go:12, in shop.(*Cart).Pay()
}
