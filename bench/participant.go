package main

import "math/rand/v2"

// A participant is one way of giving a goroutine its variables, or a floor: what
// nobody can be faster than.
type participant struct {
	name string
	note string // what a reader of its figures has to know
	does map[kind]work
	// keep is what one of a million goroutines does that sets a variable and
	// ends, in the way in which the participant is meant to be used.
	keep func()
}

// work puts the variables in force that a setting asks for, and has the stage
// run its loop. It is called on a goroutine of its own: the context belongs
// to the goroutine that is measured.
type work func(at setting, st *stage)

// A loop does the work n times and returns the sum of what it read, or of what it
// saw succeed. The sum is kept in a local variable; in a package variable
// it would cost as much as the read.
type loop func(n int) (sum int)

// A kind is what one operation is. Participants that have none of a kind are not
// in its table.
type kind string

const (
	get         kind = "Get"
	getEach     kind = "GetEach"
	getUnset    kind = "GetUnset"
	getNothing  kind = "GetNothing"
	set         kind = "Set"
	spawn       kind = "Go"
	plainGo     kind = "PlainGo"
	firstSet    kind = "FirstSet"
	parallelGet kind = "ParallelGet"
	run         kind = "Run"
	copyContext kind = "CopyContext"
	bind        kind = "Bind"
	bindCall    kind = "BindCall"
)

// A setting says how many variables are in force and which of them is used. They are
// set one after the other; the target counts from 0 in that order.
type setting struct{ size, target int }

// value is what the variables hold: a pointer, so that none of the participants has
// to allocate for it.
type value struct{ n int }

// number is 0 where a participant has lost the value.
func (v *value) number() int {
	if v == nil {
		return 0
	}
	return v.n
}

// poolSize is the number of variables that each participant has; settings with fewer
// use the first ones. They are made once, since some participants' cost
// depends on how many there ever were.
const poolSize = 1000

var (
	values = makeValues(1000)
	others = makeValues(5000) // what Set sets in their place
)

func makeValues(first int) (vs [poolSize]*value) {
	for i := range vs {
		vs[i] = &value{first + i}
	}
	return vs
}

// scattered are the variables of getEach: eight of all, as a program has that
// declares many and sets few. Always the same ones.
var scattered = [8]int(rand.New(rand.NewPCG(8, 1000)).Perm(poolSize)[:8])

// want returns what one operation adds to a loop's sum if every value is right.
func (k kind) want(at setting) int {
	switch k {
	case get, spawn, plainGo, parallelGet:
		return values[at.target].n
	case getEach:
		sum := 0
		for _, i := range scattered {
			sum += values[i].n
		}
		return sum
	}
	return 1
}
