package contextvars_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/gocontextvars/contextvars"
)

// What is a context variable? A package variable with a value of its own for each goroutine,
// which the goroutines that it starts inherit.
func ExampleContextVar() {
	requestID := contextvars.New[string]("request_id") // a package variable, in real code
	work := func() { fmt.Println("working on", requestID.Get()) }
	handle := func(id string) {
		defer requestID.Set(id).Restore()
		work()
		done := make(chan bool)
		go func() { // inherits
			work()
			done <- true
		}()
		<-done
	}
	handle("a")
	handle("b")
	fmt.Printf("left behind: %q\n", requestID.Get())
	// Output:
	// working on a
	// working on a
	// working on b
	// working on b
	// left behind: ""
}

// How is a variable made?
func ExampleNew() {
	user := contextvars.New[string]("user")
	_, ok := user.Lookup()
	fmt.Println(user.Name(), "has a value:", ok)
	// Output: user has a value: false
}

// How is a variable made that always has a value?
func ExampleNewDefault() {
	retries := contextvars.NewDefault("retries", 3)
	fmt.Println(retries.Get())
	retries.With(5, func() { fmt.Println(retries.Get()) })
	fmt.Println(retries.Get())
	// Output:
	// 3
	// 5
	// 3
}

// What is the name for? For people only: it need not be unique.
func ExampleContextVar_Name() {
	a, b := contextvars.New[int]("n"), contextvars.New[int]("n")
	defer a.Set(1).Restore()
	fmt.Println(a.Name(), a.Get())
	fmt.Println(b.Name(), b.Get())
	// Output:
	// n 1
	// n 0
}

// What does a variable print as?
func ExampleContextVar_String() {
	retries := contextvars.NewDefault("retries", 3)
	text, _, _ := strings.Cut(retries.String(), " at ") // its address follows
	fmt.Println(text)
	// Output: <ContextVar name="retries" default=3
}

// What does Get return where nothing was set? The default, or the zero value.
func ExampleContextVar_Get() {
	user, retries := contextvars.New[string]("user"), contextvars.NewDefault("retries", 3)
	fmt.Printf("%q %d\n", user.Get(), retries.Get())
	defer user.Set("ann").Restore()
	fmt.Printf("%q %d\n", user.Get(), retries.Get())
	// Output:
	// "" 3
	// "ann" 3
}

// How do I tell a zero value from no value?
func ExampleContextVar_Lookup() {
	limit := contextvars.New[int]("limit")
	fmt.Println(limit.Lookup())
	defer limit.Set(0).Restore()
	fmt.Println(limit.Lookup())
	// Output:
	// 0 false
	// 0 true
}

// What if each caller has a fallback of its own?
func ExampleContextVar_GetOr() {
	language := contextvars.New[string]("language")
	fmt.Println(language.GetOr("en"))
	defer language.Set("de").Restore()
	fmt.Println(language.GetOr("en"))
	// Output:
	// en
	// de
}

// What if the value has to be there?
func ExampleContextVar_MustGet() {
	tenant := contextvars.New[string]("tenant")
	serve := func() { fmt.Println("serving", tenant.MustGet()) }
	tenant.With("acme", serve)
	defer func() { fmt.Println("panics:", recover() != nil) }()
	serve()
	// Output:
	// serving acme
	// panics: true
}

// What does MustGet panic with?
func ExampleLookupError() {
	tenant := contextvars.New[string]("tenant")
	defer func() {
		var missing *contextvars.LookupError
		if err, ok := recover().(error); ok && errors.As(err, &missing) {
			fmt.Println("missing:", missing.Var.Name())
		}
	}()
	tenant.MustGet()
	// Output: missing: tenant
}

// What does the panic say?
func ExampleLookupError_Error() {
	tenant := contextvars.New[string]("tenant")
	err := &contextvars.LookupError{Var: tenant}
	fmt.Println(strings.Replace(err.Error(), tenant.String(), "<ContextVar ...>", 1))
	// Output: contextvars: <ContextVar ...> has no value here and no default; set it first, or read it with Lookup or GetOr
}

// How do I read a variable in a Context that I have, without entering it?
func ExampleContextVar_In() {
	visits := contextvars.New[int]("visits")
	session := contextvars.NewContext()
	session.Run(func() { visits.Set(5) })
	fmt.Println(visits.In(session))
	fmt.Println(visits.In(contextvars.CopyContext()))
	// Output:
	// 5 true
	// 0 false
}

// How do I set a variable for the rest of a function?
func ExampleContextVar_Set() {
	user := contextvars.New[string]("user")
	greet := func(name string) {
		defer user.Set(name).Restore()
		fmt.Println("hello,", user.Get())
	}
	greet("ann")
	fmt.Printf("afterwards: %q\n", user.Get())
	// Output:
	// hello, ann
	// afterwards: ""
}

// How do I take a value away for a while?
func ExampleContextVar_Unset() {
	user := contextvars.NewDefault("user", "nobody")
	defer user.Set("ann").Restore()
	func() {
		defer user.Unset().Restore()
		fmt.Println(user.Get())
	}()
	fmt.Println(user.Get())
	// Output:
	// nobody
	// ann
}

// How do I undo a Set, and know that it worked?
func ExampleContextVar_Reset() {
	user := contextvars.New[string]("user")
	token := user.Set("ann")
	fmt.Println(user.Reset(token), user.Get() == "")
	err := user.Reset(token)
	fmt.Println(errors.Is(err, contextvars.ErrTokenUsed))
	fmt.Println(err)
	// Output:
	// <nil> true
	// true
	// contextvars: token has already been used once: Reset of "user"; each Set gives a token for one Reset
}

// How do I set a variable for one call only?
func ExampleContextVar_With() {
	user := contextvars.New[string]("user")
	user.With("ann", func() { fmt.Printf("%q\n", user.Get()) })
	fmt.Printf("%q\n", user.Get())
	// Output:
	// "ann"
	// ""
}

// How do I handle variables of different types together?
func ExampleVariable() {
	user, retries := contextvars.New[string]("user"), contextvars.NewDefault("retries", 3)
	shown := []contextvars.Variable{user, retries}
	defer user.Set("ann").Restore()
	for _, v := range shown {
		value, _ := contextvars.LookupAny(v)
		fmt.Println(v.Name(), "=", value)
	}
	// Output:
	// user = ann
	// retries = 3
}

// How do I read a variable whose type I do not know?
func ExampleLookupAny() {
	var v contextvars.Variable = contextvars.New[int]("n")
	fmt.Println(contextvars.LookupAny(v))
	v.(*contextvars.ContextVar[int]).With(5, func() { fmt.Println(contextvars.LookupAny(v)) })
	// Output:
	// <nil> false
	// 5 true
}

// Do goroutines see each other's values? No, only those of their creator, as of the go
// statement.
func ExampleContextVar_goroutines() {
	n := contextvars.New[int]("n")
	defer n.Set(1).Restore()
	squares := make([]int, 3)
	var all sync.WaitGroup
	for i := range squares {
		all.Go(func() {
			n.Set(n.Get() + i)
			squares[i] = n.Get() * n.Get()
		})
	}
	all.Wait()
	fmt.Println(squares, n.Get())
	// Output: [1 4 9] 1
}
