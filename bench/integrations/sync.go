//contextvars:ignore token subjects set their variables on goroutines of their own

package main

import (
	"sync"

	"golang.org/x/sync/singleflight"

	"github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/syncvars"
)

const answer = 42

// Calls after the first one.
var onceValue = comparison{
	name:  "sync/OnceValue",
	title: "OnceValue, called again",
	sides: []side{
		{"sync", func(*bed) (loop, error) { return again(sync.OnceValue(func() int { return answer })), nil }},
		{"syncvars", func(*bed) (loop, error) {
			return again(syncvars.OnceValue(func() int { return answer })), nil
		}},
	},
}

func again(f func() int) loop {
	return func(n int) (right int, err error) {
		for range n {
			if f() == answer {
				right++
			}
		}
		return right, nil
	}
}

// user is what a result depends on, where it does.
var user = contextvars.New[string]("user")

// Calls that nobody else is making for that key. What is right: the work sees no variable of its caller's
// but one that the key has.
var groupDo = comparison{
	name:  "sync/Group",
	title: "Group.Do, not shared",
	sides: []side{
		{"singleflight", func(*bed) (loop, error) {
			user.Set("ann")
			g := new(singleflight.Group)
			return done(func(f func() (any, error)) (any, error, bool) { return g.Do("key", f) },
				func() (any, error) { return user.GetOr("") == "ann", nil }), nil
		}},
		{"syncvars", func(*bed) (loop, error) {
			user.Set("ann")
			g := new(syncvars.Group[string, bool])
			return done(func(f func() (bool, error)) (bool, error, bool) { return g.Do("key", f) },
				func() (bool, error) { return user.GetOr("") == "", nil }), nil
		}},
		{"singleflight, the variable in the key", func(*bed) (loop, error) {
			user.Set("ann")
			g := new(singleflight.Group)
			return done(func(f func() (any, error)) (any, error, bool) { return g.Do("key/"+user.Get(), f) },
				func() (any, error) { return user.GetOr("") == "ann", nil }), nil
		}},
		{"syncvars.With the variable", func(*bed) (loop, error) {
			user.Set("ann")
			g := syncvars.NewGroup[string, bool](syncvars.With(user))
			return done(func(f func() (bool, error)) (bool, error, bool) { return g.Do("key", f) },
				func() (bool, error) { return user.GetOr("") == "ann", nil }), nil
		}},
	},
}

func done[V comparable](do func(func() (V, error)) (V, error, bool), f func() (V, error)) loop {
	return func(n int) (right int, err error) {
		for range n {
			seen, err, _ := do(f)
			if err != nil {
				return right, err
			}
			if any(seen) == any(true) {
				right++
			}
		}
		return right, nil
	}
}
