package contextvars

import (
	"iter"

	"github.com/gocontextvars/contextvars/internal/current"
)

// The function of a sequence and the loop that ranges over it take turns on one goroutine, and so
// in one context: what the function sets, the body of the loop sees, as with Python's generators (161,
// 162). The functions in this file give it a context of its own, as PEP 550 would have
// done (E3-E5).

// Isolate returns a sequence of seq's values. Each time it is ranged over, seq runs in a new
// context that lies over the loop's:
//
//   - What seq sets or unsets, the body of the loop does not see. After the yield it is
//     still there, for seq and for what seq calls and starts.
//   - What the body changes, seq sees after the yield, unless it has set or unset that
//     variable itself. Once it has restored it, it sees the loop's value again, as it is then.
//   - Tokens are good on the side that they were made on, in any later step: those of seq also in a
//     defer, when the loop ends by break, a panic or runtime.Goexit. Those of the
//     other side are refused.
//
// A generator may range over another one, or hand on its values, with the same rules on each level
// (E5). It may call yield inside of With, Context.Run, Detach, Lend or pprof.Do, and its body still
// runs in the loop's context. While seq is in a Context, it sees nothing of the loop's, as always
// (54), and the body cannot enter that Context (55).
//
// Values of variables with the option [Local] are seen by seq, which runs at the loop's place. The
// profiler labels that runtime/pprof sets on either side are the goroutine's, as without Isolate.
//
// A yield on another goroutine than the one that seq runs on panics.
//
// A loop costs six allocations and some 150 ns, a step some 30 ns more than without Isolate, and no
// allocation if neither side has changed anything since the last. If the loop has, it is two allocations
// and some 80 ns more, and about a Set for each variable that seq has set or unset. Set costs seq
// two more allocations and double the time if it had not set that variable yet.
//
// With iter.Pull(Isolate(seq)), seq has a goroutine of its own: it lies over the context that was current
// at iter.Pull, and sees no later change. [IsolatePull] is better.
func Isolate[V any](seq iter.Seq[V]) iter.Seq[V] {
	checkFunc(seq == nil, "Isolate")
	return func(yield func(V) bool) { isolated(current.StartGenerator(), seq, yield) }
}

// Isolate2 is [Isolate] for a sequence of pairs.
func Isolate2[K, V any](seq iter.Seq2[K, V]) iter.Seq2[K, V] {
	checkFunc(seq == nil, "Isolate2")
	return func(yield func(K, V) bool) { isolated2(current.StartGenerator(), seq, yield) }
}

// IsolatePull is iter.Pull(seq) with seq in a context as [Isolate] makes it, which in each step lies over
// the context of whoever calls next or stop. That may be one goroutine after the other.
//
// Since seq has a goroutine of its own, it sees no values of variables with the option [Local], and
// has the profiler labels that were there at the call of IsolatePull, besides those of variables.
//
// Between steps seq keeps alive what its last caller had in force. As with iter.Pull, call stop
// unless next has returned false, or the goroutine and all that it holds are there for good.
//
// A step costs some 50 ns more than with iter.Pull. It allocates nothing if nothing has changed since
// the last one; another goroutine's call is a change, and so is each call where values
// of variables with the option [Local] are in force.
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
		defer g.TakeBack()
		return pull()
	}, func() { g.Give(); defer g.TakeBack(); end() }
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
		defer g.TakeBack()
		return pull()
	}, func() { g.Give(); defer g.TakeBack(); end() }
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
