package analyzer

import (
	"fmt"
	"go/ast"
	"go/types"

	"golang.org/x/tools/go/ast/edge"
	"golang.org/x/tools/go/ast/inspector"
)

// Local finds variables with the option Local that are read in another goroutine or context than
// they were set in, where they never have a value: in the function of a go statement, and in one
// for Bind, AfterFunc, a pool or an errgroup.
var Local = check("local",
	"find Local variables that are read where they cannot be seen",
	func(r *reporter) {
		for _, c := range r.calls {
			call := c.Node().(*ast.CallExpr)
			method := r.method(call)
			switch method {
			case "Get", "MustGet", "Lookup", "GetOr":
			default:
				continue
			}
			v := r.subjectObject(call)
			if v == nil || !r.options[v].Local {
				continue
			}
			lit, where := r.crossed(c)
			if where == "" || r.setIn(lit, v, c) {
				continue
			}
			// Lookup and GetOr ask for a value that may be missing, so that they are wrong
			// only where somebody expected one.
			if (method == "Lookup" || method == "GetOr") && !r.setOutside(lit, v) {
				continue
			}
			r.report(call, fmt.Sprintf("%s has the option Local: what is set outside is not seen in %s; read it before, and pass the value",
				v.Name(), where))
		}
	})

// subjectObject returns the variable whose method is called.
func (u *unit) subjectObject(call *ast.CallExpr) types.Object {
	if sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr); ok {
		return u.object(sel.X)
	}
	return nil
}

// crossed returns the innermost function literal around c that runs in another goroutine or in
// a copy of the context, and says what that is.
func (u *unit) crossed(c inspector.Cursor) (lit inspector.Cursor, where string) {
	for lit := range c.Enclosing((*ast.FuncLit)(nil)) {
		f := u.fateOf(lit)
		switch f.kind {
		case called:
			continue
		case started:
			return lit, "another goroutine"
		case passed:
			name := u.funcName(f.callee)
			switch {
			case inPlace[name]:
				continue
			case starters[name], timers[name]:
				return lit, "the function of " + short(f.callee)
			case name == home+".Bind", name == home+".Bind1", name == home+".BindResult", name == home+".GoDetached",
				name == home+".AfterFunc", name == home+".AfterDone", name == home+".Detach":
				return lit, "the function of " + short(f.callee)
			}
			if _, ok := poolOf(f.callee); ok {
				return lit, "the job of a pool"
			}
		}
		return lit, ""
	}
	return inspector.Cursor{}, ""
}

func short(fn *types.Func) string { return fn.Pkg().Name() + "." + fn.Name() }

// setIn reports whether v is set in lit before the expression at c.
func (u *unit) setIn(lit inspector.Cursor, v types.Object, c inspector.Cursor) bool {
	for at := range lit.Preorder((*ast.CallExpr)(nil)) {
		if at.Node().Pos() >= c.Node().Pos() {
			return false
		}
		if u.setsObject(at, v) {
			return true
		}
	}
	return false
}

// setOutside reports whether one of the functions around lit sets v.
func (u *unit) setOutside(lit inspector.Cursor, v types.Object) bool {
	decl, ok := enclosingDecl(lit)
	if !ok {
		return false
	}
	for at := range decl.Preorder((*ast.CallExpr)(nil)) {
		if u.setsObject(at, v) && !lit.Contains(at) && at.Node().Pos() < lit.Node().Pos() {
			return true
		}
	}
	return false
}

func (u *unit) setsObject(at inspector.Cursor, v types.Object) bool {
	call := at.Node().(*ast.CallExpr)
	switch u.method(call) {
	case "Set", "With":
		return u.subjectObject(call) == v
	}
	return at.ParentEdgeKind() != edge.Invalid && u.setsByTest(call, v)
}

// setsByTest reports whether call is vartest.Set of v.
func (u *unit) setsByTest(call *ast.CallExpr, v types.Object) bool {
	return u.funcName(u.callee(call)) == home+"/vartest.Set" && len(call.Args) == 3 && u.object(call.Args[1]) == v
}
