package contextvars_test

import (
	"reflect"
	"runtime"
	"strings"
	"testing"
	"time"

	cv "github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/internal/current"
	"github.com/gocontextvars/contextvars/internal/declaration"
	"github.com/gocontextvars/contextvars/internal/frame"
	"github.com/gocontextvars/contextvars/internal/slot"
	"github.com/gocontextvars/contextvars/vartest"
	"github.com/gocontextvars/contextvars/wire"
)

// siteOf returns where v was set here; nil if that is not known.
func siteOf(v cv.Variable) *frame.Site { return siteIn(current.Content(), v) }

func siteIn(f *frame.Frame, v cv.Variable) *frame.Site {
	if f == nil {
		return nil
	}
	return f.Site(declaration.KeyOf(v, "siteOf"))
}

// at calls set and returns the line that it is called on, which should be that of the Set in it.
func at(set func()) int {
	set()
	_, _, n, _ := runtime.Caller(1)
	return n
}

// wantSite says that v was set here on that line of this file; 0: not known, -1: somewhere.
func wantSite(t *testing.T, what string, v cv.Variable, line int) {
	t.Helper()
	s := siteOf(v)
	switch {
	case line < 0:
		if s == nil {
			t.Errorf("%s: no site", what)
		}
	case line == 0:
		if s != nil {
			t.Errorf("%s: set at %+v, want no site", what, s.Call())
		}
	case s == nil:
		t.Errorf("%s: no site", what)
	default:
		call := s.Call()
		if call.Line != line || !strings.HasSuffix(call.File, "/site_test.go") {
			t.Errorf("%s: set at %s, %s:%d, want line %d", what, call.Function, call.File, call.Line, line)
		}
	}
}

// recorded is elsewhereEmpty with sites recorded.
func recorded(f func()) {
	defer frame.Record()()
	elsewhereEmpty(f)
}

// siteVar is of every kind of type that methods are instantiated for apart.
type siteVar[T any] struct {
	*cv.ContextVar[T]
	value T
}

func (v siteVar[T]) set() int { return at(func() { v.Set(v.value) }) }

//go:noinline
func (v siteVar[T]) setNotInlined() int { return at(func() { v.Set(v.value) }) }

func TestSiteIsTheCallOfSet(t *testing.T) {
	kinds := []interface {
		cv.Variable
		set() int
		setNotInlined() int
	}{
		siteVar[int]{cv.New[int]("int"), 1},
		siteVar[string]{cv.New[string]("string"), "x"},
		siteVar[*thing]{cv.New[*thing]("pointer"), new(thing)},
		siteVar[any]{cv.New[any]("interface"), 1},
		siteVar[[]int]{cv.New[[]int]("slice"), nil},
		siteVar[int]{cv.New[int]("label", cv.Label()), 1},
		siteVar[int]{cv.New[int]("local", cv.Local()), 1},
		siteVar[int]{cv.New[int]("redacted", cv.Redacted()), 1},
	}
	for _, n := range []int{0, 3, 8, 30} {
		recorded(func() {
			setMany(n)
			for range 2 {
				for _, v := range kinds {
					wantSite(t, v.Name(), keyed(v), v.set())
					wantSite(t, v.Name(), keyed(v), v.setNotInlined())
				}
			}
		})
	}
}

// keyed returns the variable in a siteVar.
func keyed(v cv.Variable) cv.Variable {
	return reflect.ValueOf(v).Field(0).Interface().(cv.Variable)
}

var (
	siteSent    = cv.New[int]("site", wire.Travels(wire.AllHops))
	siteReplied = cv.New[int]("site_reply", wire.Travels(wire.Back))
)

//contextvars:ignore token it is about where values were set, and what was is gone with the subtest's goroutine
func TestSiteOfEveryWayToSet(t *testing.T) {
	v, reply := siteSent, siteReplied
	peer := wire.NewPeer("peer", wire.Accept(v, reply))
	set := v.Set
	setter := interface{ Set(int) cv.Token[int] }(v)
	defer frame.Record()()
	for name, f := range map[string]func(*testing.T) int{
		"Set":             func(*testing.T) int { return at(func() { v.Set(1) }) },
		"after a Restore": func(*testing.T) int { return at(func() { v.Set(0).Restore(); v.Set(1) }) },
		"a method value":  func(*testing.T) int { return at(func() { set(1) }) },
		"an interface":    func(*testing.T) int { return at(func() { setter.Set(1) }) },
		"an expression":   func(*testing.T) int { return at(func() { (*cv.ContextVar[int]).Set(v, 1) }) },
		"reflect": func(*testing.T) int {
			reflect.ValueOf(v).MethodByName("Set").Call([]reflect.Value{reflect.ValueOf(1)})
			return -1
		},
		"defer":          func(*testing.T) int { return at(func() { defer v.Set(1) }) },
		"after a panic":  func(*testing.T) int { return at(func() { defer func() { recover(); v.Set(1) }(); panic("") }) },
		"during a panic": func(*testing.T) int { return at(func() { defer func() { recover() }(); defer v.Set(1); panic("") }) },
		"vartest.Set":    func(t *testing.T) int { return at(func() { vartest.Set(t, v, 1) }) },
		"Adopt": func(*testing.T) int {
			base := cv.CopyContext()
			changed := base.Copy()
			changed.Run(func() { v.Set(1) })
			return at(func() { cv.Adopt(changed, base) })
		},
	} {
		t.Run(name, func(t *testing.T) { wantSite(t, name, v, f(t)) })
	}
	elsewhereEmpty(func() {
		v.With(1, func() { wantSite(t, "With", v, at(func() {})) })
		wantSite(t, "after With", v, 0)
		var c *cv.Context
		n := at(func() { c = peer.Extract(wire.Map{wire.Key: "site=1"}) })
		c.Run(func() { wantSite(t, "Extract", v, n) })
		reply.Set(1)
		set := siteOf(reply)
		caller := wire.NewPeer("caller", wire.Send(siteReplied))
		caller.Extract(wire.Map{}).Run(func() { want(t, "what could go back with a reply", siteOf(reply), set) })
		n = at(func() { peer.ExtractReply(wire.Map{wire.ReplyKey: "site_reply=1"}) })
		wantSite(t, "ExtractReply", reply, n)
	})
}

func TestSiteSaysWhoAndWhen(t *testing.T) {
	v := cv.New[int]("v")
	recorded(func() {
		before := time.Now()
		v.Set(1)
		s, mine := siteOf(v), slot.ID()
		if at := time.Unix(0, s.Time); at.Before(before.Round(0)) || at.After(time.Now()) {
			t.Errorf("set at %v, which is not between %v and now", at, before)
		}
		want(t, "the goroutine", s.Goroutine, mine)
		elsewhere(func() {
			want(t, "in a child", siteOf(v), s)
			v.Set(2)
			want(t, "the child", siteOf(v).Goroutine, slot.ID())
		})
		want(t, "after a child's Set", siteOf(v), s)
	})
}

func TestSiteIsThatOfTheSetInForce(t *testing.T) {
	v, w := cv.New[int]("v"), cv.New[int]("w")
	for _, n := range []int{0, 8, 30} {
		recorded(func() {
			setMany(n)
			var first, second, third cv.Token[int]
			firstAt := at(func() { first = v.Set(1) })
			secondAt := at(func() { second = v.Set(2) })
			thirdAt := at(func() { third = v.Set(3) })
			wantSite(t, "set", v, thirdAt)
			third.Restore()
			wantSite(t, "restored", v, secondAt)
			first.Restore() // not in the order of the Sets
			wantSite(t, "restored to nothing", v, 0)
			second.Restore()
			wantSite(t, "restored to the first", v, firstAt)
			token := v.Unset()
			wantSite(t, "unset", v, 0)
			w.Set(1)
			token.Restore()
			wantSite(t, "restored from Unset", v, firstAt)
		})
	}
}

func TestSiteFollowsTheValue(t *testing.T) {
	v, local := cv.New[int]("v"), cv.New[int]("local", cv.Local())
	own := func() { cv.New[int]("own").Set(1) }
	many[0].With(1, func() {
		defer frame.Record()()
		n, localAt := at(func() { v.Set(1) }), at(func() { local.Set(1) })
		elsewhere(func() {
			wantSite(t, "in a child", v, n)
			own()
			wantSite(t, "in a child that has set something", v, n)
			wantSite(t, "a local variable, in a child", local, 0)
		})
		cv.CopyContext().Run(func() { wantSite(t, "in a copy", v, n) })
		cv.Bind(func() { wantSite(t, "bound", v, n) })()
		cv.NewContext().Run(func() { wantSite(t, "in another context", v, 0) })
		cv.Detach(func() { wantSite(t, "detached", v, 0) })
		wantSite(t, "a local variable", local, localAt)
		wantSite(t, "set before Record", many[0], 0)
	})
}

func TestSiteOnLease(t *testing.T) {
	v := cv.New[int]("v")
	recorded(func() {
		n := at(func() { v.Set(1) })
		cv.Lend(func() {
			wantSite(t, "lender", v, n)
			elsewhere(func() {
				wantSite(t, "borrower", v, n)
				token := many[0].Set(1)
				wantSite(t, "borrower with a copy", v, n)
				token.Restore()
				wantSite(t, "borrower again", v, n)
			})
			n = at(func() { v.Set(2) })
			elsewhere(func() { wantSite(t, "borrower of a change", v, n) })
			token := v.Set(3)
			token.Restore()
			wantSite(t, "lender has restored", v, n)
		})
		wantSite(t, "after Lend", v, n)
	})
}

func TestSiteInAGenerator(t *testing.T) {
	v, local := cv.New[int]("v"), cv.New[int]("local", cv.Local())
	recorded(func() {
		n, localAt := at(func() { v.Set(1) }), at(func() { local.Set(1) })
		for range cv.Isolate(func(yield func(int) bool) {
			wantSite(t, "from the loop", v, n)
			wantSite(t, "a local variable", local, localAt)
			yield(0)
			wantSite(t, "changed in the loop", v, n)
			var token cv.Token[int]
			own := at(func() { token = v.Set(5) })
			yield(0)
			wantSite(t, "the generator's own", v, own)
			token.Restore()
			wantSite(t, "the loop's again", v, n)
		}) {
			n = at(func() { v.Set(4) })
			wantSite(t, "in the loop", v, n)
		}
	})
}

func TestSitesAfterRecording(t *testing.T) {
	v, w := cv.New[int]("v"), cv.New[int]("w")
	elsewhereEmpty(func() {
		v.Set(1)
		stop := frame.Record()
		wantSite(t, "set before", v, 0)
		var token cv.Token[int]
		n, other := at(func() { token = v.Set(2) }), at(func() { w.Set(2) })
		stop()
		wantSite(t, "kept", v, n)
		inner := v.Set(3)
		wantSite(t, "set after", v, 0)
		inner.Restore()
		wantSite(t, "restored", v, n)
		token.Restore()
		wantSite(t, "restored to what was before", v, 0)
		wantSite(t, "kept", w, other)
	})
}

func TestSetAllocatesLittleForItsSite(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates, too")
	}
	if plain := testing.AllocsPerRun(100, func() { defer held.Set(nil).Restore() }); plain > 1 {
		t.Skip("built with instrumentation that allocates in a plain Set, too") // -d=checkptr=2
	}
	for n, most := range map[int]float64{0: 4, 7: 4, 100: 9} {
		recorded(func() {
			setMany(n)
			held.Set(nil)
			if allocs := testing.AllocsPerRun(100, func() { held.Set(nil) }); allocs > most {
				t.Errorf("%v allocations with %d variables in force, want %v", allocs, n+1, most)
			}
		})
	}
}
