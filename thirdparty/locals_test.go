package thirdparty_test

import (
	"runtime"
	"testing"

	"github.com/jtolds/gls"
	"github.com/timandy/routine"

	cv "github.com/gocontextvars/contextvars"
)

// Other packages with variables of goroutines, in the same process.

// timandy/routine keeps its values in the same word of the goroutine. On a goroutine
// that uses both, each loses what it has there to the other's next call.
var (
	theirs          = routine.NewThreadLocal[string]()
	theirsInherited = routine.NewInheritableThreadLocal[string]()
)

// Ours come back by themselves where the goroutine has set one. Theirs do not.
func TestRoutineOnOneGoroutineWithoutHelp(t *testing.T) {
	starters["go"](func() {
		user.Set("ours")
		theirs.Set("theirs")
		theirsInherited.Set("theirs")
		want(t, "theirs, after no call of ours", theirs.Get(), "theirs")
		want(t, "theirs that are inherited, likewise", theirsInherited.Get(), "theirs")
		runtime.GC()
		want(t, "ours", user.Get(), "ours")
		want(t, "theirs, after a call of ours", theirs.Get(), "")
		want(t, "theirs that are inherited, likewise", theirsInherited.Get(), "")
		want(t, "ours in the end", user.Get(), "ours")
	})
}

func TestRoutineOnGoroutineThatInheritedWithoutHelp(t *testing.T) {
	defer user.Set("ours").Restore()
	starters["go"](func() {
		want(t, "ours", user.Get(), "ours")
		want(t, "theirs", theirs.Get(), "")
		want(t, "ours, after a call of theirs", user.Get(), "")
	})
}

func TestRoutineOnGoroutineThatInheritedWithGo(t *testing.T) {
	defer user.Set("ours").Restore()
	done := make(chan bool)
	cv.Go(func() {
		defer close(done)
		theirs.Set("theirs")
		want(t, "ours, after a call of theirs", user.Get(), "ours")
	})
	<-done
}

// Goroutines that use only one of the two are left alone by the other, also where their
// creators use the other one.
func TestRoutineOnGoroutinesOfTheirOwn(t *testing.T) {
	defer tenant.Set("ours").Restore()
	starters["go"](func() {
		theirsInherited.Set("theirs")
		task := routine.GoWait(func(routine.CancelToken) {
			want(t, "theirs", theirsInherited.Get(), "theirs")
			starters["go"](func() {
				user.Set("ours")
				for range 3 {
					runtime.GC()
					want(t, "ours", user.Get(), "ours")
				}
			})
			want(t, "theirs in the end", theirsInherited.Get(), "theirs")
		})
		task.Get()
	})
}

// Asking for a goroutine's id, which is what most use the package for, is harmless.
func TestRoutineGoid(t *testing.T) {
	defer user.Set("ours").Restore()
	starters["go"](func() {
		if routine.Goid() == 0 {
			t.Error("got no id")
		}
		want(t, "ours", user.Get(), "ours")
	})
}

// jtolds/gls keeps its values in the stack: neither knows of the other.
func TestGLS(t *testing.T) {
	theirs := gls.NewContextManager()
	get := func() string {
		value, _ := theirs.GetValue("user")
		name, _ := value.(string)
		return name
	}
	theirs.SetValues(gls.Values{"user": "theirs"}, func() {
		user.With("ours", func() {
			want(t, "theirs", get(), "theirs")
			want(t, "ours", user.Get(), "ours")
			starters["go"](func() {
				want(t, "theirs, after a go statement", get(), "")
				want(t, "ours, after a go statement", user.Get(), "ours")
			})
			done := make(chan bool)
			gls.Go(func() {
				defer close(done)
				want(t, "theirs, after gls.Go", get(), "theirs")
				want(t, "ours, after gls.Go", user.Get(), "ours")
			})
			<-done
			cv.NewContext().Run(func() { want(t, "theirs, in Run", get(), "theirs") })
		})
	})
}
