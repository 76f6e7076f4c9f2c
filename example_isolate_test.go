package contextvars_test

import (
	"fmt"
	"iter"
	"strconv"

	"github.com/gocontextvars/contextvars"
)

// How do I keep what a generator sets from the code that ranges over it?
func ExampleIsolate() {
	digits := contextvars.NewDefault("digits", 3)
	format := func(x float64) string { return strconv.FormatFloat(x, 'g', digits.Get(), 64) }

	thirds := func(yield func(string) bool) {
		defer digits.Set(6).Restore()
		for x := 1.0; yield(format(x / 3)); x++ {
		}
	}
	for s := range thirds {
		fmt.Println(s, format(2.0/9))
		break
	}
	for s := range contextvars.Isolate(thirds) {
		fmt.Println(s, format(2.0/9))
		break
	}
	// Output:
	// 0.333333 0.222222
	// 0.333333 0.222
}

// What does a generator see of what the loop's body sets? Everything but what it has set
// itself.
func ExampleIsolate_changes() {
	user, depth := contextvars.New[string]("user"), contextvars.New[int]("depth")
	visits := contextvars.Isolate(func(yield func(int) bool) {
		depth.Set(1)
		for i := range 3 {
			fmt.Printf("generator: %q %d\n", user.Get(), depth.Get())
			yield(i)
		}
	})
	for i := range visits {
		user.Set([]string{"ann", "bob", "carol"}[i])
		depth.Set(10)
	}
	fmt.Printf("consumer: %q %d\n", user.Get(), depth.Get())
	// Output:
	// generator: "" 1
	// generator: "ann" 1
	// generator: "bob" 1
	// consumer: "carol" 10
}

// How do I isolate a sequence of pairs?
func ExampleIsolate2() {
	prefix := contextvars.New[string]("prefix")
	lines := func(yield func(int, string) bool) {
		prefix.Set("> ")
		for i, line := range []string{"one", "two"} {
			if !yield(i, prefix.Get()+line) {
				return
			}
		}
	}
	for i, line := range contextvars.Isolate2(lines) {
		fmt.Printf("%d %s %q\n", i, line, prefix.Get())
	}
	// Output:
	// 0 > one ""
	// 1 > two ""
}

// How do generators take turns, each with a setting of its own? This is the example of PEP 550.
func ExampleIsolatePull() {
	precision := contextvars.NewDefault("precision", 28)
	divide := func(x, y int) string {
		return strconv.FormatFloat(float64(x)/float64(y), 'g', precision.Get(), 64)
	}
	fractions := func(digits, x, y int) iter.Seq[string] {
		return func(yield func(string) bool) {
			defer precision.Set(digits).Restore()
			_ = yield(divide(x, y)) && yield(divide(x, y*y))
		}
	}
	next1, stop1 := contextvars.IsolatePull(fractions(2, 1, 3))
	defer stop1()
	next2, stop2 := contextvars.IsolatePull(fractions(6, 2, 3))
	defer stop2()
	for {
		a, ok1 := next1()
		b, ok2 := next2()
		if !ok1 || !ok2 {
			break
		}
		fmt.Println(a, b, precision.Get())
	}
	// Output:
	// 0.33 0.666667 28
	// 0.11 0.222222 28
}

// Who calls next, and what does the generator see of that? All that is in force at the call.
func ExampleIsolatePull_callers() {
	user := contextvars.New[string]("user")
	next, stop := contextvars.IsolatePull(func(yield func(string) bool) {
		for yield("for " + user.Get()) {
		}
	})
	defer stop()
	for _, name := range []string{"ann", "bob"} {
		user.With(name, func() {
			job, _ := next()
			fmt.Println(job)
		})
	}
	// Output:
	// for ann
	// for bob
}

// How do I isolate a sequence of pairs that I pull?
func ExampleIsolatePull2() {
	unit := contextvars.New[string]("unit")
	next, stop := contextvars.IsolatePull2(func(yield func(int, string) bool) {
		unit.Set("m")
		for i := 1; yield(i, unit.Get()); i *= 1000 {
			unit.Set("k" + unit.Get())
		}
	})
	defer stop()
	for range 2 {
		n, u, _ := next()
		fmt.Printf("%d %s %q\n", n, u, unit.Get())
	}
	// Output:
	// 1 m ""
	// 1000 km ""
}
