package traceback

import (
	"context"
	"fmt"
	"reflect"
	"runtime/pprof"
	"strings"
	"testing"

	"github.com/gocontextvars/contextvars/internal/slot"
)

func TestTracebackHeaders(t *testing.T) {
	for _, c := range []struct {
		line    string
		id      uint64
		state   string
		minutes uint64
	}{
		{"goroutine 1 [running]:", 1, "running", 0},
		{"goroutine 18446744073709551615 [running]:", 1<<64 - 1, "running", 0},
		{"goroutine 18 [coroutine]:", 18, "coroutine", 0},
		{"goroutine 18 [coroutine, locked to thread]:", 18, "coroutine", 0},
		{"goroutine 18 [coroutine, 3 minutes, locked to thread]:", 18, "coroutine", 3},
		{"goroutine 7 [chan receive (nil chan), 2 minutes]:", 7, "chan receive (nil chan)", 2},
		{"goroutine 7 [select (no cases)]:", 7, "select (no cases)", 0},
		{"goroutine 7 [chan receive (durable), synctest bubble 3]:", 7, "chan receive (durable)", 0},
		{"goroutine 7 [sync.Mutex.Lock]:", 7, "sync.Mutex.Lock", 0},
		{"goroutine 7 gp=0xc000002380 m=0 mp=0x55d0c0 [sleep]:", 7, "sleep", 0},
		{"goroutine 7 gp=0xc000002380 m=nil [GC worker (idle), 1 minutes]:", 7, "GC worker (idle)", 1},
		// Go 1.26 with GODEBUG=tracebacklabels=1.
		{`goroutine 7 [running labels:{"user": "ann"}]:`, 7, "running", 0},
		{`goroutine 7 [coroutine, locked to thread labels:{"a]": "[,]:", "b": "x\ny"}]:`, 7, "coroutine", 0},
		// Go 1.27.
		{`goroutine 7 [running] {user: ann}:`, 7, "running", 0},
		{`goroutine 7 [coroutine, 3 minutes] {"a b": "[,]:\"", c: d/e}:`, 7, "coroutine", 3},
	} {
		g, ok := newReader().header([]byte(c.line))
		if g.ID != c.id || g.State != c.state || g.WaitMinutes != c.minutes || !ok {
			t.Errorf("%s: got %+v, %v", c.line, g, ok)
		}
	}
	for _, line := range []string{
		"", "goroutine", "goroutine ", "goroutine 18", "goroutine x [running]:", "goroutine -1 [running]:",
		"goroutine 1 running", "goroutine 18 [runn", "goroutine 18446744073709551616 [running]:", "main.main()",
		"panic: goroutine 1 [running]:",
	} {
		if _, ok := newReader().header([]byte(line)); ok {
			t.Errorf("%q passes for a header", line)
		}
	}
}

const dumpOfTest = `goroutine 34 [running]:
main.(*Tree[...]).walk(0xc000012345, {0x1, 0x2?}, 0x0)
	/home/ann smith/src:2/main.go:12 +0x1d
main.work.func1(...)
	C:/go/main.go:7
panic({0x4a2f20?, 0x4e6a10?})
	/usr/local/go/src/runtime/panic.go:783 +0x132
gopkg.in/yaml%2ev3.(*Decoder).Decode(0x0)
	/go/pkg/mod/gopkg.in/yaml.v3@v3.0.1/yaml.go:100 +0x1d fp=0xc00 sp=0xc01 pc=0x45
...12 frames elided...
main.main()
	/home/ann/main.go:3 +0x20
created by main.start in goroutine 1
	/home/ann/main.go:99 +0x11

goroutine 35 [coroutine, locked to thread]:
main.wait()
	/home/ann/main.go:40 +0x1d
...additional frames elided...
created by iter.Pull[...]
	/usr/local/go/src/iter/iter.go:100 +0x11

goroutine 36 [running]:
	goroutine running on other thread; stack unavailable
created by main.start in goroutine 1
	/home/ann/main.go:99 +0x11

some line that the runtime has added

goroutine 37 [select, 5 minutes]:
main.cut()
	/home/ann/main.go:41 +0x1d
main.off(0xc000012345)
	/home/ann/main.go:4`

func TestTracebackOfEachForm(t *testing.T) {
	created := Frame{"main.start", "/home/ann/main.go", 99}
	want := []Goroutine{
		{34, "running", 0, []Frame{
			{"main.(*Tree[...]).walk", "/home/ann smith/src:2/main.go", 12},
			{"main.work.func1", "C:/go/main.go", 7},
			{"panic", "/usr/local/go/src/runtime/panic.go", 783},
			{"gopkg.in/yaml%2ev3.(*Decoder).Decode", "/go/pkg/mod/gopkg.in/yaml.v3@v3.0.1/yaml.go", 100},
			{"main.main", "/home/ann/main.go", 3},
		}, created, 1},
		{35, "coroutine", 0, []Frame{{"main.wait", "/home/ann/main.go", 40}}, Frame{"iter.Pull[...]", "/usr/local/go/src/iter/iter.go", 100}, 0},
		{36, "running", 0, nil, created, 1},
		{37, "select", 5, []Frame{{"main.cut", "/home/ann/main.go", 41}}, Frame{}, 0},
	}
	if all := Parse([]byte(dumpOfTest), Everyone); !reflect.DeepEqual(all, want) {
		t.Errorf("got %+v, want %+v", all, want)
	}
}

// One place in two functions: an inlined call has no offset that tells them apart.
func TestOnePlaceInTwoFunctions(t *testing.T) {
	all := Parse([]byte("goroutine 1 [select]:\nmain.a(...)\n\t/main.go:4\nmain.b()\n\t/main.go:4\nmain.a(...)\n\t/main.go:4\n"), Everyone)
	want := []Frame{{"main.a", "/main.go", 4}, {"main.b", "/main.go", 4}, {"main.a", "/main.go", 4}}
	if len(all) != 1 || !reflect.DeepEqual(all[0].Frames, want) {
		t.Errorf("got %+v", all)
	}
}

func TestTracebackOfSomeOnly(t *testing.T) {
	all := Parse([]byte(dumpOfTest), func(id uint64) bool { return id == 35 })
	if len(all) != 1 || all[0].State != "coroutine" {
		t.Errorf("got %v", all)
	}
}

func TestTracebackCutAnywhere(t *testing.T) {
	whole := Parse([]byte(dumpOfTest), Everyone)
	for i := range dumpOfTest {
		for n, g := range Parse([]byte(dumpOfTest[:i]), Everyone) {
			for j, f := range g.Frames {
				if w := whole[n].Frames[j]; f != w {
					t.Fatalf("cut at %d: frame %d of goroutine %d is %v, in the whole %v", i, j, g.ID, f, w)
				}
			}
		}
	}
}

func FuzzTraceback(f *testing.F) {
	f.Add(dumpOfTest)
	f.Add("goroutine 1 [running]:\n\t\n\n\ngoroutine 1 [")
	f.Fuzz(func(t *testing.T, dump string) {
		for _, g := range Parse([]byte(dump), Everyone) {
			for _, f := range g.Frames {
				if !strings.Contains(dump, f.Function) || !strings.Contains(dump, f.File) {
					t.Errorf("%+v is not in the text", f)
				}
			}
		}
	})
}

func tracebackStand(depth int, ready chan<- uint64, end <-chan struct{}) {
	if depth > 0 {
		tracebackStand(depth-1, ready, end)
		return
	}
	ready <- slot.ID()
	<-end
}

// TestTracebackOfThisRuntime reads what the Go version writes that the test runs on; 1.27 adds labels by
// default, 1.26 if GODEBUG says so.
func TestTracebackOfThisRuntime(t *testing.T) {
	t.Setenv("GODEBUG", "tracebacklabels=1")
	for _, depth := range []int{0, 10, 300} {
		for _, user := range []string{"", "ann [b, {c} ]:\n\n\""} {
			labels := pprof.Labels()
			if user != "" {
				labels = pprof.Labels("user", user)
			}
			ready, end := make(chan uint64), make(chan struct{})
			pprof.Do(context.Background(), labels, func(context.Context) { go tracebackStand(depth, ready, end) })
			id := <-ready
			var g Goroutine
			var text []byte
			for g.State != "chan receive" { // it has sent, and is about to
				text, _ = All()
				g = Parse(text, func(n uint64) bool { return n == id })[0]
			}
			if g.Creator != slot.ID() || !strings.Contains(g.Created.Function, "TestTracebackOfThisRuntime") {
				t.Errorf("created by %v in %d", g.Created, g.Creator)
			}
			_, header, _ := strings.Cut(string(text), fmt.Sprintf("goroutine %d [", id))
			if header, _, _ = strings.Cut(header, "\n"); strings.Contains(header, "ann") != (user != "") {
				t.Errorf("user %q, but the header is %s", user, header)
			}
			close(end)
			n := 0
			for _, f := range g.Frames {
				if strings.HasSuffix(f.Function, ".tracebackStand") && strings.HasSuffix(f.File, "traceback_test.go") {
					n++
				}
			}
			want := depth + 1
			if depth > 100 {
				want = 50 // the runtime prints the first and last 50
			}
			if n < want {
				t.Errorf("depth %d: %d calls in %v", depth, n, g)
			}
		}
	}
}
