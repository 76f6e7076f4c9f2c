package main

import "github.com/timandy/routine"

// routineLocal is timandy/routine as its README uses it: inheritable
// thread-locals, goroutines by routine.Go, tasks by WrapTask. It has no Set that gives
// the old value back, so that is a Get, a Set, and a Set.
var routineLocal = &participant{
	name: "routine",
	note: "github.com/timandy/routine, InheritableThreadLocal, goroutines by routine.Go",
	does: map[kind]work{
		get:         routineGet,
		getEach:     routineGetEach,
		getUnset:    routineGetUnset,
		getNothing:  routineGetUnset,
		set:         routineSet,
		spawn:       routineSpawn,
		plainGo:     routinePlainGo,
		firstSet:    routineFirstSet,
		parallelGet: routineParallelGet,
		bind:        routineBind,
	},
	keep: func() { routinePool[0].Set(values[0]) },
}

type routineVar = routine.ThreadLocal[*value]

var (
	routineUnset = routine.NewInheritableThreadLocal[*value]()
	routinePool  = func() (vs [poolSize]routineVar) {
		for i := range vs {
			vs[i] = routine.NewInheritableThreadLocal[*value]()
		}
		return vs
	}()
)

func routineEnter(at setting) routineVar {
	for i := range at.size {
		routinePool[i].Set(values[i])
	}
	return routinePool[at.target]
}

func routineGet(at setting, st *stage) {
	v := routineEnter(at)
	st.serve(func(n int) (sum int) {
		for range n {
			sum += v.Get().n
		}
		return sum
	})
}

func routineGetEach(at setting, st *stage) {
	var vs [8]routineVar
	for i, v := range scattered {
		vs[i] = routinePool[v]
		vs[i].Set(values[v])
	}
	st.serve(func(n int) (sum int) {
		for range n {
			for _, v := range vs {
				sum += v.Get().n
			}
		}
		return sum
	})
}

func routineGetUnset(at setting, st *stage) {
	routineEnter(at)
	v := routineUnset
	st.serve(func(n int) (sum int) {
		for range n {
			if v.Get() == nil {
				sum++
			}
		}
		return sum
	})
}

func routineSet(at setting, st *stage) {
	v, p := routineEnter(at), others[at.target]
	st.serve(func(n int) (sum int) {
		for range n {
			old := v.Get()
			v.Set(p)
			v.Set(old)
			sum++
		}
		st.expect("after restoring", v.Get(), values[at.target])
		return sum
	})
}

func routineSpawn(at setting, st *stage) {
	v, out := routineEnter(at), make(chan int)
	st.serve(func(n int) (sum int) {
		for range n {
			routine.Go(func() { out <- v.Get().number() })
			sum += <-out
		}
		return sum
	})
}

func routinePlainGo(at setting, st *stage) {
	v, out := routineEnter(at), make(chan int)
	st.serve(func(n int) (sum int) {
		for range n {
			go func() { out <- v.Get().number() }()
			sum += <-out
		}
		return sum
	})
}

func routineFirstSet(at setting, st *stage) {
	v, p, out := routinePool[at.target], values[at.target], make(chan int)
	st.serve(func(n int) (sum int) {
		for range n {
			go func() {
				v.Set(p)
				out <- count(v.Get(), p)
			}()
			sum += <-out
		}
		return sum
	})
}

func routineParallelGet(at setting, st *stage) {
	v := routineEnter(at)
	serveParallel(st, func(f func()) { routine.Go(f) }, func(n int) (sum int) {
		for range n {
			sum += v.Get().number()
		}
		return sum
	})
}

func routineBind(at setting, st *stage) {
	v := routineEnter(at)
	st.serve(func(n int) (sum int) {
		f := func() { sum += count(v.Get(), values[at.target]) }
		for range n {
			routine.WrapTask(f).Run()
		}
		return sum
	})
}
