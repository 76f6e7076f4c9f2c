package analyzer

import (
	"go/ast"
	"go/types"
	"maps"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/tools/go/ast/edge"
	"golang.org/x/tools/go/ast/inspector"
)

// A readsFact says of a function which variables a call of it reads, itself or in what it
// calls.
type readsFact struct{ Vars []string }

func (*readsFact) AFact()           {}
func (f *readsFact) String() string { return "reads " + strings.Join(f.Vars, " ") }

// A readSet holds the keys of variables: see key.
type readSet map[string]bool

// enough is how many variables a set names; what a function reads beyond them is of no
// interest to a message.
const enough = 16

func setOf(keys []string) readSet {
	s := make(readSet, len(keys))
	for _, k := range keys {
		s[k] = true
	}
	return s
}

func (s readSet) sorted() []string { return slices.Sorted(maps.Keys(s)) }

// String names the variables for a message.
func (s readSet) String() string {
	var shown []string
	for _, k := range s.sorted() {
		if k == "" {
			k = "a variable"
		}
		if i := strings.LastIndexAny(k, "#"+inFunction); i >= 0 {
			k = k[:i]
		}
		k = k[strings.LastIndexAny(k, "./")+1:]
		if !slices.Contains(shown, k) {
			shown = append(shown, k)
		}
	}
	if len(shown) > 3 {
		shown = append(shown[:2], strconv.Itoa(len(shown)-2)+" others")
	}
	if len(shown) > 1 {
		last := len(shown) - 1
		return strings.Join(shown[:last], ", ") + " and " + shown[last]
	}
	return strings.Join(shown, "")
}

// key names the variable that x denotes, in such a way that it is the same in each
// package; "" if nobody can say which it is.
func (u *unit) key(x ast.Expr) string {
	v, ok := u.object(x).(*types.Var)
	if !ok {
		return ""
	}
	key := pathOf(v.Pkg()) + "." + v.Name()
	switch {
	case v.IsField():
		key += "#" + strconv.Itoa(int(v.Pos()))
	case v.Pkg() != nil && v.Parent() != v.Pkg().Scope():
		key += inFunction + strconv.Itoa(int(v.Pos()))
	}
	return key
}

// inFunction marks the keys of variables that one function alone has a name for.
const inFunction = "@"

// outside returns the set as others than that function see it.
func (s readSet) outside() readSet {
	for key := range s {
		if strings.Contains(key, inFunction) {
			delete(s, key)
			s[""] = true
		}
	}
	return s
}

// A step is something that a function does, in the order of the text.
type step struct {
	reads  string // the key of a variable
	sets   string
	calls  *types.Func
	is     stepKind
	hidden []string // variables that are set for this step alone
}

type stepKind int

const (
	reading stepKind = iota
	setting
	calling
)

// findReads fills u.reads for the functions of this package.
func (u *unit) findReads() {
	steps := make(map[*types.Func][]step)
	for fn, c := range u.decls {
		if list := u.steps(c); len(list) > 0 {
			steps[fn] = list
		}
	}
	for changed := true; changed; {
		changed = false
		for fn, list := range steps {
			if set := u.sum(list).outside(); len(set) > len(u.reads[fn]) {
				u.reads[fn], changed = set, true
			}
		}
	}
}

// readsIn returns what a call of the function at c reads that was not set there.
func (u *unit) readsIn(c inspector.Cursor) readSet { return u.sum(u.steps(c)) }

func (u *unit) sum(steps []step) readSet {
	found, set := make(readSet), make(map[string]bool)
	add := func(key string, s step) {
		if key == "" || !set[key] && !slices.Contains(s.hidden, key) {
			if len(found) < enough {
				found[key] = true
			}
		}
	}
	for _, s := range steps {
		switch s.is {
		case reading:
			add(s.reads, s)
		case setting:
			set[s.sets] = true
		case calling:
			for key := range u.reads[s.calls] {
				add(key, s)
			}
		}
	}
	return found
}

// steps returns what the function at c, or any expression, does with variables.
func (u *unit) steps(c inspector.Cursor) []step {
	var list []step
	c.Inspect([]ast.Node{(*ast.FuncLit)(nil), (*ast.CallExpr)(nil)}, func(at inspector.Cursor) bool {
		switch n := at.Node().(type) {
		case *ast.FuncLit:
			return at == c || u.executed(at)
		case *ast.CallExpr:
			for _, s := range u.stepsOf(n) {
				s.hidden = append(s.hidden, u.hidden(at, c)...)
				list = append(list, s)
			}
		}
		return true
	})
	return list
}

func (u *unit) stepsOf(call *ast.CallExpr) []step {
	fn := u.callee(call)
	if fn == nil {
		return nil
	}
	switch u.variableMethod(fn) {
	case "Get", "Lookup", "GetOr", "MustGet":
		return []step{{is: reading, reads: u.subject(call)}}
	case "Set", "Unset":
		return []step{{is: setting, sets: u.subject(call)}}
	}
	if u.funcName(fn) == home+".LookupAny" && len(call.Args) == 1 {
		return []step{{is: reading, reads: u.key(call.Args[0])}}
	}
	var list []step
	if _, here := u.decls[fn]; here || len(u.reads[fn]) > 0 {
		list = append(list, step{is: calling, calls: fn})
	}
	for i, arg := range call.Args {
		if given, ok := u.object(arg).(*types.Func); ok && u.runs(fate{kind: passed, callee: fn, arg: i}, 0) {
			s := u.stepFor(given, arg)
			if u.variableMethod(fn) == "With" {
				s.hidden = []string{u.subject(call)}
			}
			list = append(list, s)
		}
	}
	return list
}

// stepFor is the step of calling the function value x, which denotes fn.
func (u *unit) stepFor(fn *types.Func, x ast.Expr) step {
	switch u.variableMethod(fn) {
	case "Get", "Lookup", "GetOr", "MustGet":
		key := ""
		if sel, ok := ast.Unparen(x).(*ast.SelectorExpr); ok {
			if s := u.info.Selections[sel]; s != nil && s.Kind() == types.MethodVal {
				key = u.key(sel.X)
			}
		}
		return step{is: reading, reads: key}
	}
	return step{is: calling, calls: fn}
}

// hidden returns the variables that calls of With around at, and inside of c, have set.
func (u *unit) hidden(at, c inspector.Cursor) (keys []string) {
	for lit := range at.Enclosing((*ast.FuncLit)(nil)) {
		if lit == c || !c.Contains(lit) {
			break
		}
		if lit.ParentEdgeKind() == edge.CallExpr_Args {
			if call := lit.Parent().Node().(*ast.CallExpr); u.method(call) == "With" {
				keys = append(keys, u.subject(call))
			}
		}
	}
	return keys
}

// readsOf returns what a call of the function that x denotes reads: nothing if it is bound, or
// if nobody can say what it is.
func (u *unit) readsOf(x inspector.Cursor) readSet { return u.readsThrough(x, 0) }

func (u *unit) readsThrough(c inspector.Cursor, depth int) readSet {
	switch x := c.Node().(type) {
	case *ast.ParenExpr:
		return u.readsThrough(childOf(c, x.X), depth)
	case *ast.FuncLit:
		return u.readsIn(c)
	case *ast.CallExpr:
		if u.info.Types[x.Fun].IsType() && len(x.Args) == 1 {
			return u.readsThrough(childOf(c, x.Args[0]), depth)
		}
		return nil
	}
	x, ok := c.Node().(ast.Expr)
	if !ok {
		return nil
	}
	switch obj := u.object(x).(type) {
	case *types.Func:
		return u.sum([]step{u.stepFor(obj, x)})
	case *types.Var:
		if value, ok := u.onlyValue(obj); ok && depth < 4 {
			return u.readsThrough(value, depth+1)
		}
	}
	return nil
}
