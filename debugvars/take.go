package debugvars

import "github.com/gocontextvars/contextvars/internal/census"

// Take looks at all goroutines of the process and returns what the query asks for. It fails only if the query is wrong,
// with an error that says how.
//
// It costs some 5 µs for each goroutine, for about a third of which the world is stopped, and more if stacks are deep; with more than 20,000
// goroutines, or 400,000 calls, 1 µs for each, and the world is hardly stopped. See the package documentation for what is not promised. It switches nothing
// on: where values were set is known only while a [Handler] with [Provenance] is there, and ended work only while somebody calls
// lifetime.Track, as each Handler does.
//
// What is in the Snapshot is shared among its parts: read it only.
func Take(q Query) (*Snapshot, error) {
	if err := q.check(); err != nil {
		return nil, err
	}
	return defaults().look().answer(q), nil
}

func (o options) look() *look {
	l := lookAt(census.Take(o.maxGoroutines), tasks())
	l.maxGoroutines = o.maxGoroutines
	return l
}
