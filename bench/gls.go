package main

import "github.com/jtolds/gls"

// glsStack is jtolds/gls as its README uses it: one manager, values in force for the
// length of a call of SetValues, goroutines by gls.Go. It finds out who is running by
// walking the stack, so its costs grow with the depth of the stack above
// SetValues; here that is a few frames only.
var glsStack = &participant{
	name: "gls",
	note: "github.com/jtolds/gls, all variables in one SetValues, goroutines by gls.Go",
	does: map[kind]work{
		get:         glsGet,
		getEach:     glsGetEach,
		getUnset:    glsGetUnset,
		getNothing:  glsGetNothing,
		set:         glsSet,
		spawn:       glsSpawn,
		plainGo:     glsPlainGo,
		firstSet:    glsFirstSet,
		parallelGet: glsParallelGet,
	},
	keep: func() { glsManager.SetValues(gls.Values{glsPool[0]: values[0]}, func() {}) },
}

// glsKey is a key by its address, like stdKey.
type glsKey struct{ _ int }

var (
	glsManager = gls.NewContextManager()
	glsUnset   = new(glsKey)
	glsPool    = func() (ks [poolSize]*glsKey) {
		for i := range ks {
			ks[i] = new(glsKey)
		}
		return ks
	}()
)

// glsWithin calls f with the variables in force.
func glsWithin(at setting, f func(target *glsKey)) {
	vs := make(gls.Values)
	for i := range at.size {
		vs[glsPool[i]] = values[i]
	}
	glsManager.SetValues(vs, func() { f(glsPool[at.target]) })
}

func glsValue(k *glsKey) *value {
	got, _ := glsManager.GetValue(k)
	v, _ := got.(*value)
	return v
}

func glsGet(at setting, st *stage) {
	glsWithin(at, func(k *glsKey) {
		st.serve(func(n int) (sum int) {
			for range n {
				sum += glsValue(k).n
			}
			return sum
		})
	})
}

func glsGetEach(at setting, st *stage) {
	vs := make(gls.Values)
	for _, i := range scattered {
		vs[glsPool[i]] = values[i]
	}
	glsManager.SetValues(vs, func() {
		st.serve(func(n int) (sum int) {
			for range n {
				for _, i := range scattered {
					sum += glsValue(glsPool[i]).n
				}
			}
			return sum
		})
	})
}

func glsGetUnset(at setting, st *stage) {
	glsWithin(at, func(*glsKey) { st.serve(glsCountUnset) })
}

func glsGetNothing(at setting, st *stage) { st.serve(glsCountUnset) }

func glsCountUnset(n int) (sum int) {
	for range n {
		if glsValue(glsUnset) == nil {
			sum++
		}
	}
	return sum
}

func glsSet(at setting, st *stage) {
	glsWithin(at, func(k *glsKey) {
		p := others[at.target]
		glsManager.SetValues(gls.Values{k: p}, func() { st.expect("inside SetValues", glsValue(k), p) })
		st.serve(func(n int) (sum int) {
			f := func() { sum++ }
			for range n {
				glsManager.SetValues(gls.Values{k: p}, f)
			}
			st.expect("after SetValues", glsValue(k), values[at.target])
			return sum
		})
	})
}

func glsSpawn(at setting, st *stage) {
	glsWithin(at, func(k *glsKey) {
		out := make(chan int)
		st.serve(func(n int) (sum int) {
			for range n {
				gls.Go(func() { out <- glsValue(k).number() })
				sum += <-out
			}
			return sum
		})
	})
}

func glsPlainGo(at setting, st *stage) {
	glsWithin(at, func(k *glsKey) {
		out := make(chan int)
		st.serve(func(n int) (sum int) {
			for range n {
				go func() { out <- glsValue(k).number() }()
				sum += <-out
			}
			return sum
		})
	})
}

func glsFirstSet(at setting, st *stage) {
	k, p, out := glsPool[at.target], values[at.target], make(chan int)
	st.serve(func(n int) (sum int) {
		for range n {
			go glsManager.SetValues(gls.Values{k: p}, func() { out <- count(glsValue(k), p) })
			sum += <-out
		}
		return sum
	})
}

func glsParallelGet(at setting, st *stage) {
	glsWithin(at, func(k *glsKey) {
		serveParallel(st, gls.Go, func(n int) (sum int) {
			for range n {
				sum += glsValue(k).number()
			}
			return sum
		})
	})
}
