package antsvars

import (
	"github.com/panjf2000/ants/v2"

	"github.com/gocontextvars/contextvars"
)

// Submit is ants.Submit, for the default pool, with the task in a copy of the caller's
// context. It returns the errors of ants.Submit, and panics if the task is nil, which would end a
// worker of ants.
func Submit(task func()) error { return submit("Submit", ants.Submit, task) }

// A Pool is an ants.Pool whose Submit carries the submitter's variables. The other methods
// are those of ants.Pool; what is submitted to the embedded Pool itself is not
// bound.
type Pool struct{ *ants.Pool }

// NewPool is ants.NewPool, but the goroutines that the pool starts for itself hold nothing of the
// caller's. It returns the errors of ants.NewPool.
func NewPool(size int, options ...ants.Option) (*Pool, error) {
	p, err := detached(func() (*ants.Pool, error) { return ants.NewPool(size, options...) })
	if err != nil {
		return nil, err
	}
	return &Pool{p}, nil
}

// Wrap returns a Pool that submits to p. Goroutines that p has already go on holding what they
// hold: those of the pool itself its maker's values, and its workers what they were started
// with. It panics if p is nil.
func Wrap(p *ants.Pool) *Pool {
	if p == nil {
		panic("antsvars: Wrap was given a nil *ants.Pool; make one with ants.NewPool, or use NewPool")
	}
	return &Pool{p}
}

// Submit has a worker call the task in a copy of the context that is current at this call. It
// returns the errors of ants.Pool.Submit, and panics if the task is nil, which would end a worker.
func (p *Pool) Submit(task func()) error { return submit("Pool.Submit", p.Pool.Submit, task) }

// Reboot is that of ants.Pool. What it starts holds nothing of the caller's.
func (p *Pool) Reboot() { contextvars.Detach(p.Pool.Reboot) }

// A MultiPool is an ants.MultiPool whose Submit carries the submitter's variables. The other
// methods are those of ants.MultiPool; what is submitted to the embedded MultiPool itself is
// not bound. MultiPool{p} is one for a p that exists, as [Wrap] for a Pool.
type MultiPool struct{ *ants.MultiPool }

// NewMultiPool is ants.NewMultiPool, but the goroutines that the pools start for themselves hold
// nothing of the caller's. It returns the errors of ants.NewMultiPool.
func NewMultiPool(
	size, sizePerPool int, strategy ants.LoadBalancingStrategy, options ...ants.Option,
) (*MultiPool, error) {
	p, err := detached(func() (*ants.MultiPool, error) {
		return ants.NewMultiPool(size, sizePerPool, strategy, options...)
	})
	if err != nil {
		return nil, err
	}
	return &MultiPool{p}, nil
}

// Submit is [Pool.Submit] with the errors of ants.MultiPool.Submit.
func (p *MultiPool) Submit(task func()) error {
	return submit("MultiPool.Submit", p.MultiPool.Submit, task)
}

// Reboot is that of ants.MultiPool. What it starts holds nothing of the caller's.
func (p *MultiPool) Reboot() { contextvars.Detach(p.MultiPool.Reboot) }

// submit binds the task first and submits it in an empty context then, so that a worker
// which is started for it holds nothing.
func submit(call string, to func(func()) error, task func()) (err error) {
	if task == nil {
		panic("antsvars: " + call + " was given a nil task")
	}
	bound := contextvars.Bind(task)
	contextvars.Detach(func() { err = to(bound) })
	return err
}

func detached[P any](open func() (P, error)) (p P, err error) {
	contextvars.Detach(func() { p, err = open() })
	return p, err
}
