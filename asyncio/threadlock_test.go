package asyncio_test

import (
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"

	"github.com/gocontextvars/contextvars/asyncio"
)

func lockAndWait() error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	return asyncio.Sleep(0)
}

// TestThreadLockIsTold runs itself again, as what it is about ends the program.
func TestThreadLockIsTold(t *testing.T) {
	const variable = "ASYNCIO_TEST_LOCK"
	if os.Getenv(variable) != "" {
		runGraph(t, func() {
			locker := graphGo("locker", lockAndWait)
			graphGo("another", func() error { return nil })
			graphAwait(locker)
		}, asyncio.WithDebug(true))
		return
	}
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), program, "-test.run=^TestThreadLockIsTold$")
	cmd.Env = append(os.Environ(), variable+"=1")
	out, err := cmd.CombinedOutput()
	if err == nil {
		t.Fatalf("the runtime let it pass: the check is not needed any more\n%s", out)
	}
	text, rest, _ := strings.Cut(string(out), "fatal error: ")
	if !strings.Contains(text, "asyncio: Task(locker, pending) waits in Sleep while its goroutine is locked") ||
		!strings.Contains(text, "in asyncio_test.lockAndWait()") ||
		!strings.HasPrefix(rest, "coro: OS thread locking") {
		t.Errorf("%s", out)
	}
}

func TestThreadLockOfLoopsCaller(t *testing.T) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	runGraph(t, func() {
		graphAwait(graphGo("a", func() error {
			runtime.LockOSThread()
			defer runtime.UnlockOSThread()
			return nil
		}))
		asyncio.Sleep(0)
	}, asyncio.WithDebug(true))
}
