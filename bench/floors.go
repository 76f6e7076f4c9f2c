package main

// The floors: what an operation cannot be without. Reading a variable is a call
// at least, since what it reads depends on who is running; and a goroutine has to be
// started and waited for, whatever it does.

var call = &participant{
	name: "call",
	note: "floor: a call of a function that is not inlined and returns its argument",
	does: map[kind]work{
		get:         callOne,
		getUnset:    callNothing,
		getNothing:  callNothing,
		getEach:     callEach,
		parallelGet: callParallel,
	},
}

//go:noinline
func same(v *value) *value { return v }

func callOne(at setting, st *stage) {
	v := values[at.target]
	st.serve(func(n int) (sum int) {
		for range n {
			sum += same(v).n
		}
		return sum
	})
}

func callNothing(at setting, st *stage) {
	st.serve(func(n int) (sum int) {
		for range n {
			if same(nil) == nil {
				sum++
			}
		}
		return sum
	})
}

func callEach(at setting, st *stage) {
	var vs [8]*value
	for i, v := range scattered {
		vs[i] = values[v]
	}
	st.serve(func(n int) (sum int) {
		for range n {
			for _, v := range vs {
				sum += same(v).n
			}
		}
		return sum
	})
}

func callParallel(at setting, st *stage) {
	v := values[at.target]
	serveParallel(st, goStatement, func(n int) (sum int) {
		for range n {
			sum += same(v).n
		}
		return sum
	})
}

var bareGo = &participant{
	name: "go",
	note: "floor: a go statement that sends a number, and the wait for it",
	does: map[kind]work{
		spawn:    bareSpawn,
		plainGo:  bareSpawn,
		firstSet: bareFirst,
	},
	keep: func() {},
}

func bareSpawn(at setting, st *stage) {
	v, out := values[at.target], make(chan int)
	st.serve(func(n int) (sum int) {
		for range n {
			go func() { out <- v.number() }()
			sum += <-out
		}
		return sum
	})
}

func bareFirst(at setting, st *stage) {
	v, out := values[at.target], make(chan int)
	st.serve(func(n int) (sum int) {
		for range n {
			go func() { out <- count(v, v) }()
			sum += <-out
		}
		return sum
	})
}

// count is 1 if the value is the right one.
func count(got, want *value) int {
	if got == want {
		return 1
	}
	return 0
}
