package contextvars_test

import (
	"runtime"
	"testing"

	cv "github.com/gocontextvars/contextvars"
)

// Python's "with var.set(x) as token" is "defer v.Set(x).Restore()" here: the end of
// the with-body is the end of the function.

func TestDeferRestore(t *testing.T) { // 38
	plain, withDefault := cv.New[int]("plain"), cv.NewDefault("withDefault", 1)
	func() {
		token := plain.Set(2)
		defer token.Restore()
		defer withDefault.Set(3).Restore()
		wantValue(t, plain, 2)
		wantValue(t, withDefault, 3)
		want(t, "Var", token.Var(), plain)
		want(t, "Used in the body", token.Used(), false)
	}()
	wantNothing(t, plain)
	wantValue(t, withDefault, 1)
	want(t, "Len", cv.CopyContext().Len(), 0)
}

func TestDeferRestoreAfterPanic(t *testing.T) { // 39
	v := cv.NewDefault("v", 1)
	p := panicOf(func() {
		defer v.Set(2).Restore()
		panic("goes on")
	})
	want(t, "panic", p, any("goes on"))
	wantValue(t, v, 1)
	elsewhere(func() {
		defer func() { wantValue(t, v, 1) }()
		defer v.Set(2).Restore()
		runtime.Goexit()
	})
}

func TestDeferRestoreTwice(t *testing.T) { // 40
	v := cv.NewDefault("v", 1)
	token := v.Set(2)
	func() {
		defer func() { want(t, "second Restore", token.Restore(), false) }()
		defer func() { want(t, "first Restore", token.Restore(), true) }()
		wantValue(t, v, 2)
	}()
	wantValue(t, v, 1)
	wantReset(t, v, token, cv.ErrTokenUsed)
}

func TestResetBeforeDeferredRestore(t *testing.T) { // 41
	v := cv.NewDefault("v", 1)
	func() {
		token := v.Set(2)
		defer func() { want(t, "Restore", token.Restore(), false) }()
		wantReset(t, v, token, nil)
		wantValue(t, v, 1)
	}()
	wantValue(t, v, 1)
}

func TestSetBeforeDeferredRestore(t *testing.T) { // 42
	v := cv.New[int]("v")
	v.Set(1)
	func() {
		defer v.Set(2).Restore()
		v.Set(3)
		v.Set(4)
		v.Unset()
	}()
	wantValue(t, v, 1)
}

func TestOtherResetBeforeDeferredRestore(t *testing.T) { // 43
	v := cv.New[int]("v")
	v.Set(1)
	func() {
		defer v.Set(2).Restore()
		inner := v.Set(3)
		wantReset(t, v, inner, nil)
		wantValue(t, v, 2)
	}()
	wantValue(t, v, 1)
}

func TestDeferredRestoreInOtherContext(t *testing.T) { // 44
	v := cv.New[int]("v")
	cleanUp := func() (run func(), restored *bool) {
		token := v.Set(2)
		restored = new(bool)
		return func() { *restored = token.Restore() }, restored
	}
	v.Set(1)
	run, restored := cleanUp()
	elsewhere(run)
	want(t, "Restore on another goroutine", *restored, false)
	cv.CopyContext().Run(run)
	want(t, "Restore in a copy", *restored, false)
	wantValue(t, v, 2)
	run()
	want(t, "Restore", *restored, true)
	wantValue(t, v, 1)
}
