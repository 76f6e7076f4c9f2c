package frame

import (
	"reflect"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gocontextvars/contextvars/internal/slot"
)

// A Site is where and when variables were set. Those that one call has set, such as an Extract, have one
// in common.
type Site struct {
	// PCs are the calls that led there, the innermost first, as runtime.Callers has them; 0 is none. The
	// innermost ones are this module's own, see Call.
	PCs       [6]uintptr
	Goroutine uint64
	Time      int64 // nanoseconds since 1970, UTC
}

var recorders atomic.Int32

// Record has sites recorded, for values that are set from now on, until stop has been called as often as
// Record; of one stop only the first call counts. Frames keep the sites that they have by
// then, as long as they keep the values.
//
// Meanwhile a Set costs 600 to 900 ns more, by the number of variables that have sites, and up to five allocations. A site
// takes 64 bytes, and the frames in which there are any some 150 more for one. Get and go statements cost what they always do.
func Record() (stop func()) {
	recorders.Add(1)
	return sync.OnceFunc(func() { recorders.Add(-1) })
}

// Recording reports whether sites are recorded.
func Recording() bool { return recorders.Load() != 0 }

// Here returns a site for what the calling function sets on behalf of its own caller; nil unless sites are
// recorded.
func Here() *Site {
	if !Recording() {
		return nil
	}
	return here()
}

func here() *Site {
	s := &Site{Goroutine: slot.ID(), Time: time.Now().UnixNano()}
	runtime.Callers(4, s.PCs[:]) // without itself, here, Here and the function that calls that
	return s
}

// Site returns where k got the word that it has in f; nil if that was not recorded, or k has none. What
// Find says of local keys is true here, too.
func (f *Frame) Site(k *Key) *Site {
	if f.Borrowed() {
		if f = f.lent(k); f == nil {
			return nil
		}
	}
	if f.revoked() {
		return nil
	}
	return f.rest.site(k)
}

func (r *rest) site(k *Key) *Site {
	if r == nil {
		return nil
	}
	w, _ := r.sites.find(k)
	return slot.Unpack[*Site](w, slot.Direct)
}

// setSite gives k the site s, nil for none.
func (r *rest) setSite(k *Key, s *Site) {
	if s == nil {
		r.sites, _ = r.sites.without(k, 0)
		return
	}
	r.sites, _ = r.sites.with(k, slot.Pack(s, slot.Direct), 0)
}

// WithSite is With for a k that was set at s. A nil s is not known: then it is With.
func (f *Frame) WithSite(k *Key, w slot.Word, label string, s *Site) *Frame {
	if s == nil {
		return f.With(k, w, label)
	}
	g := f.put(k, w, label)
	g.note(k, s)
	return g
}

// Call returns the innermost call that was not made by a package of this module which sets variables on
// behalf of its caller. If there is none among those that were recorded, it is the outermost of these.
func (s *Site) Call() runtime.Frame {
	n := slices.Index(s.PCs[:], 0)
	if n < 0 {
		n = len(s.PCs)
	}
	calls := runtime.CallersFrames(s.PCs[:n])
	for {
		call, more := calls.Next()
		if !more || !onBehalf(call.Function) {
			return call
		}
	}
}

// module is the path of the root package, which may be a copy under another name.
var module = strings.TrimSuffix(reflect.TypeFor[Site]().PkgPath(), "/internal/frame")

// onBehalf reports whether the function is of a package that sets variables on behalf of its caller.
func onBehalf(function string) bool {
	name, ours := strings.CutPrefix(function, module)
	if !ours {
		return strings.HasPrefix(function, "runtime.") // which calls what was deferred
	}
	if strings.HasPrefix(name, "/internal/") {
		return true
	}
	slash := strings.LastIndexByte(name, '/') + 1
	dot := strings.IndexByte(name[slash:], '.')
	switch name[:slash+max(dot, 0)] {
	case "", "/wire", "/vartest", "/sqlvars", "/contrib/otelvars":
		return true
	}
	return false
}
