package token

import (
	"fmt"
	"iter"
	"sync"
	"time"

	"github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/lifetime"
	"golang.org/x/sync/errgroup"
	"library"
)

var user = contextvars.New[string]("user")

func Dropped(name string) {
	user.Set(name) // want `what user.Set sets stays behind on this goroutine when the function ends; write defer user.Set\(…\).Restore\(\)`
	work()
}

func InABranch(name string) {
	if name != "" {
		user.Set(name) // want `stays behind on this goroutine`
	}
	switch name {
	case "a":
		user.Set(name) // want `stays behind on this goroutine`
	}
	work()
}

func InALoop(names []string) {
	for _, name := range names {
		user.Set(name) // want `stays behind on this goroutine`
		work()
	}
}

func Setter(name string) {
	user.Set(name) // want `what user.Set sets stays behind on the caller's goroutine: return the token, so that the caller can restore it`
}

func Blank(name string) {
	_ = user.Set(name) // want `stays behind on this goroutine`
	work()
}

func AtOnce(name string) {
	user.Set(name).Restore() // want `user.Set is taken back at once; write defer user.Set\(…\).Restore\(\)`
	work()
}

func WithoutRestore(name string) {
	defer user.Set(name) // want `user.Set is called when the function ends, and nothing takes it back`
	work()
}

func InAGoroutineByItself(name string) {
	go user.Set(name)           // want `user.Set is called in a goroutine that ends with it, and changes nothing here`
	go user.Set(name).Restore() // want `what user.Set sets cannot be taken back in another goroutine`
}

func OnlyLookedAt(name string) string {
	token := user.Set(name) // want `stays behind on this goroutine`
	old, _ := token.OldValue()
	return old
}

func OnlyOldValue(name string) {
	fmt.Println(user.Set(name).OldValue()) // want `stays behind on this goroutine`
	work()
}

func OfAnother() {
	library.SetUser("bob") // want `what library.SetUser sets stays behind on this goroutine`
	library.User.Set("x")  // want `what library.User.Set sets stays behind on this goroutine`
	work()
}

type embedding struct {
	*contextvars.ContextVar[int]
	other *contextvars.ContextVar[string]
}

func (e embedding) Embedded() {
	e.Set(1)         // want `what e.Set sets stays behind`
	e.other.Set("x") // want `what e.other.Set sets stays behind`
	work()
}

func Generic[T any](v *contextvars.ContextVar[T], value T) {
	v.Set(value) // want `what v.Set sets stays behind`
	work()
}

type alias = contextvars.ContextVar[string]

func Alias(v *alias) {
	v.Set("x") // want `what v.Set sets stays behind`
	work()
}

func Expression() {
	(*contextvars.ContextVar[string]).Set(user, "x") // want `stays behind`
	work()
}

func callback(register func(func(string))) {
	register(func(name string) {
		user.Set(name) // want `stays behind`
		work()
	})
}

func OneByOne(each iter.Seq[string]) {
	each(func(name string) bool {
		user.Set(name) // want `stays behind`
		return true
	})
}

// From here on everything is as it should be.

func Idiom(name string) {
	defer user.Set(name).Restore()
	work()
}

func Kept(name string) contextvars.Token[string] { return user.Set(name) }

func KeptInAVariable(name string) {
	token := user.Set(name)
	defer token.Restore()
	work()
}

func GivenBack(name string) error {
	token := user.Set(name)
	work()
	return user.Reset(token)
}

func HandedOn(name string) {
	token := user.Set(name)
	defer restore(token)
	work()
}

func restore(token contextvars.Token[string]) { token.Restore() }

func MethodValue(name string) (undo func() bool) { return user.Set(name).Restore }

func Asked(name string) bool { return user.Set(name).Restore() }

type session struct{ token contextvars.Token[string] }

func (s *session) InAField(name string) { s.token = user.Set(name) }

func TakenAway() {
	user.Unset()
	defer user.Unset()
	work()
}

func Reply() {
	library.Cost.Set(3)
	work()
}

func InOwnContext(name string) {
	contextvars.NewContext().Run(func() { user.Set(name); work() })
	lifetime.Run(contextvars.NewContext(), "job", func() { user.Set(name); work() })
	contextvars.Detach(func() { user.Set(name); work() })
	f := contextvars.Bind(func() { user.Set(name); work() })
	f()
}

func InOwnGoroutine(name string) error {
	go func() {
		user.Set(name)
		func() { user.Set(name) }()
		defer func() { user.Set(name) }()
		one.Do(func() { user.Set(name) })
		work()
	}()
	go worker(name)
	var wg sync.WaitGroup
	wg.Go(func() { user.Set(name); work() })
	start(func() { user.Set(name); work() })
	time.AfterFunc(time.Second, func() { user.Set(name); work() })
	run := func() { user.Set(name); work() }
	go run()
	var g errgroup.Group
	g.Go(func() error { user.Set(name); return nil })
	return g.Wait()
}

var one sync.Once

// worker is started by go alone.
func worker(name string) {
	user.Set(name)
	step(name)
}

// step is called by worker alone.
func step(name string) {
	user.Set(name)
	work()
}

func start(f func()) { go f() }

func OnTheSpot(name string) {
	func() {
		user.Set(name) // want `stays behind`
		work()
	}()
	user.With(name, func() {
		library.User.Set(name) // want `stays behind`
		work()
	})
}

func init() {
	user.Set("nobody")
	Retry(func() { user.Set("nobody") })
}

// Retry calls f on its caller's goroutine.
func Retry(f func()) {
	for range 3 {
		f()
	}
}

var _ = user.Set("nobody")

func work() {}
