package variable

import (
	"sync"

	"github.com/gocontextvars/contextvars"
	"library"
)

var (
	user    = contextvars.New[string]("user")
	made    = prefixed("made")
	other   = library.Make[int]("other")
	all     = []*contextvars.ContextVar[int]{contextvars.New[int]("a"), library.Make[int]("b")}
	several = func() (vs []*contextvars.ContextVar[int]) {
		for range 3 {
			vs = append(vs, contextvars.New[int]("x"))
		}
		return vs
	}()
	lazy  = sync.OnceValue(func() *contextvars.ContextVar[int] { return contextvars.New[int]("x") })
	table = fill()
)

// prefixed is a constructor, and asked about where it is called.
func prefixed(name string) *contextvars.ContextVar[string] {
	return contextvars.New[string]("variable." + name)
}

// fill is called by the table alone.
func fill() map[string]contextvars.Variable {
	return map[string]contextvars.Variable{"x": contextvars.New[int]("x")}
}

func Handle() {
	v := contextvars.New[string]("v") // want `contextvars.New makes another variable at each call, which lives on wherever it was set; make it a package variable`
	defer v.Set("x").Restore()
	contextvars.NewDefault("d", 1) // want `contextvars.NewDefault makes another variable`
	library.Make[int]("m")         // want `library.Make makes another variable`
	prefixed("p")                  // want `prefixed makes another variable`
	func() {
		contextvars.New[int]("n") // want `contextvars.New makes another`
	}()
}

type service struct {
	user *contextvars.ContextVar[string]
}

func NewService() *service {
	return &service{contextvars.New[string]("user")} // want `makes another variable`
}

func init() {
	user = contextvars.New[string]("user")
	setUp()
}

// setUp is called by init alone.
func setUp() { other = contextvars.New[int]("other") }

// helper is called by Handle's like.
func helper() { contextvars.New[int]("x") } // want `makes another variable`

func Other() { helper() }
