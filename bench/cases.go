package main

import "fmt"

// A sideBySide is one piece of work, done by everyone who can.
type sideBySide struct {
	name     string // for -run
	title    string
	subjects []subject
}

// participants in the order of the tables; floors come first.
var participants = []*participant{call, bareGo, ours, oursGo, std, routineLocal, glsStack, goidTable}

var titles = map[kind]string{
	get:         "Get",
	getEach:     "Get of each of 8 variables out of 1000 that the program declares (8 reads)",
	getUnset:    "Get of a variable that is not set, 8 others are (contextvars: Lookup)",
	getNothing:  "Get where nothing was ever set",
	set:         "Set, and restore the old value",
	spawn:       "start a goroutine with one Get in it, and wait for it",
	plainGo:     "start a goroutine by a plain go statement, with one Get in it, and wait for it, 8 variables",
	firstSet:    "start a goroutine with a first Set and a Get in it, and wait for it",
	parallelGet: "Get by GOMAXPROCS goroutines at once",
	run:         "Context.Run of nothing",
	copyContext: "CopyContext",
	bind:        "bind a function to the context, and call it once",
	bindCall:    "call of a function that was bound before",
}

var sizes = []int{1, 8, 64, poolSize}

func allCases() []sideBySide {
	var cases []sideBySide
	for _, k := range []kind{get, set, parallelGet} {
		for _, size := range sizes {
			if size > 1 {
				cases = append(cases, newCase(k, setting{size, 0}))
			}
			cases = append(cases, newCase(k, setting{size, size - 1}))
		}
	}
	for _, depth := range []int{5, 20} {
		cases = append(cases, newCase(get, setting{depth, 0}))
	}
	for _, size := range sizes {
		cases = append(cases, newCase(spawn, setting{size, size - 1}))
	}
	cases = append(cases,
		newCase(plainGo, setting{8, 7}),
		newCase(firstSet, setting{0, 0}),
		newCase(getEach, setting{8, 0}),
		newCase(getUnset, setting{8, 0}),
		newCase(getNothing, setting{0, 0}),
		newCase(run, setting{1, 0}),
		newCase(run, setting{8, 0}),
		newCase(bind, setting{8, 0}),
		newCase(bindCall, setting{8, 0}),
	)
	for _, size := range sizes {
		cases = append(cases, newCase(copyContext, setting{size, 0}))
	}
	return cases
}

func newCase(k kind, at setting) sideBySide {
	c := sideBySide{name: string(k), title: titles[k]}
	switch k {
	case get, set, parallelGet:
		c.name += fmt.Sprintf("/%d", at.size)
		c.title += fmt.Sprintf(", %s", amount(at.size))
		if at.size > 1 {
			order, depth := "first", fmt.Sprintf(" (context.Value: %d deep)", at.size)
			if at.target > 0 {
				order, depth = "last", ""
			}
			c.name += "/" + order
			c.title += ", the one set " + order
			if k != set {
				c.title += depth // a ctx knows only what is above the one that is read
			}
		}
	case spawn, copyContext, run:
		c.name += fmt.Sprintf("/%d", at.size)
		c.title += fmt.Sprintf(", %s", amount(at.size))
	}
	for _, p := range participants {
		if p.does[k] != nil {
			c.subjects = append(c.subjects, subject{p, p.name, k, at})
		}
	}
	return c
}

func amount(variables int) string {
	if variables == 1 {
		return "1 variable"
	}
	return fmt.Sprintf("%d variables", variables)
}
