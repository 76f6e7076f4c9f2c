package once

import (
	"sync"

	"github.com/gocontextvars/contextvars"
	"golang.org/x/sync/singleflight"
	"library"
)

var (
	user   = contextvars.New[string]("user")
	tenant = contextvars.New[string]("tenant")
	first  sync.Once
	group  singleflight.Group
	wg     sync.WaitGroup
)

func once() {
	first.Do(func() { user.Get() })                                                           // want `this is called for the first caller alone, and reads user, which others may have otherwise; pass what it needs, or use syncvars.Once$`
	first.Do(func() { library.Greeting() })                                                   // want `reads User`
	sync.OnceFunc(work)                                                                       // want `syncvars.OnceFunc`
	sync.OnceValue(func() string { return user.Get() })                                       // want `syncvars.OnceValue`
	sync.OnceValue[string](user.Get)                                                          // want `reads user`
	sync.OnceValues(func() (string, error) { return user.Get(), nil })                        // want `syncvars.OnceValues`
	group.Do("key", func() (any, error) { return user.Get(), nil })                           // want `reads user, which others may have otherwise; pass what it needs, or use syncvars.Group`
	group.DoChan(tenant.Get(), func() (any, error) { return user.Get() + tenant.Get(), nil }) // want `reads user,`
}

func work() { user.Get() }

// From here on everything is as it should be.

func good(f func()) {
	first.Do(func() {})
	first.Do(f)
	sync.OnceFunc(f)
	group.Do(user.Get(), func() (any, error) { return user.Get(), nil })
	key := "user/" + user.Get()
	group.Do(key, func() (any, error) { return user.Get(), nil })
	group.Do("/"+library.CurrentUser(), func() (any, error) { return library.Greeting(), nil })
	first.Do(func() {
		defer user.Set("the loader").Restore()
		work()
	})
	first.Do(func() { register(func() { work() }) })
}

var handlers []func()

func register(f func()) { handlers = append(handlers, f) }
