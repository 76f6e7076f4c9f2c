//contextvars:ignore token subjects set their variables on goroutines of their own

package main

import "github.com/gocontextvars/contextvars"

var ours = &participant{
	name: "contextvars",
	note: "this package; goroutines by a plain go statement",
	does: map[kind]work{
		get:         cvGet,
		getEach:     cvGetEach,
		getUnset:    cvLookupUnset,
		getNothing:  cvGetNothing,
		set:         cvSet,
		spawn:       cvSpawn,
		plainGo:     cvSpawn,
		firstSet:    cvFirstSet,
		parallelGet: cvParallelGet,
		run:         cvRun,
		copyContext: cvCopyContext,
		bind:        cvBind,
		bindCall:    cvBindCall,
	},
	keep: func() { cvPool[0].Set(values[0]) },
}

// oursGo is the same with this package's Go, which does more than a go statement.
var oursGo = &participant{
	name: "contextvars.Go",
	note: "this package's Go: the goroutine keeps its context through a foreign pprof.Do, too",
	does: map[kind]work{spawn: cvSpawnGo},
}

type cvVar = contextvars.ContextVar[*value]

var (
	cvUnset = contextvars.New[*value]("unset")
	cvPool  = func() (vs [poolSize]*cvVar) {
		for i := range vs {
			vs[i] = contextvars.New[*value]("pooled")
		}
		return vs
	}()
)

// cvEnter puts the variables in force on the running goroutine and returns the target.
func cvEnter(at setting) *cvVar {
	for i := range at.size {
		cvPool[i].Set(values[i])
	}
	return cvPool[at.target]
}

func cvGet(at setting, st *stage) {
	v := cvEnter(at)
	st.serve(func(n int) (sum int) {
		for range n {
			sum += v.Get().n
		}
		return sum
	})
}

func cvGetEach(at setting, st *stage) {
	var vs [8]*cvVar
	for i, v := range scattered {
		vs[i] = cvPool[v]
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

func cvLookupUnset(at setting, st *stage) {
	cvEnter(at)
	v := cvUnset
	st.serve(func(n int) (sum int) {
		for range n {
			if _, ok := v.Lookup(); !ok {
				sum++
			}
		}
		return sum
	})
}

func cvGetNothing(at setting, st *stage) {
	v := cvUnset
	st.serve(func(n int) (sum int) {
		for range n {
			if v.Get() == nil {
				sum++
			}
		}
		return sum
	})
}

func cvSet(at setting, st *stage) {
	v, p := cvEnter(at), others[at.target]
	t := v.Set(p)
	st.expect("after Set", v.Get(), p)
	t.Restore()
	st.expect("after Restore", v.Get(), values[at.target])
	st.serve(func(n int) (sum int) {
		for range n {
			if v.Set(p).Restore() {
				sum++
			}
		}
		return sum
	})
}

func cvSpawn(at setting, st *stage) {
	v, out := cvEnter(at), make(chan int)
	st.serve(func(n int) (sum int) {
		for range n {
			go func() { out <- v.Get().number() }()
			sum += <-out
		}
		return sum
	})
}

func cvSpawnGo(at setting, st *stage) {
	v, out := cvEnter(at), make(chan int)
	st.serve(func(n int) (sum int) {
		for range n {
			contextvars.Go(func() { out <- v.Get().number() })
			sum += <-out
		}
		return sum
	})
}

func cvFirstSet(at setting, st *stage) {
	v, p, out := cvPool[at.target], values[at.target], make(chan int)
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

func cvParallelGet(at setting, st *stage) {
	v := cvEnter(at)
	serveParallel(st, goStatement, func(n int) (sum int) {
		for range n {
			sum += v.Get().number()
		}
		return sum
	})
}

func cvRun(at setting, st *stage) {
	cvEnter(at)
	c := contextvars.CopyContext()
	st.serve(func(n int) (sum int) {
		f := func() { sum++ }
		for range n {
			c.Run(f)
		}
		return sum
	})
}

func cvCopyContext(at setting, st *stage) {
	v := cvEnter(at)
	st.serve(func(n int) (sum int) {
		var c *contextvars.Context
		for range n {
			c = contextvars.CopyContext()
			sum++
		}
		got, _ := v.In(c)
		st.expect("in the copy", got, values[at.target])
		return sum
	})
}

func cvBind(at setting, st *stage) {
	v := cvEnter(at)
	st.serve(func(n int) (sum int) {
		f := func() { sum += count(v.Get(), values[at.target]) }
		var bound func() // outside the loop: functions that are bound to be kept are not on the stack
		for range n {
			bound = contextvars.Bind(f)
			bound()
		}
		return sum
	})
}

func cvBindCall(at setting, st *stage) {
	v := cvEnter(at)
	st.serve(func(n int) (sum int) {
		f := contextvars.Bind(func() { sum += count(v.Get(), values[at.target]) })
		for range n {
			f()
		}
		return sum
	})
}
