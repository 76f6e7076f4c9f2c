package contextvars_test

import (
	"errors"
	"fmt"
	"strings"

	"github.com/gocontextvars/contextvars"
)

// What is a token? What takes one Set back.
func ExampleToken() {
	user := contextvars.New[string]("user")
	first := user.Set("ann")
	second := user.Set("bob")
	fmt.Println(second.Restore(), user.Get())
	fmt.Println(first.Restore(), user.Get() == "")
	// Output:
	// true ann
	// true true
}

// Which variable is a token of?
func ExampleToken_Var() {
	user := contextvars.New[string]("user")
	token := user.Set("ann")
	defer token.Restore()
	fmt.Println(token.Var().Name(), token.Var() == user)
	// Output: user true
}

// What was the value before?
func ExampleToken_OldValue() {
	limit := contextvars.New[int]("limit")
	first := limit.Set(1)
	defer first.Restore()
	second := limit.Set(2)
	defer second.Restore()
	fmt.Println(first.OldValue())
	fmt.Println(second.OldValue())
	// Output:
	// 0 false
	// 1 true
}

// Was the Set taken back?
func ExampleToken_Used() {
	user := contextvars.New[string]("user")
	token := user.Set("ann")
	fmt.Println(token.Used())
	token.Restore()
	fmt.Println(token.Used())
	// Output:
	// false
	// true
}

// What if a clean-up runs on another goroutine? Restore does nothing there.
func ExampleToken_Restore() {
	user := contextvars.New[string]("user")
	token := user.Set("ann")
	done := make(chan bool)
	go func() { done <- token.Restore() }()
	fmt.Println(<-done, user.Get())
	fmt.Println(token.Restore(), user.Get() == "")
	// Output:
	// false ann
	// true true
}

// What does a token print as?
func ExampleToken_String() {
	user := contextvars.New[string]("user")
	token := user.Set("ann")
	show := func() {
		text := strings.ReplaceAll(token.String(), user.String(), "<ContextVar ...>")
		text, _, _ = strings.Cut(text, " at ") // the address
		fmt.Println(text)
	}
	show()
	token.Restore()
	show()
	// Output:
	// <Token var=<ContextVar ...>
	// <Token used var=<ContextVar ...>
}

// What if a token is used twice?
func ExampleErrTokenUsed() {
	user := contextvars.New[string]("user")
	token := user.Set("ann")
	token.Restore()
	fmt.Println(errors.Is(user.Reset(token), contextvars.ErrTokenUsed))
	// Output: true
}

// What if a token of another variable is used?
func ExampleErrTokenVar() {
	user, tenant := contextvars.New[string]("user"), contextvars.New[string]("tenant")
	token := user.Set("ann")
	defer token.Restore()
	err := tenant.Reset(token)
	fmt.Println(errors.Is(err, contextvars.ErrTokenVar))
	fmt.Println(err)
	// Output:
	// true
	// contextvars: token was created by a different ContextVar: Reset of "tenant"; reset the variable that the token's Var returns
}

// What if a token is used in another goroutine or Context? It stays good for its own.
func ExampleErrTokenContext() {
	user := contextvars.New[string]("user")
	token := user.Set("ann")
	contextvars.CopyContext().Run(func() {
		fmt.Println(errors.Is(user.Reset(token), contextvars.ErrTokenContext))
	})
	fmt.Println(user.Reset(token))
	// Output:
	// true
	// <nil>
}
