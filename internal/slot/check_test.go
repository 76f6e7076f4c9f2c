package slot

import (
	"context"
	"runtime"
	"runtime/pprof"
	"strings"
	"sync"
	"testing"
	"unsafe"
)

var runtimes = access{getProfLabel, setProfLabel}

func TestCheckAcceptsThisRuntime(t *testing.T) {
	starts := 40000
	if testing.Short() {
		starts = 2000
	}
	// All that it finds, each time: a program that starts without is slower, or loses
	// variables, until it ends.
	for i := range starts {
		found, fault := check(runtimes)
		if fault != "" {
			t.Fatalf("start %d: fault: %s", i, fault)
		}
		if found.id == 0 || !found.mortal {
			t.Fatalf("start %d: found %+v", i, found)
		}
	}
}

func TestCheckLeavesNothingBehind(t *testing.T) {
	elsewhere(func() {
		o := newOwn("mine")
		Store(&o.Head)
		goroutines := runtime.NumGoroutine()
		check(runtimes)
		if Load() != &o.Head {
			t.Error("the caller's slot is changed")
		}
		for range 1_000_000 {
			if runtime.NumGoroutine() <= goroutines {
				return
			}
			runtime.Gosched()
		}
		t.Error("a goroutine is left")
	})
}

// separate is a runtime that keeps stored label sets by goroutine, apart from those of
// runtime/pprof, so that it can do other things with them than this runtime does.
type separate struct{ sets sync.Map }

func (s *separate) load() unsafe.Pointer {
	if p := getProfLabel(); p != nil {
		return p
	}
	if p, ok := s.sets.Load(ID()); ok {
		return p.(unsafe.Pointer)
	}
	return nil
}

func (s *separate) store(p unsafe.Pointer) { s.sets.Store(ID(), p) }

// relaid is this runtime, but for label sets that are not ours, which change puts
// in another layout.
func relaid(change func(labels []Label) unsafe.Pointer) access {
	return access{func() unsafe.Pointer {
		p := getProfLabel()
		if h := (*Head)(p); h != nil && !h.Marked() {
			return change(h.Labels())
		}
		return p
	}, setProfLabel}
}

const (
	faultStore   = "a stored label set is not read back"
	faultInherit = "a new goroutine does not start with its creator's label set"
	faultLayout  = "a label set is not a slice of key and value strings"
)

func TestCheckRefusesChangedRuntimes(t *testing.T) {
	inheritsNothing := new(separate)
	other := newOwn("other", Label{"key", "value"})
	for name, c := range map[string]struct {
		rt   access
		want string
	}{
		"store loses":         {access{getProfLabel, func(unsafe.Pointer) {}}, faultStore},
		"store of another":    {access{getProfLabel, func(unsafe.Pointer) { setProfLabel(unsafe.Pointer(other)) }}, faultStore},
		"load finds nothing":  {access{func() unsafe.Pointer { return nil }, setProfLabel}, faultStore},
		"go does not inherit": {access{inheritsNothing.load, inheritsNothing.store}, faultInherit},
		"no label sets":       {relaid(func([]Label) unsafe.Pointer { return nil }), faultLayout},
		"length first": {relaid(func(labels []Label) unsafe.Pointer {
			return unsafe.Pointer(&struct {
				n   uintptr
				p   *Label
				cap uintptr
			}{1, &labels[0], 1})
		}), faultLayout},
		"no capacity": {relaid(func(labels []Label) unsafe.Pointer {
			return unsafe.Pointer(&struct {
				p    *Label
				n, _ uintptr
			}{&labels[0], 1, 0})
		}), faultLayout},
		"value first": {relaid(func(labels []Label) unsafe.Pointer {
			return unsafe.Pointer(&[]Label{{labels[0].Value, labels[0].Key}})
		}), faultLayout},
		"one more": {relaid(func(labels []Label) unsafe.Pointer {
			return unsafe.Pointer(&[]Label{labels[0], {}})
		}), faultLayout},
		"a map": {relaid(func(labels []Label) unsafe.Pointer {
			// As it was until Go 1.23, with room for what is read of it.
			return unsafe.Pointer(&struct {
				m    map[string]string
				_, _ uintptr
			}{m: map[string]string{labels[0].Key: labels[0].Value}})
		}), faultLayout},
		"marked as ours": {relaid(func(labels []Label) unsafe.Pointer {
			return unsafe.Pointer(newOwn("", labels...))
		}), faultLayout},
	} {
		elsewhere(func() { // what these leave in the slot is not for others
			found, fault := check(c.rt)
			if fault != c.want {
				t.Errorf("%s: fault is %q, want %q", name, fault, c.want)
			}
			if found != (gLayout{}) {
				t.Errorf("%s: a layout was found all the same", name)
			}
		})
	}
}

func TestRefusalSaysWhatToDo(t *testing.T) {
	text := refusal("go1.99.1", faultInherit)
	for _, want := range []string{"contextvars: ", "go1.99.1", faultInherit, "Update github.com/gocontextvars/contextvars", "Go 1.26", "Go 1.27"} {
		if !strings.Contains(text, want) {
			t.Errorf("the refusal %q does not say %q", text, want)
		}
	}
}

// seen returns the sighting of a goroutine that is gone.
func seen() (s sighting) {
	elsewhere(func() { s = sight() })
	awaitGone(whoami{s.g, s.id})
	return s
}

func TestSightFindsTheID(t *testing.T) {
	for range 100 {
		if s := seen(); s.offsets&(1<<(layout.id/4)) == 0 {
			t.Fatalf("of goroutine %d, places %#x were seen, not the one at %d", s.id, s.offsets, layout.id)
		}
	}
}

func TestLayoutOf(t *testing.T) {
	right := uint64(1) << (layout.id / 4)
	const ended, running = true, false
	for name, c := range map[string]struct {
		first, second uint64 // where ids were seen
		has           bool   // what has become of the second goroutine
		want          gLayout
	}{
		"one place":         {right, right, ended, layout},
		"one in common":     {right | 1<<5, right | 1<<7, ended, layout},
		"none":              {0, 0, ended, gLayout{}},
		"none in the first": {0, right, ended, gLayout{}},
		"none in common":    {1 << 5, 1 << 7, ended, gLayout{}},
		"two in common":     {right | 1<<5, right | 1<<5, ended, gLayout{}},
		"all in common":     {^uint64(0), ^uint64(0), ended, gLayout{}},
		"second lives on":   {right, right, running, gLayout{id: layout.id}},
	} {
		var have gLayout
		for range 20 { // the runtime may use a g again before anybody looks
			first, second := sight(), seen()
			if c.has == running {
				first, second = second, first
			}
			first.offsets, second.offsets = c.first, c.second
			if have = layoutOf(first, second); have == c.want {
				break
			}
		}
		if have != c.want {
			t.Errorf("%s: layout is %+v, want %+v", name, have, c.want)
		}
	}
	one := seen()
	one.offsets = right
	if have := layoutOf(one, one); have != (gLayout{}) {
		t.Errorf("one goroutine: layout is %+v", have)
	}
}

// The check must not depend on what labels its caller has.
func TestCheckWithinLabels(t *testing.T) {
	pprof.Do(context.Background(), pprof.Labels("key", "other", "more", "labels"), func(context.Context) {
		if _, fault := check(runtimes); fault != "" {
			t.Errorf("fault: %s", fault)
		}
	})
}

// What every program pays at its start.
func BenchmarkCheck(b *testing.B) {
	for b.Loop() {
		check(runtimes)
	}
}
