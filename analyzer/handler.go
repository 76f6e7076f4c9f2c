package analyzer

import (
	"fmt"
	"go/ast"

	"golang.org/x/tools/go/ast/edge"
	"golang.org/x/tools/go/ast/inspector"
)

// Handler finds variables that an HTTP handler sets and does not restore, in a package
// that does not serve requests with package httpvars. The next request on the same
// connection sees them.
var Handler = check("handler",
	"find variables that an HTTP handler leaves set for the next request",
	func(r *reporter) {
		if r.wraps {
			return
		}
		for _, c := range r.calls {
			call := c.Node().(*ast.CallExpr)
			if !isToken(r.info.TypeOf(call)) || r.meant(call) || !r.inHandler(c) || !r.loses(c) {
				continue
			}
			if f, ok := around(c); ok && r.scoped(f) {
				continue
			}
			r.report(call, fmt.Sprintf("the next request on this connection sees what %s sets; "+
				"write defer %s(…).Restore(), or serve with httpvars.Handler", nameOf(call), nameOf(call)),
				r.deferredCall(c, call)...)
		}
	})

// loses reports whether the token of the call at c is dropped.
func (r *reporter) loses(c inspector.Cursor) bool {
	if c.ParentEdgeKind() != edge.SelectorExpr_X {
		return r.drops(c)
	}
	sel := c.Parent()
	switch sel.Node().(*ast.SelectorExpr).Sel.Name {
	case "OldValue", "Var", "Used":
		return sel.ParentEdgeKind() == edge.CallExpr_Fun
	}
	return false
}

// inHandler reports whether c is in an HTTP handler and on its goroutine.
func (u *unit) inHandler(c inspector.Cursor) bool {
	for f := range c.Enclosing((*ast.FuncDecl)(nil), (*ast.FuncLit)(nil)) {
		if sig := u.signature(f); sig != nil && isHandler(sig) {
			return true
		}
		if _, ok := f.Node().(*ast.FuncLit); !ok || !u.calledInPlace(u.fateOf(f)) {
			return false
		}
	}
	return false
}

// calledInPlace reports whether a function of that fate is called on the goroutine and in
// the context that it is named in.
func (u *unit) calledInPlace(f fate) bool {
	return f.kind == called || f.kind == passed && inPlace[u.funcName(f.callee)]
}
