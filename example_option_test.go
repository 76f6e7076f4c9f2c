package contextvars_test

import (
	"fmt"
	"runtime/pprof"
	"strings"

	"github.com/gocontextvars/contextvars"
)

// How do I choose how a variable behaves?
func ExampleOption() {
	options := []contextvars.Option{contextvars.Label()}
	tenant := contextvars.NewDefault("tenant", "nobody", options...)
	tenant.With("acme", func() { fmt.Println(tenant.Get()) })
	// Output: acme
}

// How do I keep a value from goroutines that are not to share it?
//
//contextvars:ignore local that it is not seen is what is shown
func ExampleLocal() {
	transaction := contextvars.New[string]("transaction", contextvars.Local())
	defer transaction.Set("tx 1").Restore()
	done := make(chan bool)
	go func() {
		_, ok := transaction.Lookup()
		fmt.Println("a new goroutine has it:", ok)
		done <- true
	}()
	<-done
	fmt.Println("here:", transaction.Get())
	// Output:
	// a new goroutine has it: false
	// here: tx 1
}

// How do I see in a profile whom a goroutine works for?
func ExampleLabel() {
	tenant := contextvars.New[string]("tenant", contextvars.Label())
	inProfile := func() bool {
		var text strings.Builder
		_ = pprof.Lookup("goroutine").WriteTo(&text, 1)
		return strings.Contains(text.String(), `"tenant":"acme"`)
	}
	tenant.With("acme", func() { fmt.Println(inProfile()) })
	fmt.Println(inProfile())
	// Output:
	// true
	// false
}
