package debugvars

import (
	"reflect"

	"github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/asyncio"
	"github.com/gocontextvars/contextvars/internal/declaration"
	"github.com/gocontextvars/contextvars/internal/valuetext"
)

// maxRefs is how many tasks are named that one task waits for, or that wait for it.
const maxRefs = 100

func (r *reader) taskOf(n *asyncio.CallGraph) *Task {
	t := &Task{
		TaskRef:   refOf(n),
		In:        n.In,
		Goroutine: n.Goroutine,
		Stack:     callsOf(n.Stack),
		Created:   callsOf(n.Created),
	}
	for _, v := range n.Variables {
		if shown, ok := r.variable(v); ok {
			t.Variables = append(t.Variables, shown)
		}
	}
	t.Awaits, t.AwaitsMore = refsOf(n.Awaits)
	t.AwaitedBy, t.AwaitedByMore = refsOf(n.AwaitedBy)
	return t
}

func refOf(n *asyncio.CallGraph) TaskRef {
	ref := TaskRef{ID: n.ID, State: n.State}
	if n.Name != "" {
		ref.Name, _ = valuetext.Of(n.Name, maxName)
	}
	return ref
}

func refsOf(nodes []*asyncio.CallGraph) (refs []TaskRef, more int) {
	shown := nodes[:min(len(nodes), maxRefs)]
	for _, n := range shown {
		refs = append(refs, refOf(n))
	}
	return refs, len(nodes) - len(shown)
}

func callsOf(frames []asyncio.Frame) (calls []Call) {
	for _, f := range frames {
		calls = append(calls, Call{f.Function, f.File, f.Line})
	}
	return calls
}

// variable describes a variable and its value in a task's context; false for one that nobody is to see.
func (r *reader) variable(v asyncio.VariableValue) (Variable, bool) {
	k := r.kindOf(declaration.KeyOf(v.Variable, "debugvars"))
	shown := Variable{Name: k.name, Type: k.typ, Redacted: k.redacted, Local: k.local}
	if k.redacted {
		shown.Value = contextvars.RedactedText
		return shown, !k.hidden
	}
	shown.Value, shown.Cut = valuetext.Of(v.Value, maxValue)
	if dynamic := reflect.TypeOf(v.Value); dynamic != nil {
		shown.Type, _ = valuetext.Of(dynamic.String(), maxName)
	}
	return shown, !k.hidden
}
