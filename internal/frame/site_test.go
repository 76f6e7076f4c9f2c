package frame

import (
	"runtime"
	"strings"
	"testing"
	"weak"
)

// siteOf returns a site that is always the same one for n, and none for every third n.
func siteOf(n int) *Site {
	if n%3 == 0 {
		return nil
	}
	return playSites[n%len(playSites)]
}

var playSites = func() []*Site {
	var sites []*Site
	for i := range 100 {
		sites = append(sites, &Site{Goroutine: uint64(i)})
	}
	return sites
}()

// setAt is set for a k that was set at s.
func (f *Frame) setAt(k *Key, n int, s *Site) *Frame {
	return f.WithSite(k, word(n), k.Label(word(n)), s)
}

func expectSite(t *testing.T, what string, f *Frame, k *Key, want *Site) {
	t.Helper()
	if have := f.Site(k); have != want {
		t.Errorf("%s: the site of %s is %v, want %v", what, k.Name, have, want)
	}
	sound(t, f)
}

func eachPlace(t *testing.T, test func(t *testing.T, base *Frame, k *Key)) {
	t.Helper()
	for shape, base := range shapes() {
		for place, k := range places() {
			t.Run(shape+"/"+place, func(t *testing.T) { test(t, base, k) })
		}
	}
}

func TestSiteIsThatOfTheLastChange(t *testing.T) {
	a, b, neighbour := playSites[1], playSites[2], numbered(5000)
	eachPlace(t, func(t *testing.T, base *Frame, k *Key) {
		base = base.setAt(neighbour, 0, b)
		f1 := base.setAt(k, 1, a)
		f2 := f1.setAt(k, 2, b)
		expectSite(t, "set", f1, k, a)
		expectSite(t, "set again", f2, k, b)
		expectSite(t, "set, and not recorded", f2.set(k, word(3)), k, nil)
		expectSite(t, "unset", f2.Without(k), k, nil)
		expectSite(t, "unset and set", f2.Without(k).set(k, word(3)), k, nil)
		expectSite(t, "set without a site, and again with one", f2.set(k, word(3)).setAt(k, 4, a), k, a)
		expectSite(t, "another one is set", f2.set(numbered(6000), word(1)), k, b)
		expectSite(t, "restored to a site", f2.Restored(k, f1), k, a)
		expectSite(t, "restored to nothing", f2.Restored(k, base), k, nil)
		expectSite(t, "restored to no site", f2.Restored(k, base.set(k, word(1))), k, nil)
		expectSite(t, "restored from nothing", f2.Without(k).Restored(k, f1), k, a)
		for _, f := range []*Frame{f1, f2, f2.Without(k), f2.set(k, word(3))} {
			expectSite(t, "neighbour", f, neighbour, b)
		}
	})
}

func TestFrameThatHasLostItsSitesIsAsIfItNeverHadAny(t *testing.T) {
	for place, k := range places() {
		f := New(new(Owner), nil).setAt(k, 1, playSites[1])
		if g := f.Without(k); g.rest != nil {
			t.Errorf("%s: a frame without variables has a rest", place)
		}
		if g := f.set(k, word(1)); g.rest != nil && g.rest.sites != nil {
			t.Errorf("%s: a frame without sites has a trie of them", place)
		}
	}
}

func TestSitesDoNotPileUp(t *testing.T) {
	eachPlace(t, func(t *testing.T, base *Frame, k *Key) {
		f, others := base, numbered(7000)
		for i := range 1000 {
			f = f.setAt(k, i, playSites[i%100]).setAt(others, i, playSites[i%100])
			if i%2 == 0 {
				f = f.Without(others)
			}
		}
		if n := f.rest.sites.count(); n != 2 {
			t.Errorf("%d sites for 2 variables", n)
		}
	})
}

func TestReplacedSitesAreFree(t *testing.T) {
	k := numbered(1)
	make := func(f *Frame) (*Frame, weak.Pointer[Site]) {
		s := &Site{Goroutine: 1}
		return f.setAt(k, 1, s), weak.Make(s)
	}
	f, replaced := make(New(new(Owner), nil))
	f, last := make(f)
	if !collected(replaced) {
		t.Error("the newest frame keeps a site that was replaced")
	}
	if last.Value() == nil {
		t.Fatal("a site was collected that the frame has")
	}
	f = f.set(k, word(2))
	if !collected(last) {
		t.Error("the newest frame keeps the site of a value that was replaced")
	}
	runtime.KeepAlive(f)
}

func TestSitesComeAlongToOtherOwners(t *testing.T) {
	s := playSites[1]
	eachPlace(t, func(t *testing.T, base *Frame, k *Key) {
		f := base.setAt(k, 1, s)
		want := s
		if k.Local {
			want = nil
		}
		expectSite(t, "Owned", f.Owned(new(Owner), playLabels[1]), k, want)
		expectSite(t, "Owned by the same", f.Owned(f.Owner, playLabels[1]), k, s)
		expectSite(t, "Shared", f.Shared(), k, want)
		expectSite(t, "OwnedWith", f.OwnedWith(new(Owner), nil, []Entry{{Key: numbered(8000), Word: word(1)}}), k, want)
	})
}

func TestEntriesHaveSites(t *testing.T) {
	a, b := playSites[1], playSites[2]
	eachPlace(t, func(t *testing.T, base *Frame, k *Key) {
		other := numbered(5000)
		f := base.setAt(k, 1, a).OwnedWith(base.Owner, nil, []Entry{
			{k, word(2), k.Label(word(2)), b}, {other, word(2), "", b},
		})
		expectSite(t, "with a site", f, k, b)
		expectSite(t, "with a site", f, other, b)
		f = f.OwnedWith(base.Owner, nil, []Entry{{k, word(3), k.Label(word(3)), nil}})
		expectSite(t, "without", f, k, nil)
		expectSite(t, "not among them", f, other, b)
	})
}

// A variable that only a Local value's site leads to is nobody's.
func TestSharedDropsSitesOfLocalVariables(t *testing.T) {
	f, key := func() (*Frame, weak.Pointer[Key]) {
		k := local(1)
		f := New(new(Owner), nil).setAt(numbered(2), 1, playSites[1]).setAt(k, 1, playSites[2])
		return f, weak.Make(k)
	}()
	runtime.GC()
	if key.Value() == nil {
		t.Fatal("a variable was collected that the frame has")
	}
	f = f.Shared()
	if !collected(key) {
		t.Error("Shared keeps a local variable alive")
	}
	if n := f.rest.sites.count(); n != 1 {
		t.Errorf("%d sites are left, want 1", n)
	}
	runtime.KeepAlive(f)
}

func TestSitesInALayer(t *testing.T) {
	a, b, c := playSites[1], playSites[2], playSites[3]
	for place, k := range places() {
		t.Run(place, func(t *testing.T) {
			below := filled().Owned(new(Owner), nil).setAt(k, 1, a)
			f0 := new(Layer).Over(below, new(Owner), nil)
			expectSite(t, "from below", f0, k, a)
			f1 := f0.setAt(k, 2, b)
			expectSite(t, "the layer's own", f1, k, b)
			below = below.setAt(k, 3, c)
			expectSite(t, "from below, renewed", f0.Renewed(below, nil), k, c)
			f := f1.Renewed(below, nil)
			expectSite(t, "the layer's own, renewed", f, k, b)
			if !f.hasChanged(k) {
				t.Error("a variable with a site is not the layer's own")
			}
			expectSite(t, "restored to what is below", f.Restored(k, f0), k, c)
			expectSite(t, "unset and renewed", f.Without(k).Renewed(below, nil), k, nil)
			below = below.set(k, word(4))
			expectSite(t, "restored to no site", f.Renewed(below, nil).Restored(k, f0), k, nil)
			if g := f.Owned(new(Owner), nil); g.layered() {
				t.Error("a frame with sites does not leave its layer")
			}
		})
	}
}

func TestSitesOnLease(t *testing.T) {
	a, b, loc := numbered(1), numbered(2), local(3)
	s := playSites[1]
	lender := New(new(Owner), nil).setAt(a, 1, s).setAt(loc, 1, s)
	lease := new(Lease)
	lent := lease.Lend(lender)
	for _, k := range []*Key{a, loc} {
		if lent.Site(k) != s {
			t.Errorf("the lender has no site for %s", k.Name)
		}
	}
	borrowed := lent.Borrow(new(Owner), nil)
	if borrowed.Site(a) != s || borrowed.Site(loc) != nil || borrowed.Site(b) != nil {
		t.Error("the borrower has other sites than values")
	}
	kept := borrowed.Keep()
	expectSite(t, "kept", kept, a, s)
	expectSite(t, "kept", kept, loc, nil)
	lease.End()
	if borrowed.Site(a) != nil {
		t.Error("the lease has ended, and the borrower has a site")
	}
}

func TestRecordCounts(t *testing.T) {
	if Recording() || Here() != nil {
		t.Fatal("sites are recorded from the start")
	}
	first, second := Record(), Record()
	first()
	first()
	if !Recording() || Here() == nil {
		t.Error("not recorded, though one of two has not stopped")
	}
	second()
	if Recording() || Here() != nil {
		t.Error("recorded, though all have stopped")
	}
}

func TestHereIsTheCallersCaller(t *testing.T) {
	defer Record()()
	s := setter()
	call, _ := runtime.CallersFrames(s.PCs[:]).Next()
	if !strings.HasSuffix(call.Function, ".TestHereIsTheCallersCaller") {
		t.Errorf("the first call is %s", call.Function)
	}
	if s.Goroutine == 0 || s.Time == 0 {
		t.Errorf("goroutine %d, time %d", s.Goroutine, s.Time)
	}
}

func setter() *Site { return Here() }

func TestCallOfASite(t *testing.T) {
	if call := new(Site).Call(); call.Function != "" || call.Line != 0 {
		t.Errorf("a site without calls has %v", call)
	}
	defer Record()()
	s := setter()
	s.PCs[1] = 0
	if call := s.Call(); !strings.HasSuffix(call.Function, ".TestCallOfASite") {
		t.Errorf("where all calls are this module's own: %q", call.Function)
	}
	for function, want := range map[string]bool{
		"(*ContextVar[...]).Set":      true,
		"Adopt.func1":                 true,
		"/internal/frame.(*Frame).X":  true,
		"/wire.(*Peer).Extract":       true,
		"/vartest.Set[...]":           true,
		"/sqlvars.inTx":               true,
		"/contrib/otelvars.(*scope).": true,
		"_test.TestX":                 false,
		"/vartest_test.TestX":         false,
		"/httpvars.HandlerFrom.func1": false,
		"/contrib/natsvars.Handler":   false,
		"/examples/service.main":      false,
		"more.Set":                    false,
		"/wired.Set":                  false,
	} {
		name := module + function
		if function[0] != '/' && function[0] != '_' && function != "more.Set" {
			name = module + "." + function
		}
		if onBehalf(name) != want {
			t.Errorf("%s sets on behalf of its caller: %t", name, !want)
		}
	}
	for _, name := range []string{"main.main", "net/http.HandlerFunc.ServeHTTP", "other/wire.Set", ""} {
		if onBehalf(name) {
			t.Errorf("%s is taken for one of ours", name)
		}
	}
	if module != "github.com/gocontextvars/contextvars" {
		t.Errorf("the module is %q", module)
	}
	if !onBehalf("runtime.gopanic") {
		t.Error("a deferred Set is taken for one by the runtime")
	}
}
