package thirdparty_test

import (
	"testing"
	"time"

	"github.com/go-co-op/gocron/v2"

	cv "github.com/gocontextvars/contextvars"
)

// scheduled returns what two jobs see that are given to a scheduler, one after the other, where user is set to
// "adder". Whoever made the scheduler had it set to "maker", and who started it to "starter".
func scheduled(t *testing.T, bind func(func()) func()) (sees []string) {
	t.Helper()
	var s gocron.Scheduler
	user.With("maker", func() {
		var err error
		if s, err = gocron.NewScheduler(); err != nil {
			t.Fatal(err)
		}
	})
	defer func() {
		if err := s.Shutdown(); err != nil {
			t.Error(err)
		}
	}()
	user.With("starter", s.Start)
	for range 2 {
		job, got := seen()
		user.With("adder", func() {
			at := gocron.OneTimeJob(gocron.OneTimeJobStartImmediately())
			if _, err := s.NewJob(at, gocron.NewTask(bind(job))); err != nil {
				t.Fatal(err)
			}
		})
		select {
		case name := <-got:
			sees = append(sees, name)
		case <-time.After(10 * time.Second):
			t.Fatal("the job does not run")
		}
	}
	return sees
}

func TestCronWithoutHelp(t *testing.T) {
	for _, name := range scheduled(t, func(f func()) func() { return f }) {
		want(t, "the job sees", name, "maker")
	}
}

func TestCronWithBind(t *testing.T) {
	for _, name := range scheduled(t, cv.Bind) {
		want(t, "the job sees", name, "adder")
	}
}
