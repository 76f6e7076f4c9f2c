// Package slot is the way into the runtime, and the only package here that
// imports unsafe or has assembly. It knows three things and nothing about
// variables or contexts:
//
//   - the slot: one word of every goroutine, which a go statement copies to
//     the child, which the garbage collector follows, and which the runtime
//     clears when the goroutine ends (slot.go);
//   - who is running: a goroutine's identity, never used twice (goroutine.go);
//   - memory shapes that Go's type system has no word for: a header with a
//     varying number of cells in one allocation (block.go), a value of any type
//     in one word (word.go), a pointer that is published without a locked
//     instruction where the machine allows it (published_*.go).
//
// The word is the one the runtime keeps for profiler labels. Profiles,
// tracebacks and debuggers read it as a pointer to a slice of labels, so whatever
// is stored begins with a [Head], which is such a slice.
//
// A runtime with a slot of its own would be a second implementation of this
// package's functions; nothing above it would change.
package slot

import "unsafe"

// The two functions are runtime/pprof's own. The runtime marks them as linkable
// from other packages and not to be removed or changed: go.dev/issue/67401.

//go:linkname getProfLabel runtime/pprof.runtime_getProfLabel
func getProfLabel() unsafe.Pointer

//go:linkname setProfLabel runtime/pprof.runtime_setProfLabel
func setProfLabel(labels unsafe.Pointer)

// Label is one profiler label, laid out as the runtime lays it out.
type Label struct{ Key, Value string }

// Head is what the slot points to: a []Label for everyone who knows nothing of
// us. Its capacity word tells ours from everybody else's, see [Head.Mark].
type Head struct {
	labels *Label
	n      int
	mark   uintptr
}

// Load returns what the slot of the running goroutine points to, nil if it is
// empty. Unless Marked, it is somebody else's label set: only Labels may be
// asked of it then.
func Load() *Head { return (*Head)(getProfLabel()) }

// Store makes h the slot of the running goroutine. What h points to must
// not change any more: other goroutines may come to share it at any time.
func Store(h *Head) { setProfLabel(unsafe.Pointer(h)) }

// Mark claims h, which must be the first field of a larger struct, for us, with
// the labels that profiles are to show.
//
// The mark depends on h's address because runtime/pprof copies label sets by
// value, capacity included: a copy of ours must not look like ours. It depends on the
// address of a variable of this package because a program may have the
// package twice, in two major versions or a copy under another path, and the one must
// not take the other's frames for its own. And it is larger than any slice's
// capacity can be, on 64 bit, or is, and positive, so that a reader that checks len <=
// cap is content.
func (h *Head) Mark(labels []Label) {
	h.labels, h.n, h.mark = unsafe.SliceData(labels), len(labels), markOf(h)
}

// MarkLike is Mark with the labels of other.
func (h *Head) MarkLike(other *Head) {
	h.labels, h.n, h.mark = other.labels, other.n, markOf(h)
}

// Marked reports whether Mark was called on h.
func (h *Head) Marked() bool { return h.mark == markOf(h) }

func markOf(h *Head) uintptr {
	return ^(uintptr(unsafe.Pointer(h)) ^ uintptr(unsafe.Pointer(&instance))) >> 1
}

var instance byte

// Labels are the labels that profiles show. Of what cannot be a slice it makes none:
// there are packages that keep other things in the slot, at which profilers crash.
func (h *Head) Labels() []Label {
	if h.labels == nil || uintptr(h.n) > h.mark {
		return nil
	}
	// Sound for a foreign set too: the first two words of a slice are its data
	// and its length, which is what is put together again here.
	return unsafe.Slice(h.labels, h.n)
}

// Outer returns the struct whose first field h is. The caller must know
// that h is Marked and that only H's are ever marked: then the allocation
// really holds an H, which is all that the conversion assumes.
func Outer[H any](h *Head) *H { return (*H)(unsafe.Pointer(h)) }
