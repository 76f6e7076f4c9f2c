package debugvars

import (
	"cmp"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"time"

	"github.com/gocontextvars/contextvars/internal/callbacks"
	"github.com/gocontextvars/contextvars/internal/census"
	"github.com/gocontextvars/contextvars/internal/held"
)

// maxValues is how many different texts of a variable are counted.
const maxValues = 10_000

// A look is all goroutines as of one moment, as texts: it keeps no value alive. It does not change any more, so
// that several queries can be answered from it at the same time.
type look struct {
	time          time.Time
	took, stopped time.Duration
	total         int
	summarised    bool
	maxGoroutines int // for it not to be summarised
	notes         []string

	members   []*member // in the order of the census
	holding   int
	variables []VariableInfo
	// remainders is the ended work that is still held.
	remainders []remainder
	unsettled  int  // functions of ended work that may be in none of the remainders
	untracked  bool // nobody tracks work
	// loops asks the event loops, once.
	loops func() []*Loop
}

// A member is a goroutine of a look; seen is nil for one that sees no variables.
type member struct {
	*Goroutine
	seen *seen
}

// lookAt makes a look of a census. Tasks are those of event loops, by the number of the goroutine that they
// run on.
func lookAt(c *census.Census, tasks map[uint64]TaskRef) *look {
	l := &look{time: c.Time, took: c.Took, stopped: c.Stopped, total: c.Total, summarised: !c.Dumped}
	l.loops = sync.OnceValue(loops)
	r, p, w := newReader(), newPlaces(), make(works)
	l.untracked = !callbacks.Tracking()
	holdings, unsettled := held.In(c) // before anything is said of a work, which may end meanwhile
	l.unsettled = unsettled
	members := make(map[*census.Goroutine]*member)
	for _, g := range c.Goroutines {
		h, life := r.read(g.Content, g.Own), g.Content.Life()
		if h == nil && life == nil && !c.Dumped {
			continue // there would be nothing to say of it
		}
		m := &member{Goroutine: p.goroutine(g), seen: h}
		if h != nil {
			h.goroutines++
			l.holding++
			m.Variables = h.variables
			m.Inherited, m.InheritedFrom = g.Inherited, g.InheritedFrom
		}
		if t, ok := tasks[g.ID]; ok && g.ID != 0 {
			m.Task = &t
		}
		m.Work = w.of(life)
		l.members = append(l.members, m)
		members[g] = m
	}
	for _, h := range holdings {
		l.remainders = append(l.remainders, w.remainder(h, members))
	}
	l.variables = r.infos()
	if c.OwnOnly {
		l.notes = append(l.notes, "This release of Go does not show what goroutines have inherited: only those that have set a variable are here.")
	}
	return l
}

// infos counts what was read.
func (r *reader) infos() []VariableInfo {
	counts := make(map[*kind]*VariableInfo)
	values := make(map[*kind]map[string]bool)
	for _, h := range r.all {
		for i, k := range h.kinds {
			if counts[k] == nil {
				counts[k] = &VariableInfo{Name: k.name, Type: k.typ, Redacted: k.redacted, Local: k.local}
				values[k] = make(map[string]bool)
			}
			counts[k].Goroutines += h.goroutines
			if len(values[k]) < maxValues {
				values[k][h.variables[i].Value] = true
			}
		}
	}
	infos := []VariableInfo{} // in JSON a list, also if it is empty
	for k, info := range counts {
		info.Values = len(values[k])
		infos = append(infos, *info)
	}
	slices.SortFunc(infos, func(a, b VariableInfo) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Type, b.Type), cmp.Compare(b.Goroutines, a.Goroutines))
	})
	return infos
}

// program returns the name that the process was started with; a program in another language that has this one for a library may
// not tell.
func program() string {
	if len(os.Args) == 0 {
		return "unknown"
	}
	return filepath.Base(os.Args[0])
}

// snapshot returns an empty answer, with what is the same for all queries.
func (l *look) snapshot(view string) *Snapshot {
	return &Snapshot{
		Time:       l.time,
		Program:    program(),
		PID:        os.Getpid(),
		Go:         runtime.Version(),
		View:       cmp.Or(view, ViewGoroutines),
		Took:       l.took,
		Stopped:    l.stopped,
		Total:      l.total,
		Holding:    l.holding,
		Summarised: l.summarised,
		Variables:  l.variables,
		Notes:      slices.Clone(l.notes),
	}
}
