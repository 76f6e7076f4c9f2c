// Package library is what other packages of the tests know of by facts.
package library

import (
	"github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/wire"
)

var (
	User = contextvars.New[string]("user")
	Tx   = contextvars.New[int]("tx", contextvars.Local())                        // want Tx:"local"
	Cost = contextvars.NewDefault("cost", 0, wire.Travels(wire.Back))             // want Cost:"back"
	Both = contextvars.New[int]("both", contextvars.Local(), contextvars.Label()) // want Both:"local"
)

func CurrentUser() string { return User.Get() } // want CurrentUser:"reads library.User"

func Greeting() string { return greet("hello") } // want Greeting:"reads library.User"

func greet(word string) string { return word + " " + CurrentUser() }

// SetUser returns the token, for the caller to restore.
func SetUser(name string) contextvars.Token[string] { return User.Set(name) }

func ForUser(name string) string { // reads nothing of its caller's
	defer User.Set(name).Restore()
	return CurrentUser()
}

type Service struct {
	secret *contextvars.ContextVar[string]
}

func (s *Service) Work() { User.Get() } // want Work:"reads library.User"

func Generic[T any](v *contextvars.ContextVar[T]) T { return v.Get() } // want Generic:"reads $"

// Make is a constructor of variables.
func Make[T any](name string) *contextvars.ContextVar[T] { // want Make:"makes a variable"
	return contextvars.New[T]("library." + name)
}

// Around calls f in its caller's context, but what it reads is unknown here.
func Around(f func()) { f() }
