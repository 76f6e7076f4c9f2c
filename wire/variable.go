package wire

import (
	"fmt"
	"maps"
	"sync"
	"sync/atomic"

	"github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/internal/declaration"
)

// variable is one that travels.
type variable struct {
	policy
	declaration.Variable
	number int // variables are written in the order in which they were made
}

// public returns the variable as users know it.
func (v *variable) public() contextvars.Variable { return v.Var.(contextvars.Variable) }

// registry has all variables that travel. It does not change: each new variable makes a
// new one, since they are looked up for each entry of each request.
type registry struct {
	byName map[string]*variable // by their keys on the wire
	back   bool                 // some have Back
}

var (
	known       = emptyRegistry()
	registering sync.Mutex
)

func emptyRegistry() *atomic.Pointer[registry] {
	p := new(atomic.Pointer[registry])
	p.Store(new(registry))
	return p
}

func register(p policy, d declaration.Variable) {
	registering.Lock()
	defer registering.Unlock()
	old := known.Load()
	if other, ok := old.byName[p.name]; ok {
		panic(fmt.Sprintf("wire: two variables travel as %q, the new one and %v; give one of them another key with wire.As", p.name, other.Var))
	}
	v := &variable{policy: p, Variable: d, number: len(old.byName)}
	d.Key.Wire = v
	r := &registry{
		byName: map[string]*variable{p.name: v},
		back:   old.back || p.reach&Back != 0,
	}
	maps.Copy(r.byName, old.byName)
	known.Store(r)
}

// named returns the variable that travels under a name; nil if there is none.
func named(name string) *variable { return known.Load().byName[name] }
