package syncvars_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/syncvars"
)

// doers are the ways to have a Group do something, for callers who wait for it.
var doers = map[string]func(g *group, key string, f func() (string, error)) string{
	"Do": func(g *group, key string, f func() (string, error)) string {
		v, _, _ := g.Do(key, f)
		return v
	},
	"DoChan": func(g *group, key string, f func() (string, error)) string {
		return (<-g.DoChan(key, f)).Val
	},
}

// see returns what the work sees, and leaves something behind.
func see() (string, error) {
	saw := fmt.Sprintf("%q %q %q", user.Get(), tenant.Get(), lang.GetOr("unset"))
	elsewhere(func() { saw += fmt.Sprintf(", child %q %q", user.Get(), tenant.Get()) })
	user.Set("leftover")
	tenant.Set("leftover")
	return saw, nil
}

func TestWorkSeesNothing(t *testing.T) {
	for name, do := range doers {
		t.Run(name, func(t *testing.T) {
			var g group
			defer user.Set("ann").Restore()
			defer tenant.Set("acme").Restore()
			defer lang.Set("de").Restore()
			for range 2 {
				want(t, "the work sees", do(&g, "key", see), `"" "" "unset", child "" ""`)
				want(t, "the caller sees", user.Get()+tenant.Get(), "annacme")
			}
		})
	}
}

func TestWorkSeesItsParts(t *testing.T) {
	for name, do := range doers {
		t.Run(name, func(t *testing.T) {
			g := syncvars.NewGroup[string, string](syncvars.With(tenant), syncvars.With(lang))
			defer user.Set("ann").Restore()
			want(t, "none set", do(g, "key", see), `"" "" "unset", child "" ""`)
			tenant.With("acme", func() {
				want(t, "one set", do(g, "key", see), `"" "acme" "unset", child "" "acme"`)
				lang.With("de", func() {
					want(t, "both set", do(g, "key", see), `"" "acme" "de", child "" "acme"`)
				})
				want(t, "the caller sees", tenant.Get(), "acme")
			})
			lang.With("en", func() {
				want(t, "the other set", do(g, "key", see), `"" "" "en", child "" ""`)
			})
		})
	}
}

// Callers share a call if key and parts are equal, and only then.
func TestPartsAreOfTheKey(t *testing.T) {
	g := syncvars.NewGroup[string, string](syncvars.With(tenant), syncvars.With(lang))
	let := make(chan bool)
	type caller struct{ key, tenant, lang, user string } // "" for unset
	callers := []caller{
		{"k", "a", "", "1"}, {"k", "a", "", "2"}, {"k", "b", "", "3"}, {"j", "a", "", "4"},
		{"k", "", "", "5"}, {"k", "", "a", "6"}, {"k", "a", "en", "7"}, {"k", "", "", "8"}, {"k", "a", "en", "9"},
	}
	var results []<-chan syncvars.Result[string]
	for _, c := range callers {
		contextvars.Detach(func() {
			user.Set(c.user)
			if c.tenant != "" {
				tenant.Set(c.tenant)
			}
			if c.lang != "" {
				lang.Set(c.lang)
			}
			results = append(results, g.DoChan(c.key, func() (string, error) { <-let; return c.user, nil }))
		})
	}
	close(let)
	var got []string
	for _, ch := range results {
		r := <-ch
		got = append(got, fmt.Sprint(r.Val, r.Shared))
	}
	expected := []string{"1true", "1true", "3false", "4false", "5true", "6false", "7true", "5true", "7true"}
	if !slices.Equal(got, expected) {
		t.Errorf("results are those of %v, want %v", got, expected)
	}
}

// Forget is about the caller's own.
func TestForgetWithParts(t *testing.T) {
	g := syncvars.NewGroup[string, string](syncvars.With(tenant))
	let := make(chan bool)
	work := func(s string) func() (string, error) { return func() (string, error) { <-let; return s, nil } }
	var first, second [2]<-chan syncvars.Result[string]
	for i, name := range []string{"a", "b"} {
		tenant.With(name, func() { first[i] = g.DoChan("key", work("first")) })
	}
	tenant.With("a", func() { g.Forget("key") })
	for i, name := range []string{"a", "b"} {
		tenant.With(name, func() { second[i] = g.DoChan("key", work("second")) })
	}
	close(let)
	want(t, "forgotten", (<-second[0]).Val, "second")
	want(t, "not forgotten", (<-second[1]).Val, "first")
}

func TestPartOfInterfaceType(t *testing.T) {
	failure := contextvars.New[error]("failure")
	g := syncvars.NewGroup[string, error](syncvars.With(failure))
	get := func() (error, error) { return failure.GetOr(errors.ErrUnsupported), nil }
	for _, value := range []error{nil, errors.New("x")} {
		failure.With(value, func() {
			got, _, _ := g.Do("key", get)
			want(t, "the work sees", got, value)
		})
	}
	got, _, _ := g.Do("key", get)
	want(t, "the work sees, where it is unset,", got, errors.ErrUnsupported)
	defer failure.Set(uncomparable{}).Restore()
	want(t, "Do panics", panicOf(func() { g.Do("key", get) }) != nil, true)
	failure.With(nil, func() { g.Do("key", get) }) // the Group still works
}

type uncomparable []int

func (uncomparable) Error() string { return "uncomparable" }

// What is local to a goroutine is not the work's, which is others', too.
func TestLocalPartIsNotSeen(t *testing.T) {
	local := contextvars.New[string]("local", contextvars.Local())
	g := syncvars.NewGroup[string, string](syncvars.With(local))
	defer local.Set("mine").Restore()
	v, _, _ := g.Do("key", func() (string, error) { return local.GetOr("nothing"), nil })
	want(t, "the work sees", v, "nothing")
}

// The caller's slice is the caller's.
func TestNewGroupKeepsNoSlice(t *testing.T) {
	parts := []syncvars.Part{syncvars.With(tenant)}
	g := syncvars.NewGroup[string, string](parts...)
	parts[0] = syncvars.With(user)
	defer tenant.Set("acme").Restore()
	v, _, _ := g.Do("key", func() (string, error) { return tenant.Get(), nil })
	want(t, "the work sees", v, "acme")
}

// Goroutines that the work has started hold nothing of the first caller's, nor does
// the goroutine of DoChan.
func TestGroupHoldsNothing(t *testing.T) {
	for name, do := range doers {
		t.Run(name, func(t *testing.T) {
			g := syncvars.NewGroup[string, string](syncvars.With(tenant))
			let, ended := make(chan bool), make(chan bool)
			token, w := setMade()
			do(g, "key", func() (string, error) {
				go func() { <-let; close(ended) }()
				return "", nil
			})
			token.Restore()
			wantFree(t, "the first caller's value", func() bool { return w.Value() == nil })
			close(let)
			<-ended
		})
	}
}

func TestDoChanHoldsNothingWhileItWorks(t *testing.T) {
	var g group
	let := make(chan bool)
	token, w := setMade()
	ch := g.DoChan("key", func() (string, error) { <-let; return "", nil })
	token.Restore()
	wantFree(t, "the first caller's value", func() bool { return w.Value() == nil })
	close(let)
	<-ch
}
