package contextvars

import (
	"iter"

	"github.com/gocontextvars/contextvars/internal/current"
)

// A sequence is a generator in Python's sense: its function and the loop that ranges over it
// take turns. Without further ado both have one context, so that what the
// function sets is seen by the body of the loop (161, 162). The functions in this file give it
// one of its own, as PEP 550 has it for generators (E3-E5).

// Isolate returns a sequence of the same values, each ranging over which is a generator with a
// context of its own, that lies over the context of the loop:
//
//   - What seq sets or unsets stays there. The loop's body does not see it;
//     seq still does after the yield, as do the functions it calls and the goroutines it starts.
//   - What the body changes, seq sees after the yield, but for variables that it has set or
//     unset itself. One that is restored to what it was before it did shows the loop's
//     value again (E4).
//   - Each side's tokens can be used on that side only, in any step: in seq also by a
//     defer, when the loop ends by break, a panic or runtime.Goexit.
//
// Generators may range over generators, with the same rules at each level (E5), and may call yield
// inside of Context.Run, With, Detach, Lend and the like: the body still runs in the loop's context.
// Inside Context.Run, seq sees that Context alone, as everywhere; the loop's changes show
// through when it is left. While seq has a Context entered, the body
// cannot enter it.
//
// Values of variables with the option [Local] are seen in seq, which runs on the loop's
// goroutine and at its place, but not by goroutines that it starts. Profiler labels that
// runtime/pprof sets on either side stay those of the goroutine, as without Isolate.
//
// yield must be called on the goroutine that ranges; it panics on any other.
//
// A loop costs four allocations and some 200 ns. A step costs some 30 ns more than without
// Isolate and allocates nothing, if neither side has changed anything since the last step. If the loop
// has, there are two allocations, and a Set for each variable that seq has set. The first Set
// of a variable in seq costs twice to three times a Set elsewhere.
//
// With iter.Pull(Isolate(seq)), the context below seq's is the one at the call of iter.Pull, and
// no later change shows through: seq runs on a goroutine of its own. See [IsolatePull] for that.
func Isolate[V any](seq iter.Seq[V]) iter.Seq[V] {
	checkFunc(seq == nil, "Isolate")
	return func(yield func(V) bool) { isolated(current.StartGenerator(), seq, yield) }
}

// Isolate2 is [Isolate] for a sequence of pairs.
func Isolate2[K, V any](seq iter.Seq2[K, V]) iter.Seq2[K, V] {
	checkFunc(seq == nil, "Isolate2")
	return func(yield func(K, V) bool) { isolated2(current.StartGenerator(), seq, yield) }
}

// IsolatePull is iter.Pull for a generator as [Isolate] makes them: it lies over the context
// of whoever calls next, or stop, at the time. The calls may come from one goroutine after the other.
//
// Since seq runs on a goroutine of its own, values of variables with the option [Local] are
// not seen in it, and its profiler labels, but for those of variables, are the ones at the
// call of IsolatePull.
//
// Between steps, seq keeps alive what was in force at the last one. As with iter.Pull, a generator
// that is neither exhausted nor stopped is never let go.
//
// A step costs some 40 ns more than one of iter.Pull, and allocates nothing if nothing has changed
// since the last; if the callers take turns, or have Local variables in force, it counts as changed.
func IsolatePull[V any](seq iter.Seq[V]) (next func() (V, bool), stop func()) {
	checkFunc(seq == nil, "IsolatePull")
	g := current.PulledGenerator()
	var pull func() (V, bool)
	var end func()
	// The goroutine is to hold nothing of whoever happens to create it.
	current.Do(nil, func() {
		pull, end = iter.Pull(func(yield func(V) bool) {
			g.Start()
			isolated(g, seq, yield)
		})
	})
	return func() (V, bool) {
		g.Give()
		v, ok := pull()
		g.TakeBack()
		return v, ok
	}, func() { g.Give(); end(); g.TakeBack() }
}

// IsolatePull2 is [IsolatePull] for a sequence of pairs.
func IsolatePull2[K, V any](seq iter.Seq2[K, V]) (next func() (K, V, bool), stop func()) {
	checkFunc(seq == nil, "IsolatePull2")
	g := current.PulledGenerator()
	var pull func() (K, V, bool)
	var end func()
	current.Do(nil, func() {
		pull, end = iter.Pull2(func(yield func(K, V) bool) {
			g.Start()
			isolated2(g, seq, yield)
		})
	})
	return func() (K, V, bool) {
		g.Give()
		k, v, ok := pull()
		g.TakeBack()
		return k, v, ok
	}, func() { g.Give(); end(); g.TakeBack() }
}

// isolated runs seq in the context of g, which is in force, and yield in its consumer's.
func isolated[V any](g *current.Generator, seq iter.Seq[V], yield func(V) bool) {
	defer g.End()
	seq(func(v V) bool {
		if g.Suspend() {
			defer g.Resume()
		}
		return yield(v)
	})
}

func isolated2[K, V any](g *current.Generator, seq iter.Seq2[K, V], yield func(K, V) bool) {
	defer g.End()
	seq(func(k K, v V) bool {
		if g.Suspend() {
			defer g.Resume()
		}
		return yield(k, v)
	})
}
