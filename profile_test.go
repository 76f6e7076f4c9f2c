package contextvars_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"runtime/debug"
	"runtime/pprof"
	"runtime/trace"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	cv "github.com/gocontextvars/contextvars"
)

// Everything in the runtime that reads the slot, while variables are set in it.

// busy runs f while goroutines set, read and restore variables, enter contexts, start
// goroutines, grow their stacks and are robbed by pprof, and checks their values.
func busy(t *testing.T, f func()) {
	if runtime.GOARCH == "wasm" {
		t.Skip("goroutines that are busy stop all others where there are no threads")
	}
	var (
		stop  atomic.Bool
		wrong atomic.Int64
		wg    sync.WaitGroup
	)
	for i := range 4 {
		wg.Go(func() {
			name := "acme-" + string(rune('a'+i))
			check := func() {
				if tenant.Get() != name {
					wrong.Add(1)
				}
			}
			for !stop.Load() {
				tenant.With(name, func() {
					check()
					user.With("alice", func() { deep(50, check) })
					cv.CopyContext().Run(check)
					pprof.Do(context.Background(), pprof.Labels("k", "v"), func(context.Context) {
						check()
						deep(50, check)
					})
					check()
					inChild(func() any { check(); user.Set("child"); check(); return nil })
				})
			}
		})
	}
	f()
	stop.Store(true)
	wg.Wait()
	want(t, "wrong values", wrong.Load(), 0)
}

// deep calls f from far down a stack that has to be moved on the way.
func deep(n int, f func()) {
	var room [256]byte
	if n > 0 {
		deep(n-1, f)
	} else {
		f()
	}
	runtime.KeepAlive(room)
}

func TestGoroutineProfiles(t *testing.T) {
	busy(t, func() {
		profile := pprof.Lookup("goroutine")
		for range 20 {
			var text [3]bytes.Buffer
			for level := range text {
				if err := profile.WriteTo(&text[level], level); err != nil {
					t.Fatal(err)
				}
			}
			debug.Stack()
			buf := make([]byte, 1<<16)
			runtime.Stack(buf, true)
			runtime.GC()
		}
	})
	tenant.With("acme", func() {
		var gz, text bytes.Buffer
		if err := pprof.Lookup("goroutine").WriteTo(&gz, 0); err != nil {
			t.Fatal(err)
		}
		wantContains(t, "debug=0", gunzip(t, &gz), "tenant", "acme")
		if err := pprof.Lookup("goroutine").WriteTo(&text, 1); err != nil {
			t.Fatal(err)
		}
		wantContains(t, "debug=1", text.Bytes(), `"tenant":"acme"`)
	})
}

func TestCPUProfile(t *testing.T) {
	var gz bytes.Buffer
	if err := pprof.StartCPUProfile(&gz); err != nil {
		t.Fatal(err)
	}
	busy(t, func() {
		// At the least three samples of 10 ms, on whichever goroutines.
		for range 30 {
			runtime.GC()
			deep(5000, func() {})
		}
	})
	pprof.StopCPUProfile()
	wantContains(t, "CPU profile", gunzip(t, &gz), "tenant", "acme-")
}

func TestTraceAndHeapDump(t *testing.T) {
	if err := trace.Start(io.Discard); err != nil {
		t.Fatal(err)
	}
	defer trace.Stop()
	file, err := os.Create(filepath.Join(t.TempDir(), "heap"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	busy(t, func() {
		for range 3 {
			debug.WriteHeapDump(file.Fd())
		}
	})
	if info, err := file.Stat(); err != nil || info.Size() == 0 {
		t.Errorf("no heap dump: %v", err)
	}
}

// needsProcesses is for tests that start their own binary, or the go command.
func needsProcesses(t *testing.T) {
	if runtime.GOOS == "js" || runtime.GOOS == "wasip1" {
		t.Skip("a program cannot start another one on " + runtime.GOOS)
	}
}

// crashEnv tells the test binary, started again by TestTracebacks, how to die.
const crashEnv = "CONTEXTVARS_TEST_CRASH"

func crash(how string) {
	user.Set("alice")
	setMany(20)
	tenant.Set("acme")
	started := make(chan bool)
	go func() { tenant.Set("acme's child"); close(started); select {} }()
	<-started
	switch how {
	case "panic":
		panic("as told")
	case "throw":
		m := map[int]int{}
		go func() {
			for {
				m[1]++
			}
		}()
		for {
			m[2]++ // a fatal error that cannot be recovered from
		}
	case "nil":
		var p *int
		*p = 1
	}
}

func TestMain(m *testing.M) {
	if how := os.Getenv(crashEnv); how != "" {
		crash(how)
	}
	os.Exit(m.Run())
}

func TestTracebacks(t *testing.T) {
	needsProcesses(t)
	for _, how := range []string{"panic", "throw", "nil"} {
		t.Run(how, func(t *testing.T) {
			cmd := exec.Command(os.Args[0], "-test.run=^$")
			cmd.Env = append(os.Environ(), crashEnv+"="+how, "GODEBUG=tracebacklabels=1", "GOTRACEBACK=all")
			out, err := cmd.CombinedOutput()
			if err == nil {
				t.Fatalf("the program ended well:\n%s", out)
			}
			// [running labels:{"tenant": "acme"}] in Go 1.26, [running] {tenant: acme} in 1.27.
			for _, form := range []string{`\{"?tenant"?: "?acme"?\}`, `\{"?tenant"?: "acme's child"\}`} {
				if !regexp.MustCompile(form).Match(out) {
					t.Errorf("the traceback does not match %s:\n%s", form, out)
				}
			}
		})
	}
}

func gunzip(t *testing.T, r io.Reader) []byte {
	t.Helper()
	z, err := gzip.NewReader(r)
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func wantContains(t *testing.T, what string, text []byte, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(string(text), part) {
			t.Errorf("%s does not have %q in it", what, part)
		}
	}
}
