package contextvars_test

import (
	"context"
	"errors"
	"runtime"
	"runtime/pprof"
	"sync"
	"testing"

	cv "github.com/gocontextvars/contextvars"
)

// wantReset says that Reset gives this error, nil for none, and leaves the token
// used in just the cases in which it should.
func wantReset[T any](t *testing.T, v *cv.ContextVar[T], token cv.Token[T], wrong error) {
	t.Helper()
	used := token.Used()
	if err := v.Reset(token); !errors.Is(err, wrong) || (err == nil) != (wrong == nil) {
		t.Errorf("Reset: got %v, want %v", err, wrong)
	}
	want(t, "Used after Reset", token.Used(), used || wrong == nil)
}

func TestZeroTokenIsOfNoVariable(t *testing.T) { // 22: only Set and Unset make tokens
	v := cv.New[int]("v")
	v.Set(1)
	var token cv.Token[int]
	want(t, "Var", token.Var(), nil)
	if old, ok := token.OldValue(); old != 0 || ok {
		t.Errorf("OldValue: got %v, %v, want 0, false", old, ok)
	}
	wantReset(t, v, token, cv.ErrTokenVar)
	want(t, "Restore", token.Restore(), false)
	want(t, "Used", token.Used(), false)
	wantValue(t, v, 1)
}

func TestTokenVarAndOldValue(t *testing.T) { // 23
	v := cv.NewDefault("v", 9)
	for i, token := range []cv.Token[int]{v.Set(1), v.Set(2), v.Unset(), v.Set(3)} {
		want(t, "Var", token.Var(), v)
		old, ok := token.OldValue()
		want(t, "OldValue", old, []int{0, 1, 2, 0}[i])
		want(t, "there was an old value", ok, i == 1 || i == 2)
	}
	wantValue(t, v, 3)
}

func TestOldValueMissing(t *testing.T) { // 24: missing is not the zero value or nil
	v := cv.New[error]("v")
	missing, isNil := v.Set(nil), v.Set(nil)
	if old, ok := missing.OldValue(); old != nil || ok {
		t.Errorf("OldValue of the first Set: got %v, %v, want nil, false", old, ok)
	}
	if old, ok := isNil.OldValue(); old != nil || !ok {
		t.Errorf("OldValue of the second Set: got %v, %v, want nil, true", old, ok)
	}
}

func TestReset(t *testing.T) { // 25
	v, d := cv.New[int]("v"), cv.NewDefault("d", 1)
	first, second, third := v.Set(1), v.Set(2), d.Set(3)
	wantReset(t, v, second, nil)
	wantValue(t, v, 1)
	wantReset(t, v, first, nil)
	wantNothing(t, v)
	wantReset(t, d, third, nil)
	wantValue(t, d, 1)
	want(t, "Len", cv.CopyContext().Len(), 0)
	// What a token says stays right.
	old, ok := second.OldValue()
	want(t, "OldValue of a used token", old, 1)
	want(t, "OldValue of a used token", ok, true)
	want(t, "Var of a used token", second.Var(), v)
}

func TestResetUsedToken(t *testing.T) { // 27
	v := cv.New[int]("v")
	token := v.Set(1)
	want(t, "Restore", token.Restore(), true)
	v.Set(2)
	wantReset(t, v, token, cv.ErrTokenUsed)
	want(t, "second Restore", token.Restore(), false)
	copied := token // a token is a value; its copies are used, too
	wantReset(t, v, copied, cv.ErrTokenUsed)
	wantValue(t, v, 2)
}

func TestResetTokenOfOtherVariable(t *testing.T) { // 28
	v, w := cv.New[int]("same"), cv.New[int]("same")
	token := v.Set(1)
	w.Set(2)
	wantReset(t, w, token, cv.ErrTokenVar)
	wantValue(t, v, 1)
	wantValue(t, w, 2)
	wantReset(t, v, token, nil)
}

func TestResetTokenOfOtherContext(t *testing.T) { // 29
	v := cv.New[int]("v")
	token := v.Set(1)
	refused := func() {
		t.Helper()
		value, ok := v.Lookup()
		wantReset(t, v, token, cv.ErrTokenContext)
		want(t, "Restore", token.Restore(), false)
		now, okNow := v.Lookup()
		want(t, "value after a refused Reset", now, value)
		want(t, "value after a refused Reset", okNow, ok)
	}
	own := func() {
		v.Set(2)
		refused()
	}
	for _, f := range []func(){refused, own} {
		elsewhere(f)
		cv.CopyContext().Run(f)
		cv.NewContext().Run(f)
		cv.Bind(f)()
		cv.Detach(f)
		elsewhere(func() { cv.CopyContext().Run(f) })
	}
	c := cv.NewContext()
	var inC cv.Token[int]
	c.Run(func() { inC = v.Set(3) })
	wantReset(t, v, inC, cv.ErrTokenContext)
	c.Copy().Run(func() { wantReset(t, v, inC, cv.ErrTokenContext) })
	c.Run(func() { refused() })
	wantReset(t, v, token, nil)
}

func TestResetCheckOrder(t *testing.T) { // 30
	v, w := cv.New[int]("v"), cv.New[int]("w")
	used, fresh := v.Set(1), v.Set(2)
	used.Restore()
	wantReset(t, w, used, cv.ErrTokenUsed)
	elsewhere(func() {
		wantReset(t, w, used, cv.ErrTokenUsed)
		wantReset(t, v, used, cv.ErrTokenUsed)
		wantReset(t, w, fresh, cv.ErrTokenVar)
		wantReset(t, v, fresh, cv.ErrTokenContext)
		wantReset(t, v, cv.Token[int]{}, cv.ErrTokenVar)
	})
}

func TestFailedResetDoesNotConsume(t *testing.T) { // 31
	v, w := cv.New[int]("v"), cv.New[int]("w")
	v.Set(1)
	token := v.Set(2)
	wantReset(t, w, token, cv.ErrTokenVar)
	elsewhere(func() { wantReset(t, v, token, cv.ErrTokenContext) })
	cv.CopyContext().Run(func() { wantReset(t, v, token, cv.ErrTokenContext) })
	wantReset(t, v, token, nil)
	wantValue(t, v, 1)
}

func TestResetInSameContextOnOtherGoroutine(t *testing.T) { // 32
	v, c := cv.New[int]("v"), cv.NewContext()
	labelled := func(f func()) {
		pprof.Do(context.Background(), pprof.Labels("k", "v"), func(context.Context) { f() })
	}
	plain := func(f func()) { f() }
	for _, set := range []func(func()){plain, labelled} {
		for _, reset := range []func(func()){plain, labelled} {
			var first, second cv.Token[int]
			elsewhere(func() {
				set(func() { c.Run(func() { first, second = v.Set(1), v.Set(2) }) })
				wantReset(t, v, second, cv.ErrTokenContext)
			})
			elsewhere(func() {
				reset(func() {
					c.Run(func() {
						wantValue(t, v, 2)
						wantReset(t, v, second, nil)
						wantValue(t, v, 1)
						want(t, "Restore", first.Restore(), true)
						wantNothing(t, v)
					})
				})
			})
			want(t, "Len", c.Len(), 0)
		}
	}
}

func TestResetOutOfOrder(t *testing.T) { // 33
	v := cv.New[int]("v")
	first, second := v.Set(1), v.Set(2)
	wantReset(t, v, first, nil)
	wantNothing(t, v)
	wantReset(t, v, second, nil)
	wantValue(t, v, 1)
}

func TestResetOuterToken(t *testing.T) { // 34
	v, w := cv.New[int]("v"), cv.New[int]("w")
	v.Set(1)
	outer := v.Set(2)
	inner := v.Set(3)
	w.Set(7)
	wantReset(t, v, outer, nil)
	wantValue(t, v, 1)
	wantValue(t, w, 7) // other variables are not concerned
	want(t, "inner token is used", inner.Used(), false)
}

func TestTokenHoldsVariable(t *testing.T) { // 36; the old value: memory_test.go
	token := func() cv.Token[int] { return cv.New[int]("v").Set(1) }()
	runtime.GC()
	want(t, "Var().Name()", token.Var().Name(), "v")
	want(t, "Restore", token.Restore(), true)
	wantNothing(t, token.Var())
}

func TestTokenInGoroutineThatOnlyInherited(t *testing.T) {
	v := cv.New[int]("v")
	v.Set(1)
	elsewhere(func() {
		token := v.Set(2)
		elsewhere(func() { wantReset(t, v, token, cv.ErrTokenContext) })
		wantReset(t, v, token, nil)
		wantValue(t, v, 1)
	})
}

func TestResetAcrossOtherChanges(t *testing.T) {
	v, w := cv.New[int]("v"), cv.New[int]("w")
	v.Set(1)
	c := cv.NewContext()
	token := v.Set(2)
	w.Set(3)
	c.Run(func() { v.Set(4) })
	elsewhere(func() { v.Set(5) })
	cv.Adopt(c, cv.NewContext())
	wantValue(t, v, 4)
	pprof.SetGoroutineLabels(pprof.WithLabels(context.Background(), pprof.Labels("k", "v")))
	wantReset(t, v, token, nil)
	wantValue(t, v, 1)
	wantValue(t, w, 3)
}

func TestTokenInManyGoroutines(t *testing.T) {
	v := cv.New[int]("v")
	v.Set(1)
	for range 50 {
		token := v.Set(2)
		var group sync.WaitGroup
		for range 4 {
			group.Go(func() {
				token.Used()
				want(t, "Restore", token.Restore(), false)
				if err := v.Reset(token); !errors.Is(err, cv.ErrTokenContext) && !errors.Is(err, cv.ErrTokenUsed) {
					t.Errorf("Reset: got %v", err)
				}
				old, _ := token.OldValue()
				want(t, "OldValue", old, 1)
				want(t, "String", token.String() != "", true)
			})
		}
		v.Set(3)
		want(t, "Restore", token.Restore(), true)
		wantValue(t, v, 1)
		group.Wait()
	}
}

// No counterpart in Go: 26 (the compiler). 35 is in format_test.go.
