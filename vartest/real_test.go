package vartest_test

import (
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/vartest"
)

// What a recorder cannot show is how failures go together with the testing package's
// own ways to end a test. For that, this test binary is run again with this variable
// set, and what it prints is looked at.
const childEnv = "VARTEST_CHILD"

func TestReal(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	leaves := `"user" is "ann", was not set`
	for _, c := range []struct {
		args    string
		ok      bool
		says    []string
		saysNot []string
	}{
		{"-test.run=^TestChildPasses$", true, []string{"PASS"}, []string{"vartest: "}},
		{"-test.run=^TestChildFailNow$", false, []string{"--- FAIL: TestChildFailNow", leaves, "reason given"}, nil},
		{"-test.run=^TestChildSkips$", false, []string{"--- FAIL: TestChildSkips", leaves}, nil},
		{"-test.run=^TestChildParallel$", false,
			[]string{"--- PASS: TestChildParallel/clean", "--- FAIL: TestChildParallel/leaves", leaves},
			[]string{"--- FAIL: TestChildParallel/clean"}},
		{"-test.run=^TestChildSubtest$", false,
			[]string{"--- FAIL: TestChildSubtest ", "--- PASS: TestChildSubtest/starts_a_goroutine", "holding its context: 1 goroutine.\n", thisPackage + ".parked"}, nil},
		{"-test.run=^TestChildPanics$", false, []string{"panic: reason given", leaves}, nil},
		{"-test.run=^TestChildPanicsInSubtest$", false, []string{"panic: reason given"}, []string{"vartest: "}},
		{"-test.run=^TestChildBubble$", false, []string{"holding its context: 1 goroutine.\n", thisPackage + ".parked", "panic: deadlock"}, nil},
		{"-test.run=^FuzzChild$", false, []string{"--- PASS: FuzzChild/seed#0", "--- FAIL: FuzzChild/seed#1", leaves}, nil},
		{"-test.run=^$ -test.bench=^BenchmarkChild$ -test.benchtime=2x", false,
			[]string{"--- FAIL: BenchmarkChild/leaves", leaves, "BenchmarkChild/clean"}, []string{"--- FAIL: BenchmarkChild/clean"}},
	} {
		t.Run(c.args, func(t *testing.T) {
			t.Parallel()
			cmd := exec.Command(self, append(strings.Fields(c.args), "-test.v")...)
			cmd.Env = append(os.Environ(), childEnv+"=1")
			out, err := cmd.CombinedOutput()
			if (err == nil) != c.ok {
				t.Errorf("ended with %v", err)
			}
			for _, s := range c.says {
				if !strings.Contains(string(out), s) {
					t.Errorf("does not say %q", s)
				}
			}
			for _, s := range c.saysNot {
				if strings.Contains(string(out), s) {
					t.Errorf("says %q", s)
				}
			}
			if t.Failed() {
				t.Logf("%s", out)
			}
		})
	}
}

// isChild reports whether the tests below shall do what they are for. Otherwise they
// do nothing: most of them are to fail.
func isChild() bool { return os.Getenv(childEnv) != "" }

func TestChildPasses(t *testing.T) {
	if !isChild() {
		return
	}
	vartest.VerifyNoLeak(t)
	vartest.Set(t, user, "ann")
	for range 3 {
		t.Run("parallel", func(t *testing.T) {
			vartest.VerifyNoLeak(t)
			t.Parallel()
			vartest.Set(t, zone, "south")
			var wg sync.WaitGroup
			wg.Go(func() { user.Set("bob") })
			wg.Wait()
		})
		t.Run("skipped", func(t *testing.T) {
			vartest.VerifyNoLeak(t)
			t.Skip("to see what VerifyNoLeak makes of it")
		})
	}
	synctest.Test(t, func(t *testing.T) {
		vartest.VerifyNoLeak(t)
		go func() { <-t.Context().Done() }()
	})
}

func TestChildFailNow(t *testing.T) {
	if !isChild() {
		return
	}
	vartest.VerifyNoLeak(t)
	user.Set("ann")
	t.Fatal("reason given")
}

func TestChildSkips(t *testing.T) {
	if !isChild() {
		return
	}
	vartest.VerifyNoLeak(t)
	user.Set("ann")
	t.Skip("to see what VerifyNoLeak makes of it")
}

func TestChildParallel(t *testing.T) {
	if !isChild() {
		return
	}
	for _, name := range []string{"clean", "leaves", "clean too"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			vartest.VerifyNoLeak(t)
			if name == "leaves" {
				user.Set("ann")
			}
		})
	}
}

func TestChildSubtest(t *testing.T) {
	if !isChild() {
		return
	}
	vartest.VerifyNoLeak(t)
	t.Run("starts a goroutine", func(*testing.T) { go parked(nil) })
}

func TestChildPanics(t *testing.T) {
	if !isChild() {
		return
	}
	vartest.VerifyNoLeak(t)
	user.Set("ann")
	panic("reason given")
}

// The subtest's goroutine calls the cleanup functions of both.
func TestChildPanicsInSubtest(t *testing.T) {
	if !isChild() {
		return
	}
	vartest.VerifyNoLeak(t)
	vartest.Set(t, user, "ann")
	t.Run("panics", func(*testing.T) { panic("reason given") })
}

func TestChildBubble(t *testing.T) {
	if !isChild() {
		return
	}
	synctest.Test(t, func(t *testing.T) {
		vartest.VerifyNoLeak(t)
		go parked(make(chan bool))
	})
}

func FuzzChild(f *testing.F) {
	vartest.VerifyNoLeak(f)
	f.Add(false)
	f.Add(true)
	f.Fuzz(func(t *testing.T, leaves bool) {
		vartest.VerifyNoLeak(t)
		if leaves && isChild() {
			user.Set("ann")
		}
	})
}

func BenchmarkChild(b *testing.B) {
	if !isChild() {
		return
	}
	vartest.VerifyNoLeak(b)
	b.Run("clean", func(b *testing.B) {
		vartest.VerifyNoLeak(b)
		for b.Loop() {
			contextvars.Go(func() {})
		}
	})
	b.Run("leaves", func(b *testing.B) {
		vartest.VerifyNoLeak(b)
		for b.Loop() {
			user.Set("ann")
		}
	})
}
