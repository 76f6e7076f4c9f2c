package contextvars_test

import (
	"context"
	"fmt"
	"runtime/pprof"

	"github.com/gocontextvars/contextvars"
)

// How does a Context travel with a context.Context?
func ExampleWithContext() {
	user := contextvars.New[string]("user")
	var ctx context.Context
	user.With("ann", func() {
		ctx = contextvars.WithContext(context.Background(), contextvars.CopyContext())
	})
	if c, ok := contextvars.FromContext(ctx); ok {
		c.Run(func() { fmt.Println(user.Get()) })
	}
	// Output: ann
}

// How do goroutines that are started inside pprof.Do inherit?
func ExampleWithContext_pprof() {
	user := contextvars.New[string]("user")
	defer user.Set("ann").Restore()
	ctx := contextvars.WithContext(context.Background(), contextvars.CopyContext())
	pprof.Do(ctx, pprof.Labels("step", "one"), func(context.Context) {
		done := make(chan bool)
		go func() {
			fmt.Println(user.Get())
			done <- true
		}()
		<-done
	})
	// Output: ann
}

// Does a ctx carry a Context?
func ExampleFromContext() {
	c := contextvars.NewContext()
	got, ok := contextvars.FromContext(contextvars.WithContext(context.Background(), c))
	fmt.Println(got == c, ok)
	got, ok = contextvars.FromContext(context.Background())
	fmt.Println(got == nil, ok)
	// Output:
	// true true
	// true false
}
