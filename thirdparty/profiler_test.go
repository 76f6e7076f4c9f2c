package thirdparty_test

import (
	"bytes"
	"context"
	"runtime/pprof"
	"strings"
	"testing"

	"github.com/grafana/pyroscope-go"

	cv "github.com/gocontextvars/contextvars"
)

// pyroscope.TagWrapper stands for the packages that set profiler labels by
// pprof.Do or pprof.SetGoroutineLabels.

func tagged(ctx context.Context, f func()) {
	pyroscope.TagWrapper(ctx, pyroscope.Labels("controller", "orders"), func(context.Context) { f() })
}

// wantLabels says that these are among some goroutine's labels, as a goroutine profile
// shows them.
func wantLabels(t *testing.T, labels string) {
	t.Helper()
	var profile bytes.Buffer
	noError(t, pprof.Lookup("goroutine").WriteTo(&profile, 1))
	if !strings.Contains(profile.String(), "# labels: {"+labels) {
		t.Errorf("no goroutine has the labels %s in\n%s", labels, &profile)
	}
}

func TestTagsWithoutHelp(t *testing.T) {
	defer user.Set("ours").Restore()
	defer tenant.Set("acme").Restore()
	tagged(context.Background(), func() {
		want(t, "a goroutine that has set a variable sees", user.Get(), "ours")
		wantLabels(t, `"controller":"orders", "tenant":"acme"}`)
		starters["go"](func() {
			want(t, "a goroutine that is started after a call of ours sees", user.Get(), "ours")
		})
		user.Set("set inside")
	})
	want(t, "afterwards it sees", user.Get(), "set inside")
	tagged(context.Background(), func() {
		starters["go"](func() {
			want(t, "a goroutine that is started before any call of ours sees", user.Get(), "")
		})
	})
	starters["go"](func() {
		tagged(context.Background(), func() {
			want(t, "a goroutine that has only inherited sees", user.Get(), "")
		})
		want(t, "and afterwards", user.Get(), "")
	})
}

func TestTagsWithGo(t *testing.T) {
	defer user.Set("ours").Restore()
	done := make(chan bool)
	cv.Go(func() {
		defer close(done)
		tagged(context.Background(), func() {
			want(t, "a goroutine that has only inherited sees", user.Get(), "ours")
		})
		want(t, "and afterwards", user.Get(), "ours")
	})
	<-done
}

func TestTagsWithWithContext(t *testing.T) {
	defer user.Set("ours").Restore()
	defer tenant.Set("acme").Restore()
	ctx := cv.WithContext(context.Background(), cv.CopyContext())
	tagged(ctx, func() {
		starters["go"](func() {
			want(t, "a goroutine that is started before any call of ours sees", user.Get(), "ours")
			wantLabels(t, `"controller":"orders", "tenant":"acme"}`)
		})
	})
	starters["go"](func() {
		tagged(ctx, func() {
			want(t, "a goroutine that has only inherited sees", user.Get(), "ours")
		})
		want(t, "and afterwards", user.Get(), "ours")
	})
}
