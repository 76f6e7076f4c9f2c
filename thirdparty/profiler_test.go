package thirdparty_test

import (
	"bytes"
	"context"
	"runtime/pprof"
	"strings"
	"testing"

	"github.com/grafana/pyroscope-go"

	cv "github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/internal/matrix"
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

func labelRows() []matrix.Row {
	const pyroscopeModule, routineModule = "github.com/grafana/pyroscope-go", "github.com/timandy/routine"
	defer user.Set("its creator's").Restore()
	background := context.Background()
	carrying := cv.WithContext(background, cv.CopyContext())
	start := starters["go"]
	startGo := func(f func()) {
		done := make(chan bool)
		cv.Go(func() { defer close(done); f() })
		<-done
	}
	inherited := func(ctx context.Context, start func(func())) (inside, after string) {
		start(func() {
			tagged(ctx, func() { inside = sees() })
			after = sees()
		})
		return inside, after
	}
	var own, begun, begunCarrying string
	tagged(background, func() { own = sees() })
	tagged(background, func() { start(func() { begun = sees() }) })
	tagged(carrying, func() { start(func() { begunCarrying = sees() }) })
	inside, after := inherited(background, start)
	insideGo, afterGo := inherited(background, startGo)
	insideCarrying, afterCarrying := inherited(carrying, start)
	theirs := func(start func(func())) (saw string) {
		start(func() { theirs.Set("theirs"); saw = sees() })
		return saw
	}
	return []matrix.Row{
		right("`pyroscope.TagWrapper` on a goroutine that has set a variable, inside", pyroscopeModule, own),
		{
			Where: "… on a goroutine that has only inherited, inside", Module: pyroscopeModule, Help: "start it by `Go`",
			Without: inside, With: insideGo,
		},
		{
			Where: "… afterwards", Module: pyroscopeModule, Help: "start it by `Go`", Without: after, With: afterGo,
		},
		{
			Where: "… the same goroutine, inside", Module: pyroscopeModule, Help: "give it a ctx of `WithContext`",
			Without: inside, With: insideCarrying,
		},
		{
			Where: "… the same goroutine, afterwards", Module: pyroscopeModule, Help: "give it a ctx of `WithContext`",
			Without: after, With: afterCarrying,
		},
		{
			Where: "… a goroutine started inside, before any call of ours", Module: pyroscopeModule,
			Help: "give it a ctx of `WithContext`", Without: begun, With: begunCarrying,
		},
		{
			Where: "timandy/routine: a goroutine that has only inherited, after a call of theirs", Module: routineModule,
			Help: "start it by `Go`", Without: theirs(start), With: theirs(startGo),
		},
	}
}
