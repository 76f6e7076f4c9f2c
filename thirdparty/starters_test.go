package thirdparty_test

import (
	"iter"
	"sync"
	"testing"

	"github.com/sourcegraph/conc"
	"golang.org/x/sync/errgroup"

	cv "github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/internal/matrix"
)

// starters start a goroutine for the job, and wait until it has ended. With each
// of them the job is right by itself.
var starters = map[string]func(job func()){
	"go": func(job func()) {
		done := make(chan bool)
		go func() { defer close(done); job() }()
		<-done
	},
	"sync.WaitGroup.Go": func(job func()) {
		var wg sync.WaitGroup
		wg.Go(job)
		wg.Wait()
	},
	"errgroup.Group.Go": func(job func()) {
		var g errgroup.Group
		g.Go(func() error { job(); return nil })
		g.Wait()
	},
	"errgroup.Group.Go with a limit": func(job func()) {
		var g errgroup.Group
		g.SetLimit(1)
		g.Go(func() error { return nil })
		g.Go(func() error { job(); return nil })
		g.Wait()
	},
	"errgroup.Group.TryGo": func(job func()) {
		var g errgroup.Group
		g.TryGo(func() error { job(); return nil })
		g.Wait()
	},
	"conc.WaitGroup.Go": func(job func()) {
		var wg conc.WaitGroup
		wg.Go(job)
		wg.Wait()
	},
}

func TestStartersWithoutHelp(t *testing.T) {
	for name, start := range starters {
		t.Run(name, func(t *testing.T) {
			defer user.Set("starter").Restore()
			var got, own, grandchild string
			start(func() {
				got = user.Get()
				user.Set("job")
				own = user.Get()
				start(func() { grandchild = user.Get() })
			})
			want(t, "the job sees", got, "starter")
			want(t, "the job sees what it set", own, "job")
			want(t, "the job's own job sees", grandchild, "job")
			want(t, "the starter sees", user.Get(), "starter")
		})
	}
}

func TestSubtestsWithoutHelp(t *testing.T) {
	defer user.Set("test").Restore()
	t.Run("group", func(t *testing.T) {
		for _, name := range []string{"a", "b"} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				want(t, "a parallel subtest sees", user.Get(), "test")
				user.Set(name)
				t.Run("nested", func(t *testing.T) {
					want(t, "a nested subtest sees", user.Get(), name)
				})
			})
		}
		user.Set("group")
		t.Run("later", func(t *testing.T) {
			want(t, "a subtest started later sees", user.Get(), "group")
			user.Set("later")
		})
		want(t, "the group sees", user.Get(), "group")
		user.Set("test")
	})
	want(t, "the test sees", user.Get(), "test")
}

func starterRows(t *testing.T) []matrix.Row {
	defer user.Set("the starter's").Restore()
	saw := func(start func(job func())) (saw string) {
		start(func() { saw = sees() })
		return saw
	}
	const errgroupModule = "golang.org/x/sync"
	rows := []matrix.Row{
		right("a `go` statement", "none", saw(starters["go"])),
		right("`sync.WaitGroup.Go`", std, saw(starters["sync.WaitGroup.Go"])),
		right("`errgroup.Group.Go`", errgroupModule, saw(starters["errgroup.Group.Go"])),
		right("`errgroup.Group.Go`, with a limit", errgroupModule, saw(starters["errgroup.Group.Go with a limit"])),
		right("`errgroup.Group.TryGo`", errgroupModule, saw(starters["errgroup.Group.TryGo"])),
		right("`conc.WaitGroup.Go`", "github.com/sourcegraph/conc", saw(starters["conc.WaitGroup.Go"])),
	}
	parallel := make(chan string, 1)
	var nested string
	t.Run("group", func(t *testing.T) {
		t.Run("parallel", func(t *testing.T) {
			t.Parallel()
			t.Run("nested", func(*testing.T) { nested = sees() })
			parallel <- sees()
		})
	})
	return append(rows,
		right("a parallel subtest, `t.Run`", std, <-parallel),
		right("a subtest of that", std, nested),
		matrix.Row{
			Where: "a sequence, by `iter.Pull`", Module: std, Help: "`IsolatePull`, where that is wanted",
			Without: pulled(iter.Pull[string]), With: pulled(cv.IsolatePull[string]),
		})
}

// pulled returns what a sequence sees.
func pulled(pull func(iter.Seq[string]) (func() (string, bool), func())) string {
	var next func() (string, bool)
	var stop func()
	user.With("its creator's", func() { next, stop = pull(func(yield func(string) bool) { yield(sees()) }) })
	defer stop()
	defer user.Set("its consumer's").Restore()
	saw, _ := next()
	return saw
}
