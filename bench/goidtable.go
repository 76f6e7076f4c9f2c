package main

import (
	"maps"
	"sync"

	"github.com/petermattis/goid"
)

// goidTable is what people write themselves: a table from the goroutine's id to its
// variables. A goroutine gets a copy of its creator's if it is started by
// goidGo, and has to take its entry out when it ends, or the table grows for ever.
var goidTable = &participant{
	name: "goid table",
	note: "github.com/petermattis/goid and a sync.Map from ids to maps, copied and cleaned up by a helper",
	does: map[kind]work{
		get:         goidGet,
		getEach:     goidGetEach,
		getUnset:    goidGetUnset,
		getNothing:  goidGetNothing,
		set:         goidSet,
		spawn:       goidSpawn,
		plainGo:     goidPlainGo,
		firstSet:    goidFirstSet,
		parallelGet: goidParallelGet,
		bind:        goidBind,
	},
	keep: func() {
		defer goidForget()
		goidPut(goidPool[0], values[0])
	},
}

type goidKey struct{ _ int }

type goidVars = map[*goidKey]*value

var (
	goidVarsOf sync.Map // int64, a goroutine's id, to goidVars
	goidUnset  = new(goidKey)
	goidPool   = func() (ks [poolSize]*goidKey) {
		for i := range ks {
			ks[i] = new(goidKey)
		}
		return ks
	}()
)

func goidMine() goidVars {
	vars, _ := goidVarsOf.Load(goid.Get())
	m, _ := vars.(goidVars)
	return m
}

func goidValue(k *goidKey) *value { return goidMine()[k] }

// goidPut returns the old value.
func goidPut(k *goidKey, v *value) (old *value) {
	m := goidMine()
	if m == nil {
		m = make(goidVars)
		goidVarsOf.Store(goid.Get(), m)
	}
	old, m[k] = m[k], v
	return old
}

func goidForget() { goidVarsOf.Delete(goid.Get()) }

func goidGo(f func()) {
	m := maps.Clone(goidMine())
	go func() {
		goidVarsOf.Store(goid.Get(), m)
		defer goidForget()
		f()
	}()
}

// goidEnter puts the variables in force. Whoever calls it forgets them.
func goidEnter(at setting) *goidKey {
	for i := range at.size {
		goidPut(goidPool[i], values[i])
	}
	return goidPool[at.target]
}

func goidGet(at setting, st *stage) {
	defer goidForget()
	k := goidEnter(at)
	st.serve(func(n int) (sum int) {
		for range n {
			sum += goidValue(k).n
		}
		return sum
	})
}

func goidGetEach(at setting, st *stage) {
	defer goidForget()
	var ks [8]*goidKey
	for i, v := range scattered {
		ks[i] = goidPool[v]
		goidPut(ks[i], values[v])
	}
	st.serve(func(n int) (sum int) {
		for range n {
			for _, k := range ks {
				sum += goidValue(k).n
			}
		}
		return sum
	})
}

func goidGetUnset(at setting, st *stage) {
	defer goidForget()
	goidEnter(at)
	goidGetNothing(at, st)
}

func goidGetNothing(at setting, st *stage) {
	k := goidUnset
	st.serve(func(n int) (sum int) {
		for range n {
			if goidValue(k) == nil {
				sum++
			}
		}
		return sum
	})
}

func goidSet(at setting, st *stage) {
	defer goidForget()
	k, p := goidEnter(at), others[at.target]
	st.serve(func(n int) (sum int) {
		for range n {
			old := goidPut(k, p)
			if goidPut(k, old) == p {
				sum++
			}
		}
		st.expect("after restoring", goidValue(k), values[at.target])
		return sum
	})
}

func goidSpawn(at setting, st *stage) {
	defer goidForget()
	k, out := goidEnter(at), make(chan int)
	st.serve(func(n int) (sum int) {
		for range n {
			goidGo(func() { out <- goidValue(k).number() })
			sum += <-out
		}
		return sum
	})
}

func goidPlainGo(at setting, st *stage) {
	defer goidForget()
	k, out := goidEnter(at), make(chan int)
	st.serve(func(n int) (sum int) {
		for range n {
			go func() { out <- goidValue(k).number() }()
			sum += <-out
		}
		return sum
	})
}

func goidFirstSet(at setting, st *stage) {
	k, p, out := goidPool[at.target], values[at.target], make(chan int)
	st.serve(func(n int) (sum int) {
		for range n {
			go func() {
				defer goidForget()
				goidPut(k, p)
				out <- count(goidValue(k), p)
			}()
			sum += <-out
		}
		return sum
	})
}

func goidParallelGet(at setting, st *stage) {
	defer goidForget()
	k := goidEnter(at)
	serveParallel(st, goidGo, func(n int) (sum int) {
		for range n {
			sum += goidValue(k).number()
		}
		return sum
	})
}

func goidBind(at setting, st *stage) {
	defer goidForget()
	k := goidEnter(at)
	st.serve(func(n int) (sum int) {
		f := func() { sum += count(goidValue(k), values[at.target]) }
		var bound func()
		for range n {
			bound = goidBound(f)
			bound()
		}
		return sum
	})
}

// goidBound returns a function that runs f with a copy of the variables as of now.
func goidBound(f func()) func() {
	captured := maps.Clone(goidMine())
	return func() {
		id := goid.Get()
		outer, had := goidVarsOf.Swap(id, maps.Clone(captured))
		defer func() {
			if had {
				goidVarsOf.Store(id, outer)
			} else {
				goidVarsOf.Delete(id)
			}
		}()
		f()
	}
}
