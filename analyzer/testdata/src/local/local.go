package local

import (
	"time"

	"github.com/gocontextvars/contextvars"
	"github.com/panjf2000/ants/v2"
	"golang.org/x/sync/errgroup"
	"library"
)

var (
	tx   = contextvars.New[int]("tx", contextvars.Local())
	user = contextvars.New[string]("user")
)

func bad(p *ants.Pool) {
	defer tx.Set(1).Restore()
	go func() {
		use(tx.Get())             // want `tx has the option Local: what is set outside is not seen in another goroutine; read it before, and pass the value`
		func() { tx.MustGet() }() // want `another goroutine`
		tx.Lookup()               // want `another goroutine`
		tx.GetOr(2)               // want `another goroutine`
		library.Tx.Get()          // want `Tx has the option Local`
	}()
	contextvars.Bind(func() { tx.Get() })         // want `the function of contextvars.Bind`
	contextvars.Go(func() { tx.Get() })           // want `the function of contextvars.Go`
	contextvars.AfterFunc(1, func() { tx.Get() }) // want `the function of contextvars.AfterFunc`
	time.AfterFunc(1, func() { tx.Get() })        // want `the function of time.AfterFunc`
	p.Submit(func() { tx.Get() })                 // want `the job of a pool`
	var g errgroup.Group
	g.Go(func() error { tx.Get(); return nil }) // want `the function of errgroup.Go`
	own := contextvars.New[int]("own", contextvars.Local())
	own.With(1, func() {
		go func() { own.Lookup() }() // want `own has the option Local`
	})
}

func notSetHere() {
	go func() {
		tx.Get()    // want `another goroutine`
		tx.Lookup() // may be missing, and nobody said otherwise
		tx.GetOr(2)
	}()
}

// From here on everything is as it should be.

func good() {
	defer tx.Set(1).Restore()
	defer user.Set("x").Restore()
	tx.Get()
	func() { tx.Get() }()
	user.With("y", func() { tx.Get() })
	contextvars.Lend(func() { tx.Get() })
	go func() {
		user.Get()
		defer tx.Set(2).Restore()
		tx.Get()
	}()
	value := tx.Get()
	go func() { use(value) }()
	c := contextvars.NewContext()
	c.Run(func() { tx.Get() })
	_ = func() { tx.Get() }
}

func use(int) {}
