package thirdparty_test

import (
	"testing"
	"time"

	"github.com/go-co-op/gocron/v2"

	cv "github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/internal/matrix"
)

// scheduled returns what two jobs see that are given to a scheduler, one after the other, where user is set to
// "the adder's". Whoever made the scheduler had it set to "the scheduler maker's", and who started it to "the scheduler starter's".
func scheduled(t *testing.T, bind func(func()) func()) (sees []string) {
	t.Helper()
	var s gocron.Scheduler
	user.With("the scheduler maker's", func() {
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
	user.With("the scheduler starter's", s.Start)
	for range 2 {
		job, got := seen()
		user.With("the adder's", func() {
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
		want(t, "the job sees", name, "the scheduler maker's")
	}
}

func TestCronWithBind(t *testing.T) {
	for _, name := range scheduled(t, cv.Bind) {
		want(t, "the job sees", name, "the adder's")
	}
}

func cronRows(t *testing.T) []matrix.Row {
	return []matrix.Row{{
		Where: "a gocron job", Module: "github.com/go-co-op/gocron/v2", Help: "`Bind` the job",
		Without: scheduled(t, itself)[0], With: scheduled(t, cv.Bind)[0],
	}}
}
