package thirdparty_test

import (
	"sync"
	"testing"

	"github.com/sourcegraph/conc"
	"golang.org/x/sync/errgroup"
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
