package syncvars_test

import (
	"bytes"
	"errors"
	"math"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/gocontextvars/contextvars/syncvars"
)

// These are the cases of golang.org/x/sync/singleflight's own tests. What is about
// variables is in part_test.go.

type errValue struct{}

func (*errValue) Error() string { return "error value" }

type group = syncvars.Group[string, string]

func TestPanicErrorUnwrap(t *testing.T) {
	for name, c := range map[string]struct {
		value any
		is    bool
	}{
		"no error": {"string value", false},
		"an error": {new(errValue), true},
	} {
		var g group
		p := panicOf(func() { g.Do(name, func() (string, error) { panic(c.value) }) })
		err, ok := p.(error)
		if !ok {
			t.Fatalf("%s: Do panics with a %T", name, p)
		}
		var target *errValue
		want(t, name+": errors.As", errors.As(err, &target), c.is)
		want(t, name+": errors.Unwrap", errors.Unwrap(err) != nil, c.is)
	}
}

func TestPanicErrorHasTheStack(t *testing.T) {
	var g group
	p := panicOf(func() { g.Do("key", func() (string, error) { return boom(), nil }) })
	text := p.(error).Error()
	for _, part := range []string{"boom\n\n", "syncvars_test.boom("} {
		want(t, "the text has "+part, strings.Contains(text, part), true)
	}
	want(t, "the text has the line that is out of date", strings.Contains(text, "[running]"), false)
}

func TestDo(t *testing.T) {
	var g group
	v, err, shared := g.Do("key", func() (string, error) { return "bar", nil })
	want(t, "Do", v, "bar")
	want(t, "error", err, nil)
	want(t, "shared", shared, false)
	want(t, "calls that are kept", g.Len(), 0)
}

func TestDoErr(t *testing.T) {
	var g group
	failure := errors.New("some error")
	v, err, _ := g.Do("key", func() (string, error) { return "", failure })
	want(t, "Do", v, "")
	want(t, "error", err, failure)
}

// An error that is another call's panic is an error.
func TestDoReturnsPanicOfAnother(t *testing.T) {
	var g group
	other := panicOf(func() { g.Do("key", func() (string, error) { panic("x") }) }).(error)
	_, err, _ := g.Do("key", func() (string, error) { return "", other })
	want(t, "error", err, other)
}

// together has n callers of Do share a call of f, and returns when all have ended.
func together(g *group, n int, f func() (string, error), each func(do func() (string, error, bool))) {
	begun, let := make(chan bool), make(chan bool)
	work := func() (string, error) {
		close(begun)
		<-let
		return f()
	}
	var wg sync.WaitGroup
	for range n {
		wg.Go(func() { each(func() (string, error, bool) { return g.Do("key", work) }) })
	}
	<-begun
	for g.Others("key") < n-1 {
		runtime.Gosched()
	}
	close(let)
	wg.Wait()
}

func TestDoDupSuppress(t *testing.T) {
	var g group
	var calls, returns atomic.Int32
	together(&g, 10, func() (string, error) { calls.Add(1); return "bar", nil },
		func(do func() (string, error, bool)) {
			v, err, shared := do()
			want(t, "Do", v, "bar")
			want(t, "error", err, nil)
			want(t, "shared", shared, true)
			returns.Add(1)
		})
	want(t, "calls", calls.Load(), 1)
	want(t, "returns", returns.Load(), 10)
}

// See https://github.com/golang/go/issues/31420
func TestForget(t *testing.T) {
	var g syncvars.Group[string, int]
	firstStarted, letFirst, firstFinished := make(chan bool), make(chan bool), make(chan bool)
	go func() {
		g.Do("key", func() (int, error) {
			close(firstStarted)
			<-letFirst
			return 1, nil
		})
		close(firstFinished)
	}()
	<-firstStarted
	g.Forget("key")

	letSecond := make(chan bool)
	second := g.DoChan("key", func() (int, error) { <-letSecond; return 2, nil })
	close(letFirst)
	<-firstFinished
	third := g.DoChan("key", func() (int, error) { return 3, nil })
	close(letSecond)
	<-second
	want(t, "the third caller gets", (<-third).Val, 2)
}

func TestDoChan(t *testing.T) {
	var g group
	let := make(chan bool)
	first := g.DoChan("key", func() (string, error) { <-let; return "bar", nil })
	second := g.DoChan("key", func() (string, error) { return "not called", nil })
	close(let)
	for _, ch := range []<-chan syncvars.Result[string]{first, second} {
		want(t, "result", <-ch, syncvars.Result[string]{Val: "bar", Shared: true})
	}
	result := <-g.DoChan("key", func() (string, error) { return "alone", nil })
	want(t, "result", result, syncvars.Result[string]{Val: "alone"})
}

// See https://github.com/golang/go/issues/41133
func TestPanicDo(t *testing.T) {
	var g group
	var panics atomic.Int32
	together(&g, 5, func() (string, error) { panic("invalid memory address or nil pointer dereference") },
		func(do func() (string, error, bool)) {
			if panicOf(func() { do() }) != nil {
				panics.Add(1)
			}
		})
	want(t, "panics", panics.Load(), 5)
	want(t, "calls that are kept", g.Len(), 0)
}

func TestGoexitDo(t *testing.T) {
	var g group
	var ends, returns atomic.Int32
	together(&g, 5, func() (string, error) { runtime.Goexit(); return "", nil },
		func(do func() (string, error, bool)) {
			defer ends.Add(1)
			do()
			returns.Add(1)
		})
	want(t, "ends", ends.Load(), 5)
	want(t, "returns", returns.Load(), 0)
	want(t, "calls that are kept", g.Len(), 0)
}

func TestGoexitDoChan(t *testing.T) {
	var g group
	ch := g.DoChan("key", func() (string, error) { runtime.Goexit(); return "", nil })
	for g.Len() > 0 {
		runtime.Gosched()
	}
	select {
	case r := <-ch:
		t.Errorf("receives %v", r)
	default:
	}
}

// crashes runs the test again in a process of its own, where it has to end the
// program by a panic with this text.
func crashes(t *testing.T, text string, f func()) {
	t.Helper()
	const inside = "SYNCVARS_TEST_CRASH"
	if os.Getenv(inside) != "" {
		defer func() { recover() }()
		f()
		t.Fatal("DoChan unexpectedly returned")
	}
	exe, err := os.Executable()
	if err != nil {
		t.Skip("the test's executable is not found: ", err)
	}
	if err := exec.Command(exe, "-test.list=^$").Run(); err != nil {
		t.Skip("processes cannot be started here: ", err)
	}
	cmd := exec.Command(exe, "-test.run=^"+t.Name()+"$", "-test.v")
	cmd.Env = append(os.Environ(), inside+"=1")
	out, err := cmd.CombinedOutput()
	if err == nil {
		t.Error("the process passed; want a crash")
	}
	if bytes.Contains(out, []byte("unexpectedly")) || !bytes.Contains(out, []byte(text)) {
		t.Errorf("the process failed otherwise than by a panic with %q:\n%s", text, out)
	}
}

func TestPanicDoChan(t *testing.T) {
	crashes(t, "Panicking in DoChan", func() {
		<-new(group).DoChan("", func() (string, error) { panic("Panicking in DoChan") })
	})
}

func TestPanicDoSharedByDoChan(t *testing.T) {
	crashes(t, "Panicking in Do", func() {
		blocked, unblock := make(chan bool), make(chan bool)
		g := new(group)
		go func() {
			defer func() { recover() }()
			g.Do("", func() (string, error) {
				close(blocked)
				<-unblock
				panic("Panicking in Do")
			})
		}()
		<-blocked
		ch := g.DoChan("", func() (string, error) { panic("unexpectedly called") })
		close(unblock)
		<-ch
	})
}

// NaN is not equal to itself, and cannot be deleted from a map.
func TestKeyThatIsNotEqualToItself(t *testing.T) {
	var g syncvars.Group[float64, int]
	for i := range 3 {
		v, _, shared := g.Do(math.NaN(), func() (int, error) { return i, nil })
		want(t, "Do", v, i)
		want(t, "shared", shared, false)
	}
	want(t, "calls that are kept", g.Len(), 0)
}

// A key that cannot be compared panics and leaves the Group as it was.
func TestKeyThatCannotBeCompared(t *testing.T) {
	var g syncvars.Group[any, int]
	for range 2 {
		want(t, "panics", panicOf(func() { g.Do([]int{1}, func() (int, error) { return 1, nil }) }) != nil, true)
	}
	v, _, _ := g.Do(1, func() (int, error) { return 1, nil })
	want(t, "Do", v, 1)
}

func TestGroupBadInput(t *testing.T) {
	var g group
	for message, f := range map[string]func(){
		"syncvars: Group.Do was given a nil func":                               func() { g.Do("key", nil) },
		"syncvars: Group.DoChan was given a nil func":                           func() { g.DoChan("key", nil) },
		"syncvars: NewGroup was given a Part, number 1, that With has not made": func() { syncvars.NewGroup[int, int](syncvars.Part{}) },
		"syncvars: With was given a nil *ContextVar; make variables with contextvars.New": func() {
			syncvars.With[int](nil)
		},
	} {
		want(t, "panic", panicOf(f), any(message))
	}
}
