package contextvars_test

import (
	"errors"
	"fmt"
	"strings"

	"github.com/gocontextvars/contextvars"
)

// What is a Context? Values of variables that outlive the goroutine that set them, for
// example those of a session that is served by one goroutine after the other.
func ExampleContext() {
	visits := contextvars.New[int]("visits")
	session := contextvars.NewContext()
	for range 3 {
		done := make(chan bool)
		go func() {
			session.Run(func() { visits.Set(visits.Get() + 1) })
			done <- true
		}()
		<-done
	}
	fmt.Println(visits.In(session))
	fmt.Println(visits.Get())
	// Output:
	// 3 true
	// 0
}

// How do I start from nothing?
func ExampleNewContext() {
	user := contextvars.New[string]("user")
	defer user.Set("ann").Restore()
	contextvars.NewContext().Run(func() { fmt.Printf("%q\n", user.Get()) })
	// Output: ""
}

// How do I keep what is set now for later?
func ExampleCopyContext() {
	user := contextvars.New[string]("user")
	var c *contextvars.Context
	user.With("ann", func() { c = contextvars.CopyContext() })
	fmt.Printf("%q\n", user.Get())
	c.Run(func() { fmt.Printf("%q\n", user.Get()) })
	// Output:
	// ""
	// "ann"
}

// How do I run in a Context that may be in use?
func ExampleContext_Copy() {
	user := contextvars.New[string]("user")
	c := contextvars.NewContext()
	c.Run(func() {
		user.Set("ann")
		c.Copy().Run(func() { user.Set("bob") })
		fmt.Println(user.Get())
	})
	// Output: ann
}

// Where do the values go that are set in Run?
func ExampleContext_Run() {
	user := contextvars.New[string]("user")
	c := contextvars.NewContext()
	c.Run(func() { user.Set("ann") })
	fmt.Printf("outside: %q\n", user.Get())
	c.Run(func() { fmt.Printf("in the next Run: %q\n", user.Get()) })
	// Output:
	// outside: ""
	// in the next Run: "ann"
}

// How do I get results out of a Run?
func ExampleCall() {
	user := contextvars.New[string]("user")
	c := contextvars.NewContext()
	c.Run(func() { user.Set("ann") })
	greeting, err := contextvars.Call(c, func() (string, error) {
		return "hello, " + user.Get(), nil
	})
	fmt.Println(greeting, err)
	// Output: hello, ann <nil>
}

// What if a Context is entered twice?
func ExampleReentryError() {
	c := contextvars.NewContext()
	defer func() {
		var entered *contextvars.ReentryError
		if err, ok := recover().(error); ok && errors.As(err, &entered) {
			fmt.Println("entered already:", entered.Context == c)
		}
	}()
	c.Run(func() { c.Run(func() { fmt.Println("never") }) })
	// Output: entered already: true
}

// What does the panic say?
func ExampleReentryError_Error() {
	c := contextvars.NewContext()
	err := &contextvars.ReentryError{Context: c}
	fmt.Println(strings.Replace(err.Error(), c.String(), "<Context ...>", 1))
	// Output: contextvars: cannot enter <Context ...>: it is already entered; run in a Copy of it
}

// How many variables are set?
func ExampleContext_Len() {
	user, retries := contextvars.New[string]("user"), contextvars.NewDefault("retries", 3)
	c := contextvars.NewContext()
	c.Run(func() { user.Set("ann") })
	fmt.Println(c.Len(), retries.Get()) // a default does not count
	// Output: 1 3
}

// Is a variable set?
func ExampleContext_Contains() {
	user, tenant := contextvars.New[string]("user"), contextvars.New[string]("tenant")
	c := contextvars.NewContext()
	c.Run(func() { user.Set("") })
	fmt.Println(c.Contains(user), c.Contains(tenant))
	// Output: true false
}

// What does a Context hold for a variable whose type I do not know?
func ExampleContext_Value() {
	user, tenant := contextvars.New[string]("user"), contextvars.New[string]("tenant")
	c := contextvars.NewContext()
	c.Run(func() { user.Set("ann") })
	fmt.Println(c.Value(user))
	fmt.Println(c.Value(tenant))
	// Output:
	// ann true
	// <nil> false
}

// What does a Context hold?
func ExampleContext_All() {
	user, limit := contextvars.New[string]("user"), contextvars.New[int]("limit")
	c := contextvars.NewContext()
	c.Run(func() { user.Set("ann"); limit.Set(5) })
	for v, value := range c.All() {
		fmt.Println(v.Name(), "=", value)
	}
	// Unordered output:
	// user = ann
	// limit = 5
}

// Do two contexts hold the same?
func ExampleContext_Equal() {
	user, tags := contextvars.New[string]("user"), contextvars.New[[]string]("tags")
	c, d := contextvars.NewContext(), contextvars.NewContext()
	c.Run(func() { user.Set("ann") })
	d.Run(func() { user.Set("ann") })
	fmt.Println(c.Equal(d))
	c.Run(func() { tags.Set([]string{"a"}) }) // a slice is equal only to itself
	d.Run(func() { tags.Set([]string{"a"}) })
	fmt.Println(c.Equal(d), c.Equal(c.Copy()))
	// Output:
	// true
	// false true
}

// What does a Context print as? Its values may be secret and are not shown.
func ExampleContext_String() {
	password := contextvars.New[string]("password")
	c := contextvars.NewContext()
	c.Run(func() { password.Set("secret") })
	text, _, _ := strings.Cut(c.String(), " at ") // its address follows
	fmt.Println(text)
	// Output: <Context of 1 variables
}

// How do changes come back from a goroutine?
func ExampleAdopt() {
	user, tenant := contextvars.New[string]("user"), contextvars.New[string]("tenant")
	user.With("ann", func() {
		tenant.With("acme", func() {
			before := contextvars.CopyContext()
			after := make(chan *contextvars.Context)
			go func() {
				tenant.Set("globex")
				after <- contextvars.CopyContext()
			}()
			contextvars.Adopt(<-after, before)
			fmt.Println(user.Get(), tenant.Get())
		})
	})
	// Output: ann globex
}
