package lifetime_test

import (
	"fmt"
	"testing"

	"github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/lifetime"
)

func TestSetAfterRevocation(t *testing.T) {
	track(t, lifetime.Revoke())
	for name, set := range map[string]func() contextvars.Token[string]{
		"Set":   func() contextvars.Token[string] { return user.Set("bob") },
		"Unset": func() contextvars.Token[string] { return user.Unset() },
		"Local": func() contextvars.Token[string] { return local.Set("bob") },
		"With": func() (token contextvars.Token[string]) {
			zone.With("z", func() { token = user.Set("bob") })
			return token
		},
	} {
		t.Run(name, func(t *testing.T) {
			afterwards(nil, func() {
				token := set()
				want(t, "work", lifetime.Current(), nil)
				if name != "Unset" {
					want(t, "value", token.Var().Get(), "bob")
				}
				want(t, "what was before", zone.Get(), "utc")
				old, ok := token.OldValue()
				want(t, "old value", fmt.Sprint(old, ok), "false")
				want(t, "restored", token.Restore(), true)
				wantNothing(t)
			})
		})
	}
}

// No token brings back what was revoked.
func TestTokensAfterRevocation(t *testing.T) {
	track(t, lifetime.Revoke())
	for name, after := range map[string]func(){"at once": func() {}, "after a Set": func() { zone.Set("anew") }} {
		t.Run(name, func(t *testing.T) {
			var first, second contextvars.Token[string]
			afterwards(func() { first = user.Set("bob"); second = user.Set("cid") }, func() {
				after()
				old, ok := second.OldValue()
				want(t, "old value", fmt.Sprint(old, ok), "false")
				want(t, "restored", first.Restore() && second.Restore(), true)
				want(t, "user", user.Get(), "")
				if name == "after a Set" {
					want(t, "zone", zone.Get(), "anew")
				}
			})
		})
	}
}

func TestAdoptAfterRevocation(t *testing.T) {
	track(t, lifetime.Revoke())
	defer user.Set("outside").Restore()
	base := contextvars.CopyContext()
	changed := base.Copy()
	lifetime.Run(changed, "w", func() { zone.Set("z"); user.Unset() })
	contextvars.Adopt(changed, base)
	want(t, "user", user.Get(), "outside")
	want(t, "zone", zone.Get(), "utc")
	afterwards(nil, func() {
		contextvars.Adopt(base, contextvars.NewContext())
		want(t, "adopted", user.Get(), "outside")
		want(t, "what was revoked", zone.Get(), "utc")
	})
}

// What applies to a Work is decided when it begins.
func TestRevokeIsFixedAtTheBeginning(t *testing.T) {
	stop := lifetime.Track()
	during("w", func() {
		user.Set("ann")
		c := contextvars.CopyContext()
		defer lifetime.Track(lifetime.Revoke())()
		stop()
		w := during("inner", func() {})
		want(t, "inner is tracked", w != nil, true)
		defer func() { c.Run(func() { want(t, "user", user.Get(), "ann") }) }()
	})
	stop = lifetime.Track(lifetime.Revoke())
	defer lifetime.Track()() // who does not ask for it does not stop it
	c := contextvars.NewContext()
	lifetime.Run(c, "w", func() { user.Set("ann"); stop() })
	wantEmpty(t, c)
}
