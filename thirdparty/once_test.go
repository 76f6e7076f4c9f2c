package thirdparty_test

import (
	"sync"
	"testing"

	"golang.org/x/sync/singleflight"

	cv "github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/internal/matrix"
)

// Work that is done once for many callers can see one context only. The help is to
// let it see that of none.

// flights has two callers share a call of work, and returns what each gets.
var flights = map[string]func(work func() string) (first, second string){
	"singleflight.Group.Do": func(work func() string) (string, string) {
		var g singleflight.Group
		begun, joined, result := make(chan bool), make(chan bool), make(chan any)
		user.With("the first caller's", func() {
			go func() {
				v, _, _ := g.Do("key", func() (any, error) {
					close(begun)
					<-joined
					return work(), nil
				})
				result <- v
			}()
		})
		<-begun
		second := join(&g, work)
		close(joined)
		return (<-result).(string), (<-second).Val.(string)
	},
	"singleflight.Group.DoChan": func(work func() string) (string, string) {
		var g singleflight.Group
		joined := make(chan bool)
		var first <-chan singleflight.Result
		user.With("the first caller's", func() {
			first = g.DoChan("key", func() (any, error) { <-joined; return work(), nil })
		})
		second := join(&g, work)
		close(joined)
		return (<-first).Val.(string), (<-second).Val.(string)
	},
	"sync.Once": func(work func() string) (string, string) {
		var (
			once   sync.Once
			result string
			get    = func() string { once.Do(func() { result = work() }); return result }
		)
		defer user.Set("the first caller's").Restore()
		first := get()
		user.Set("the second caller's")
		return first, get()
	},
}

// join is the second caller, who has joined when it returns.
func join(g *singleflight.Group, work func() string) (result <-chan singleflight.Result) {
	defer user.Set("the second caller's").Restore()
	return g.DoChan("key", func() (any, error) { return work(), nil })
}

func TestFlightsWithoutHelp(t *testing.T) {
	for name, fly := range flights {
		t.Run(name, func(t *testing.T) {
			first, second := fly(user.Get)
			want(t, "the first caller's result was made with", first, "the first caller's")
			want(t, "the second caller's result was made with", second, "the first caller's")
		})
	}
}

func TestFlightsWithDetach(t *testing.T) {
	for name, fly := range flights {
		t.Run(name, func(t *testing.T) {
			first, second := fly(func() (saw string) {
				cv.Detach(func() { saw = user.Get(); user.Set("leftover") })
				return saw
			})
			want(t, "the first caller's result was made with", first, "")
			want(t, "the second caller's result was made with", second, "")
		})
	}
}

func onceRows() (rows []matrix.Row) {
	second := func(name string, work func() string) string {
		_, saw := flights[name](work)
		return saw
	}
	for _, f := range []struct{ name, module string }{
		{"singleflight.Group.Do", "golang.org/x/sync"},
		{"singleflight.Group.DoChan", "golang.org/x/sync"},
		{"sync.Once", std},
	} {
		rows = append(rows, matrix.Row{
			Where: "`" + f.name + "`, the result that the second caller gets", Module: f.module, Help: "`Detach` in the work",
			Without: second(f.name, sees),
			With: second(f.name, func() (saw string) {
				cv.Detach(func() { saw = sees() })
				return saw
			}),
		})
	}
	return rows
}
