package contextvars_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"reflect"
	"runtime/debug"
	"strings"
	"testing"
	"time"

	cv "github.com/gocontextvars/contextvars"
)

// panicOf returns what f panics with, nil if it does not.
func panicOf(f func()) (p any) {
	defer func() { p = recover() }()
	f()
	return nil
}

// badCall is a call that has to panic with a message that begins with the
// package's name and says all of this.
type badCall struct {
	says string // separated by spaces; the first is the call's name
	call func()
}

// testBadCalls makes each call in different situations and sees that it changed
// nothing.
func testBadCalls(t *testing.T, calls []badCall) {
	witness, label := cv.New[int]("witness"), cv.New[int]("label", cv.Label())
	places := map[string]func(func()){
		"goroutine that has set":       func(f func()) { f() },
		"goroutine that has inherited": elsewhere,
		"empty goroutine":              elsewhereEmpty,
		"Run":                          cv.NewContext().Run,
	}
	for _, c := range calls {
		t.Run(strings.ReplaceAll(c.says, " ", "_"), func(t *testing.T) {
			token := witness.Set(1)
			label.Set(1)
			for place, run := range places {
				run(func() {
					before, labels := cv.CopyContext(), len(profiled(t))
					text := fmt.Sprint(panicOf(c.call))
					if !strings.HasPrefix(text, "contextvars: ") {
						t.Errorf("%s: panic: %s", place, text)
					}
					for _, part := range strings.Fields(c.says) {
						if !strings.Contains(text, part) {
							t.Errorf("%s: the panic does not name %s: %s", place, part, text)
						}
					}
					want(t, "content is as before", cv.CopyContext().Equal(before), true)
					want(t, "labels", len(profiled(t)), labels)
				})
			}
			want(t, "Restore", token.Restore(), true)
			wantNothing(t, witness)
		})
	}
}

func never() { panic("the func was called") }

func TestNilContext(t *testing.T) {
	v, c := cv.New[int]("variable"), cv.NewContext()
	var null *cv.Context
	testBadCalls(t, []badCall{
		{"Run nil", func() { null.Run(never) }},
		{"Run nil", func() { null.Run(nil) }},
		{"Call nil", func() { _, _ = cv.Call(null, func() (int, error) { never(); return 0, nil }) }},
		{"Copy nil", func() { null.Copy() }},
		{"Len nil", func() { null.Len() }},
		{"Contains nil", func() { null.Contains(v) }},
		{"Value nil", func() { null.Value(v) }},
		{"All nil", func() { null.All() }},
		{"Equal nil", func() { null.Equal(c) }},
		{"Equal nil", func() { c.Equal(nil) }},
		{"Equal nil", func() { null.Equal(nil) }},
		{"Adopt nil", func() { cv.Adopt(nil, c) }},
		{"Adopt nil", func() { cv.Adopt(c, nil) }},
		{"WithContext nil", func() { cv.WithContext(context.Background(), nil) }},
		{"In nil variable", func() { v.In(nil) }},
	})
}

func TestNilFunc(t *testing.T) {
	v, c := cv.New[int]("variable"), cv.NewContext()
	testBadCalls(t, []badCall{
		{"Run nil func", func() { c.Run(nil) }},
		{"Call nil func", func() { _, _ = cv.Call[int](c, nil) }},
		{"With nil func variable", func() { v.With(1, nil) }},
		{"Bind nil func", func() { cv.Bind(nil) }},
		{"Bind1 nil func", func() { cv.Bind1[int](nil) }},
		{"BindResult nil func", func() { cv.BindResult[int, int](nil) }},
		{"Go nil func", func() { cv.Go(nil) }},
		{"GoDetached nil func", func() { cv.GoDetached(nil) }},
		{"Detach nil func", func() { cv.Detach(nil) }},
		{"Lend nil func", func() { cv.Lend(nil) }},
		{"AfterFunc nil func", func() { cv.AfterFunc(time.Hour, nil) }},
	})
	c.Run(func() {}) // is not left entered
	want(t, "Len", c.Len(), 0)
}

func TestNilVariable(t *testing.T) {
	c := cv.NewContext()
	var null *cv.ContextVar[int]
	var none cv.Variable
	testBadCalls(t, []badCall{
		{"Name nil New", func() { null.Name() }},
		{"Get nil New", func() { null.Get() }},
		{"Lookup nil New", func() { null.Lookup() }},
		{"GetOr nil New", func() { null.GetOr(1) }},
		{"MustGet nil New", func() { null.MustGet() }},
		{"In nil New", func() { null.In(c) }},
		{"Set nil New", func() { null.Set(1) }},
		{"Unset nil New", func() { null.Unset() }},
		{"Reset nil New", func() { _ = null.Reset(cv.Token[int]{}) }},
		{"With nil New", func() { null.With(1, never) }},
		{"Contains nil New", func() { c.Contains(null) }},
		{"Value nil New", func() { c.Value(null) }},
		{"LookupAny nil New", func() { cv.LookupAny(null) }},
		{"Contains nil Variable", func() { c.Contains(none) }},
		{"Value nil Variable", func() { c.Value(none) }},
		{"LookupAny nil Variable", func() { cv.LookupAny(none) }},
	})
}

func TestOtherNils(t *testing.T) {
	var noCtx context.Context
	testBadCalls(t, []badCall{
		{"New nil Option variable", func() { cv.New[int]("variable", nil) }},
		{"New nil Option 2", func() { cv.New[int]("variable", cv.Local(), nil) }},
		{"NewDefault nil Option variable", func() { cv.NewDefault("variable", 1, nil) }},
		{"WithContext nil context.Context", func() { cv.WithContext(noCtx, cv.NewContext()) }},
		{"FromContext nil context.Context", func() { cv.FromContext(noCtx) }},
	})
}

func TestMustGetWithoutValue(t *testing.T) {
	v, c := cv.New[int]("variable"), cv.NewContext()
	local := cv.New[int]("local", cv.Local())
	testBadCalls(t, []badCall{
		{"variable Lookup GetOr", func() { v.MustGet() }},
		{"variable", func() { c.Run(func() { v.MustGet() }) }},
		{"local", func() { local.MustGet() }},
	})
}

func TestRunOfEnteredContextIsBad(t *testing.T) {
	c := cv.NewContext()
	c.Run(func() {
		testBadCalls(t, []badCall{
			{"enter Copy", func() { c.Run(never) }},
			{"enter Copy", func() { _, _ = cv.Call(c, func() (int, error) { never(); return 0, nil }) }},
		})
	})
}

func TestResetErrors(t *testing.T) {
	v, w := cv.New[int]("variable"), cv.New[int]("other")
	used, fresh := v.Set(1), v.Set(2)
	used.Restore()
	v.Set(3)
	var elsewhereErr error
	elsewhere(func() { elsewhereErr = v.Reset(fresh) })
	for _, c := range []struct {
		err, is error
		says    string
	}{
		{v.Reset(used), cv.ErrTokenUsed, `Reset "variable"`},
		{w.Reset(used), cv.ErrTokenUsed, `Reset "other"`},
		{w.Reset(fresh), cv.ErrTokenVar, `Reset "other"`},
		{w.Reset(cv.Token[int]{}), cv.ErrTokenVar, `Reset "other"`},
		{elsewhereErr, cv.ErrTokenContext, `Reset "variable"`},
	} {
		for _, sentinel := range []error{cv.ErrTokenUsed, cv.ErrTokenVar, cv.ErrTokenContext} {
			want(t, fmt.Sprintf("Is(%v, %v)", c.err, sentinel), errors.Is(c.err, sentinel), sentinel == c.is)
		}
		for _, part := range strings.Fields(c.says) {
			if text := fmt.Sprint(c.err); !strings.HasPrefix(text, "contextvars: ") || !strings.Contains(text, part) {
				t.Errorf("error: got %s, want one that names %s", text, part)
			}
		}
	}
	wantValue(t, v, 3)
	wantNothing(t, w)
	want(t, "fresh token is used", fresh.Used(), false)
}

// Error structs that somebody else made say something, too.
func TestErrorsWithoutContent(t *testing.T) {
	for _, err := range []error{&cv.LookupError{}, &cv.ReentryError{}} {
		want(t, "begins with the package's name", strings.HasPrefix(err.Error(), "contextvars: "), true)
	}
}

// A ContextVar that New did not make has to be refused, or to work, but not to make
// the context that it is set in unusable.
func TestContextVarNotMadeByNew(t *testing.T) {
	needsProcesses(t)
	const env = "CONTEXTVARS_TEST_NOT_MADE"
	v := cv.New[int]("v")
	copied := new(cv.ContextVar[int])
	reflect.ValueOf(copied).Elem().Set(reflect.ValueOf(v).Elem()) // *copied = *v
	cases := map[string][]*cv.ContextVar[int]{
		"zero":   {new(cv.ContextVar[int]), new(cv.ContextVar[int])},
		"copied": {v, copied},
	}
	if name := os.Getenv(env); name != "" {
		debug.SetMaxStack(1 << 20)
		defer func() {
			if p := recover(); p != nil && !strings.HasPrefix(fmt.Sprint(p), "contextvars: ") {
				t.Errorf("panic: %v", p)
			}
		}()
		for range 8 {
			cv.New[int]("one of many").Set(1)
		}
		for i, v := range cases[name] {
			v.Set(i)
			wantValue(t, v, i)
		}
		for v, value := range cv.CopyContext().All() {
			want(t, "value", value, mustLookup(t, v))
		}
		return
	}
	for name := range cases { // in a process of its own, since a stack overflow ends it
		command := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$")
		command.Env = append(os.Environ(), env+"="+name)
		if output, err := command.CombinedOutput(); err != nil {
			t.Errorf("%s: %v\n%.400s", name, err, output)
		}
	}
}
