package realdb

import (
	"database/sql"
	"runtime"
	"testing"
	"time"
	"weak"

	"github.com/gocontextvars/contextvars"
)

// thing is large enough not to share an allocation with anything.
type thing struct{ _ [128]*int }

var held = contextvars.New[*thing]("held")

// with calls f where held is set to a thing that nobody else holds.
//
//go:noinline
func with(f func()) weak.Pointer[thing] {
	p := new(thing)
	w := weak.Make(p)
	defer held.Set(p).Restore()
	f()
	return w
}

func isFree(w weak.Pointer[thing]) bool {
	for range 200 {
		runtime.GC()
		if w.Value() == nil {
			return true
		}
		time.Sleep(time.Millisecond) // finalizers and the sweep run in between
	}
	return false
}

// Nothing that the driver and package database/sql keep holds what the first user had.
func TestConnectionsHoldNothing(t *testing.T) {
	each(t, func(t *testing.T, db *sql.DB) {
		db.SetMaxIdleConns(0) // closes the connections that there are
		db.SetMaxIdleConns(2)
		db.SetConnMaxLifetime(time.Hour)
		w := with(func() {
			within(db, func() {
				insert(t, db, "a")
				within(db, func() { insert(t, db, "b") })
			})
			insert(t, db, "c")
		})
		want(t, "connections", db.Stats().OpenConnections, 1)
		want(t, "the first user's value is free", isFree(w), true)
	})
}
