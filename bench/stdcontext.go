package main

import "context"

var std = &participant{
	name: "context.Value",
	note: "the standard library's context.Context, handed on as a parameter; a variable is a WithValue",
	does: map[kind]work{
		get:         stdGet,
		getEach:     stdGetEach,
		getUnset:    stdGetUnset,
		getNothing:  stdGetNothing,
		set:         stdSet,
		spawn:       stdSpawn,
		plainGo:     stdSpawn,
		firstSet:    stdFirstSet,
		parallelGet: stdParallelGet,
		bind:        stdBind,
	},
	keep: func() { stdKept(context.Background()) },
}

// stdPointer is context.Value with keys that it compares faster than the usual ones.
var stdPointer = &participant{
	name: "context.Value, key a pointer",
	does: map[kind]work{get: stdGetPointer},
}

// stdKey is what the package's documentation uses for keys.
type stdKey int

// stdPool holds the keys as interfaces: as constants, they would be that at compile time.
var (
	stdUnset any = stdKey(-1)
	stdPool      = func() (ks [poolSize]any) {
		for i := range ks {
			ks[i] = stdKey(i)
		}
		return ks
	}()
)

// stdEnter returns a ctx with the variables, the one that was set last on top, and
// the target's key.
func stdEnter(at setting) (context.Context, any) {
	return stdChain(at, &stdPool), stdPool[at.target]
}

func stdChain(at setting, keys *[poolSize]any) context.Context {
	ctx := context.Background()
	for i := range at.size {
		ctx = context.WithValue(ctx, keys[i], values[i])
	}
	return ctx
}

func stdValue(ctx context.Context, k any) *value {
	v, _ := ctx.Value(k).(*value)
	return v
}

func stdGet(at setting, st *stage) {
	ctx, k := stdEnter(at)
	stdServeGet(ctx, k, st)
}

func stdGetPointer(at setting, st *stage) {
	var keys [poolSize]any
	for i := range keys {
		keys[i] = new(stdKey)
	}
	stdServeGet(stdChain(at, &keys), keys[at.target], st)
}

func stdServeGet(ctx context.Context, k any, st *stage) {
	st.serve(func(n int) (sum int) {
		for range n {
			sum += stdValue(ctx, k).n
		}
		return sum
	})
}

func stdGetEach(at setting, st *stage) {
	ctx := context.Background()
	var ks [8]any
	for i, v := range scattered {
		ks[i] = stdPool[v]
		ctx = context.WithValue(ctx, ks[i], values[v])
	}
	st.serve(func(n int) (sum int) {
		for range n {
			for _, k := range ks {
				sum += stdValue(ctx, k).n
			}
		}
		return sum
	})
}

func stdGetUnset(at setting, st *stage) {
	ctx, _ := stdEnter(at)
	countUnset(ctx, st)
}

func stdGetNothing(at setting, st *stage) { countUnset(context.Background(), st) }

func countUnset(ctx context.Context, st *stage) {
	k := stdUnset
	st.serve(func(n int) (sum int) {
		for range n {
			if stdValue(ctx, k) == nil {
				sum++
			}
		}
		return sum
	})
}

// stdSet has nothing to restore: who has the old ctx has the old value.
func stdSet(at setting, st *stage) {
	ctx, k := stdEnter(at)
	p := others[at.target]
	st.serve(func(n int) (sum int) {
		var c context.Context
		for range n {
			c = context.WithValue(ctx, k, p)
			sum++
		}
		st.expect("in the new ctx", stdValue(c, k), p)
		st.expect("in the old ctx", stdValue(ctx, k), values[at.target])
		return sum
	})
}

func stdSpawn(at setting, st *stage) {
	ctx, k := stdEnter(at)
	out := make(chan int)
	st.serve(func(n int) (sum int) {
		for range n {
			go func() { out <- stdValue(ctx, k).number() }()
			sum += <-out
		}
		return sum
	})
}

func stdFirstSet(at setting, st *stage) {
	ctx, k, p, out := context.Background(), stdPool[at.target], values[at.target], make(chan int)
	st.serve(func(n int) (sum int) {
		for range n {
			go func() {
				ctx := context.WithValue(ctx, k, p)
				out <- count(stdValue(ctx, k), p)
			}()
			sum += <-out
		}
		return sum
	})
}

func stdParallelGet(at setting, st *stage) {
	ctx, k := stdEnter(at)
	serveParallel(st, goStatement, func(n int) (sum int) {
		for range n {
			sum += stdValue(ctx, k).number()
		}
		return sum
	})
}

func stdBind(at setting, st *stage) {
	ctx, k := stdEnter(at)
	st.serve(func(n int) (sum int) {
		f := func(ctx context.Context) { sum += count(stdValue(ctx, k), values[at.target]) }
		for range n {
			withCtx(ctx, f)()
		}
		return sum
	})
}

// withCtx is not inlined, as functions are not that hand a closure on.
//
//go:noinline
func withCtx(ctx context.Context, f func(context.Context)) func() { return func() { f(ctx) } }

//go:noinline
func stdKept(ctx context.Context) *value {
	return stdValue(context.WithValue(ctx, stdPool[0], values[0]), stdPool[0])
}
