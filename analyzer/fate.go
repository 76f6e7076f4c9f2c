package analyzer

import (
	"go/ast"
	"go/types"
	"strings"

	"golang.org/x/tools/go/ast/edge"
	"golang.org/x/tools/go/ast/inspector"
)

// A fate is what becomes of a function where it is named or written as a literal.
type fate struct {
	kind   fateKind
	call   inspector.Cursor // of called, deferred, started, passed
	callee *types.Func      // of passed; nil if unknown
	arg    int              // of passed
	to     types.Object     // of assigned
}

type fateKind int

const (
	unknown  fateKind = iota
	called            // at once, or deferred, by the function around it
	started           // by a go statement
	passed            // to a function
	assigned          // to a variable
)

// fateOf returns the fate of the function that the expression at c denotes.
func (u *unit) fateOf(c inspector.Cursor) fate {
	for {
		parent := c.Parent()
		switch c.ParentEdgeKind() {
		case edge.ParenExpr_X, edge.SelectorExpr_Sel, edge.IndexExpr_X, edge.IndexListExpr_X:
			c = parent
			continue
		case edge.CallExpr_Fun:
			if parent.ParentEdgeKind() == edge.GoStmt_Call {
				return fate{kind: started, call: parent}
			}
			return fate{kind: called, call: parent}
		case edge.CallExpr_Args:
			call := parent.Node().(*ast.CallExpr)
			if u.info.Types[call.Fun].IsType() { // a conversion
				c = parent
				continue
			}
			return fate{kind: passed, call: parent, callee: u.callee(call), arg: c.ParentEdgeIndex()}
		case edge.AssignStmt_Rhs:
			assign := parent.Node().(*ast.AssignStmt)
			if i := c.ParentEdgeIndex(); len(assign.Lhs) == len(assign.Rhs) {
				return assignedTo(u.object(assign.Lhs[i]))
			}
		case edge.ValueSpec_Values:
			spec := parent.Node().(*ast.ValueSpec)
			if i := c.ParentEdgeIndex(); len(spec.Names) == len(spec.Values) {
				return assignedTo(u.info.Defs[spec.Names[i]])
			}
		}
		return fate{}
	}
}

func assignedTo(obj types.Object) fate {
	if v, ok := obj.(*types.Var); ok && !v.IsField() {
		return fate{kind: assigned, to: v}
	}
	return fate{}
}

// around returns the function that c is in, c itself left out: a FuncDecl or a FuncLit.
func around(c inspector.Cursor) (inspector.Cursor, bool) {
	for f := range c.Parent().Enclosing((*ast.FuncDecl)(nil), (*ast.FuncLit)(nil)) {
		return f, true
	}
	return inspector.Cursor{}, false
}

// executed reports whether a call of the function around lit calls lit, too, or starts it: it
// then sees the same variables.
func (u *unit) executed(lit inspector.Cursor) bool { return u.runs(u.fateOf(lit), 0) }

func (u *unit) runs(f fate, depth int) bool {
	switch f.kind {
	case called, started:
		return true
	case passed:
		name := u.funcName(f.callee)
		if inPlace[name] || starters[name] {
			return true
		}
		f.to = u.param(f)
		fallthrough
	case assigned:
		if f.to == nil || depth > 3 {
			return false
		}
		for _, use := range u.uses[f.to] {
			if u.runs(u.fateOf(use), depth+1) {
				return true
			}
		}
	}
	return false
}

// param returns the parameter that a passed function arrives in, if its callee is in this package.
func (u *unit) param(f fate) types.Object {
	if _, ok := u.decls[f.callee]; !ok {
		return nil
	}
	sig := f.callee.Signature()
	if f.arg >= sig.Params().Len() || sig.Variadic() && f.arg >= sig.Params().Len()-1 {
		return nil
	}
	return sig.Params().At(f.arg)
}

// calledBy reports whether the function that f is passed to calls it, and does nothing else with it.
func (u *unit) calledBy(f fate) bool {
	uses := u.uses[u.param(f)]
	for _, use := range uses {
		if in, ok := around(use); !ok || in != u.decls[f.callee] || u.fateOf(use).kind != called {
			return false
		}
	}
	return len(uses) > 0
}

// scoped reports whether what the function at c sets, and does not restore, goes
// away nevertheless: with its goroutine, its context, or the program. c is a FuncDecl or
// a FuncLit.
func (u *unit) scoped(c inspector.Cursor) bool {
	n := c.Node()
	if sig := u.signature(c); sig != nil && u.ownContext(c, sig) {
		return true
	}
	if known, ok := u.ends[n]; ok {
		return known
	}
	u.ends[n] = true // what recurses through itself alone is no reason against it
	u.ends[n] = u.findScoped(c)
	return u.ends[n]
}

// ownContext reports whether the function is one of a task or of a workflow, which have
// contexts of their own. A file that imports package asyncio is taken to have tasks' functions.
func (u *unit) ownContext(c inspector.Cursor, sig *types.Signature) bool {
	for v := range sig.Params().Variables() {
		if path, name := typeName(v.Type()); name == "Context" && strings.HasPrefix(path, "go.temporal.io/sdk/") {
			return true
		}
	}
	for _, spec := range fileOf(c).Imports {
		if spec.Path.Value == `"`+home+`/asyncio"` {
			return true
		}
	}
	return false
}

func (u *unit) findScoped(c inspector.Cursor) bool {
	switch n := c.Node().(type) {
	case *ast.FuncDecl:
		fn, ok := u.info.Defs[n.Name].(*types.Func)
		switch {
		case !ok:
			return false
		case u.isMain(fn):
			return true
		case isHandler(fn.Type()):
			return u.wraps
		case fn.Exported() && u.pkg.Name() != "main":
			return false // others call it, too
		}
		return u.allScoped(u.uses[fn], c)
	case *ast.FuncLit:
		if isHandler(u.info.TypeOf(n)) {
			return u.wraps
		}
		return u.scopedFate(u.fateOf(c), c)
	}
	return false
}

// allScoped reports whether a function is used, and in no other way than one that ends its
// goroutine or context.
func (u *unit) allScoped(uses []inspector.Cursor, self inspector.Cursor) bool {
	for _, use := range uses {
		if !u.scopedFate(u.fateOf(use), use) {
			return false
		}
	}
	return len(uses) > 0
}

func (u *unit) scopedFate(f fate, c inspector.Cursor) bool {
	outer, inside := around(c)
	switch f.kind {
	case started:
		return true
	case called:
		return inside && u.scoped(outer)
	case passed:
		switch name := u.funcName(f.callee); {
		case f.callee == nil:
		case inPlace[name]:
			return inside && u.scoped(outer)
		case u.entersContext(f.callee):
			return true
		}
		if f.to = u.param(f); f.to == nil {
			break
		}
		if u.allScoped(u.uses[f.to], c) || u.calledBy(f) && inside && u.scoped(outer) {
			return true
		}
	case assigned:
		var uses []inspector.Cursor
		for _, use := range u.uses[f.to] {
			if use.ParentEdgeKind() != edge.AssignStmt_Lhs {
				uses = append(uses, use)
			}
		}
		return u.allScoped(uses, c)
	}
	return false
}

// isMain reports whether the program, not a request or job, calls fn.
func (u *unit) isMain(fn *types.Func) bool {
	if fn.Signature().Recv() != nil {
		return false
	}
	return fn.Name() == "init" || fn.Name() == "main" && u.pkg.Name() == "main" || fn.Name() == "TestMain"
}

// testParam returns T, B or F if sig has such a parameter.
func testParam(sig *types.Signature) string {
	for v := range sig.Params().Variables() {
		path, name := typeName(v.Type())
		if path == "testing" && (name == "T" || name == "B" || name == "F" || name == "TB") {
			return name
		}
	}
	return ""
}

// inTest reports whether one of the functions around c has a parameter of package testing.
func (u *unit) inTest(c inspector.Cursor) bool {
	for f := range c.Enclosing((*ast.FuncDecl)(nil), (*ast.FuncLit)(nil)) {
		if sig := u.signature(f); sig != nil && testParam(sig) != "" {
			return true
		}
	}
	return false
}

func (u *unit) signature(f inspector.Cursor) *types.Signature {
	switch n := f.Node().(type) {
	case *ast.FuncDecl:
		if fn, ok := u.info.Defs[n.Name].(*types.Func); ok {
			return fn.Signature()
		}
	case *ast.FuncLit:
		sig, _ := u.info.TypeOf(n).(*types.Signature)
		return sig
	}
	return nil
}
