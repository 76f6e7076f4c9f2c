package main

import "runtime"

// serveParallel has GOMAXPROCS goroutines do the reads together, like testing.B's
// RunParallel. They are started before, so that it is reads that are measured. start is
// how the participant starts a goroutine that sees the variables.
func serveParallel(st *stage, start func(func()), read func(n int) (sum int)) {
	workers := runtime.GOMAXPROCS(0)
	shares, sums := make(chan int), make(chan int)
	defer close(shares)
	for range workers {
		start(func() {
			for n := range shares {
				sums <- read(n)
			}
		})
	}
	st.serve(func(n int) (sum int) {
		for i := range workers {
			share := n / workers
			if i < n%workers {
				share++
			}
			shares <- share // nobody takes a second one, since the sums wait for the last share
		}
		for range workers {
			sum += <-sums
		}
		return sum
	})
}

func goStatement(f func()) { go f() }
