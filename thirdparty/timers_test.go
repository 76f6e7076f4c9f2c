package thirdparty_test

import (
	"context"
	"testing"
	"time"

	cv "github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/internal/matrix"
)

// seen returns a function that sends what it sees, and the channel. It sets the
// variable, too, to show that the next job does not see that.
func seen() (job func(), got chan string) {
	got = make(chan string, 1)
	return func() { got <- user.Get(); user.Set("leftover") }, got
}

func TestTimeAfterFuncWithoutHelp(t *testing.T) {
	defer user.Set("starter").Restore()
	job, got := seen()
	timer := time.AfterFunc(0, job)
	want(t, "the job sees", <-got, "")
	timer.Reset(0)
	want(t, "the job sees, fired again", <-got, "")
}

func TestTimeAfterFuncWithHelp(t *testing.T) {
	tests := map[string]func(job func()) *time.Timer{
		"AfterFunc": func(job func()) *time.Timer { return cv.AfterFunc(0, job) },
		"Bind":      func(job func()) *time.Timer { return time.AfterFunc(0, cv.Bind(job)) },
	}
	for name, start := range tests {
		t.Run(name, func(t *testing.T) {
			job, got := seen()
			var timer *time.Timer
			user.With("starter", func() { timer = start(job) })
			want(t, "the job sees", <-got, "starter")
			timer.Reset(0)
			want(t, "the job sees, fired again", <-got, "starter")
		})
	}
}

func TestContextAfterFuncWithoutHelp(t *testing.T) {
	job, got := seen()
	ctx, cancel := context.WithCancel(context.Background())
	user.With("starter", func() { context.AfterFunc(ctx, job) })
	user.With("canceller", cancel)
	want(t, "the job sees", <-got, "canceller")

	// Nobody in particular cancels a ctx that ends by its deadline.
	defer user.Set("starter").Restore()
	ctx, cancel = context.WithTimeout(context.Background(), time.Millisecond)
	defer cancel()
	context.AfterFunc(ctx, job)
	want(t, "the job sees, after the deadline", <-got, "")
}

func TestContextAfterFuncWithBind(t *testing.T) {
	job, got := seen()
	ctx, cancel := context.WithCancel(context.Background())
	user.With("starter", func() { context.AfterFunc(ctx, cv.Bind(job)) })
	user.With("canceller", cancel)
	want(t, "the job sees", <-got, "starter")
}

func timerRows() []matrix.Row {
	fired := func(start func(job func()) *time.Timer) string {
		got := make(chan string, 1)
		var timer *time.Timer
		user.With("the starter's", func() { timer = start(func() { got <- sees() }) })
		<-got
		user.With("the resetter's", func() { timer.Reset(0) })
		return <-got
	}
	ended := func(ctx context.Context, cancel func(), bind func(func()) func()) string {
		got := make(chan string, 1)
		user.With("the starter's", func() { context.AfterFunc(ctx, bind(func() { got <- sees() })) })
		user.With("the canceller's", cancel)
		return <-got
	}
	cancelled := func(bind func(func()) func()) string {
		ctx, cancel := context.WithCancel(context.Background())
		return ended(ctx, cancel, bind)
	}
	expired := func(bind func(func()) func()) string {
		ctx, cancel := context.WithTimeout(context.Background(), time.Millisecond)
		defer cancel()
		return ended(ctx, func() {}, bind)
	}
	return []matrix.Row{{
		Where: "`time.AfterFunc`, fired again after a Reset", Module: std, Help: "`contextvars.AfterFunc`",
		Without: fired(func(job func()) *time.Timer { return time.AfterFunc(0, job) }),
		With:    fired(func(job func()) *time.Timer { return cv.AfterFunc(0, job) }),
	}, {
		Where: "`context.AfterFunc`, cancelled", Module: std, Help: "`Bind`",
		Without: cancelled(itself), With: cancelled(cv.Bind),
	}, {
		Where: "`context.AfterFunc`, after a deadline", Module: std, Help: "`Bind`",
		Without: expired(itself), With: expired(cv.Bind),
	}}
}
