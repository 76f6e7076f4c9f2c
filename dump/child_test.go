package dump_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"runtime/pprof"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	cv "github.com/gocontextvars/contextvars"
)

// The test binary is also the program whose dumps are read.

const childEnv = "CONTEXTVARS_DUMP_CHILD"

func TestMain(m *testing.M) {
	if mode := os.Getenv(childEnv); mode != "" {
		child(mode)
		return
	}
	os.Exit(m.Run())
}

var (
	number  = cv.New[int]("n", cv.Label())
	tenant  = cv.New[string]("tenant", cv.Label())
	secret  = cv.New[string]("a secret, \"key\": {x}", cv.Label(), cv.Redacted())
	private = cv.New[string]("private")
)

// hostile values: what a dump's format is made of.
var hostile = []string{
	"acme",
	"",
	"two words",
	`quotes " ' ` + "`",
	"lines\nand\r\nreturns\ttabs",
	"braces {a: b}, [c]",
	"x]:\n\ngoroutine 999 [running]:\nmain.fake()\n\t/fake.go:1 +0x1\n",
	`", forged: "yes`,
	`}]:`,
	"back\\slash \\n \\",
	"Zürich 東京 \U0001f600",
	"nul\x00 and del\x7f and esc\x1b[31m",
	"not UTF-8: \xff\xfe and \xe2\x82",
	"\ufffd",
	"/path/to.file_name",
	"dash-ed",
	strings.Repeat("long ", 400),
}

func child(mode string) {
	started := make(chan bool)
	for i, value := range hostile {
		go func() {
			number.Set(i)
			tenant.Set(value)
			secret.Set(value)
			private.Set(value)
			go inherits(started)
			parked(started)
		}()
	}
	for range 2 * len(hostile) {
		<-started
	}
	number.Set(-1)
	go carrying(started)
	cv.GoDetached(func() { detached(started) })
	<-started
	<-started
	defer tenant.Set("of the main goroutine").Restore()

	switch mode {
	case "stack":
		buf := make([]byte, 1<<20)
		os.Stdout.Write(buf[:runtime.Stack(buf, true)])
	case "profile1":
		_ = pprof.Lookup("goroutine").WriteTo(os.Stdout, 1)
	case "profile2":
		_ = pprof.Lookup("goroutine").WriteTo(os.Stdout, 2)
	case "panic":
		panic(errors.New("boom\ngoroutine 998 [running]:\nmain.fake()\n\t/fake.go:1 +0x1"))
	case "panic of an heir":
		go func() { panic("boom") }()
		select {}
	case "exceeds":
		fmt.Println(deeper(0))
	case "quit":
		fmt.Println("ready")
		time.Sleep(time.Hour) // and not for ever, or the runtime would report a deadlock
	}
}

//go:noinline
func parked(started chan bool) { started <- true; select {} }

//go:noinline
func inherits(started chan bool) { runtime.LockOSThread(); started <- true; select {} }

//go:noinline
func detached(started chan bool) { started <- true; select {} }

//go:noinline
func carrying(started chan bool) {
	ctx := cv.WithContext(context.Background(), cv.CopyContext())
	pprof.Do(ctx, pprof.Labels("k", "v"), func(context.Context) { started <- true; select {} })
}

//go:noinline
func deeper(n int) int {
	if n < 0 {
		return n
	}
	return deeper(n+1) + 1
}

// run runs the program and returns what it has written.
func run(t testing.TB, mode string, env ...string) string {
	t.Helper()
	if runtime.GOARCH == "wasm" {
		t.Skip("programs cannot start programs there")
	}
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(exe)
	cmd.Env = append(os.Environ(), childEnv+"="+mode, "GORACE=", "GOCOVERDIR="+t.TempDir())
	cmd.Env = append(cmd.Env, env...)
	var out strings.Builder
	cmd.Stdout, cmd.Stderr = &out, &out
	if mode == "quit" {
		if runtime.GOOS == "windows" || runtime.GOOS == "plan9" {
			t.Skip("no SIGQUIT there")
		}
		cmd.Stdout = nil
		stdout, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		if _, err := bufio.NewReader(stdout).ReadString('\n'); err != nil {
			t.Fatal(err, out.String())
		}
		if err := cmd.Process.Signal(syscall.SIGQUIT); err != nil {
			t.Fatal(err)
		}
	} else if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	err = cmd.Wait()
	if failed := new(exec.ExitError); err != nil && !errors.As(err, &failed) {
		t.Fatal(err)
	}
	return out.String()
}

// lossy is what Go 1.26 makes of a value in a traceback: one character for each byte
// that is not UTF-8.
func lossy(s string) string {
	return string([]rune(s))
}

func label(i int) string { return strconv.Itoa(i) }
