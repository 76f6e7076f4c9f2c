package analyzer

import (
	"fmt"
	"go/ast"
	"go/types"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/ast/edge"
	"golang.org/x/tools/go/ast/inspector"
)

// Token finds tokens that are dropped where what was set stays behind, and tokens that are
// restored at the wrong time.
//
// A value that is set in main, in a test, in a goroutine's own function, or in one that runs in
// a context of its own goes away with these, and needs no token. One of a variable with
// wire.Back is set to be left for the reply.
var Token = check("token",
	"find values that are set and never taken back, or at the wrong time",
	func(r *reporter) {
		for _, c := range r.calls {
			if isToken(r.info.TypeOf(c.Node().(*ast.CallExpr))) {
				r.token(c)
			}
		}
	})

// token looks at what becomes of the token that the call at c returns.
func (r *reporter) token(c inspector.Cursor) {
	use := c
	for use.ParentEdgeKind() == edge.ParenExpr_X {
		use = use.Parent()
	}
	call, parent := c.Node().(*ast.CallExpr), use.Parent()
	name, unset := nameOf(call), r.method(call) == "Unset"
	switch use.ParentEdgeKind() {
	case edge.DeferStmt_Call:
		if unset {
			return // a way to tidy up
		}
		r.report(call, fmt.Sprintf("%s is called when the function ends, and nothing takes it back; "+
			"write defer %s(…).Restore()", name, name), analysis.SuggestedFix{
			Message:   "Add .Restore()",
			TextEdits: []analysis.TextEdit{insertion(call.End(), ".Restore()")},
		})
	case edge.GoStmt_Call:
		r.report(call, fmt.Sprintf("%s is called in a goroutine that ends with it, and changes nothing here", name))
	case edge.SelectorExpr_X:
		r.tokenMethod(parent, call, name)
	default:
		if r.drops(use) {
			r.dropped(use, call, name)
		}
	}
}

// tokenMethod looks at a method that is called on a token which is held nowhere.
func (r *reporter) tokenMethod(sel inspector.Cursor, call *ast.CallExpr, name string) {
	if sel.ParentEdgeKind() != edge.CallExpr_Fun {
		return // a method value
	}
	outer := sel.Parent()
	switch sel.Node().(*ast.SelectorExpr).Sel.Name {
	case "Restore":
		switch outer.ParentEdgeKind() {
		case edge.GoStmt_Call:
			r.report(call, fmt.Sprintf("what %s sets cannot be taken back in another goroutine; "+
				"write defer %s(…).Restore()", name, name))
		case edge.ExprStmt_X:
			stmt := outer.Parent()
			if r.inBenchmark(stmt) {
				return
			}
			r.report(call, fmt.Sprintf("%s is taken back at once; write defer %s(…).Restore()", name, name),
				r.deferred(stmt, "")...)
		}
	case "OldValue", "Var", "Used":
		r.dropped(outer, call, name)
	}
}

// drops reports whether nothing can restore the token that the expression at use denotes.
func (r *reporter) drops(use inspector.Cursor) bool {
	if use.ParentEdgeKind() == edge.ExprStmt_X {
		return true
	}
	obj, blank := r.receiver(use)
	if blank || obj == nil {
		return blank
	}
	for _, named := range r.uses[obj] {
		switch named.ParentEdgeKind() {
		case edge.SelectorExpr_X:
			if named.Parent().Node().(*ast.SelectorExpr).Sel.Name == "Restore" {
				return false
			}
		case edge.AssignStmt_Rhs:
			if _, blank := r.receiver(named); !blank {
				return false
			}
		case edge.AssignStmt_Lhs:
		default:
			return false
		}
	}
	return true
}

// receiver returns the local variable that the value at use is assigned to, or that it is _.
func (r *reporter) receiver(use inspector.Cursor) (obj types.Object, blank bool) {
	var to ast.Expr
	switch n := use.Parent().Node().(type) {
	case *ast.AssignStmt:
		if use.ParentEdgeKind() == edge.AssignStmt_Rhs && len(n.Lhs) == len(n.Rhs) {
			to = n.Lhs[use.ParentEdgeIndex()]
		}
	case *ast.ValueSpec:
		if use.ParentEdgeKind() == edge.ValueSpec_Values && len(n.Names) == len(n.Values) {
			to = n.Names[use.ParentEdgeIndex()]
		}
	}
	id, ok := to.(*ast.Ident)
	if !ok {
		return nil, false
	}
	if id.Name == "_" {
		return nil, true
	}
	v, ok := r.info.ObjectOf(id).(*types.Var)
	if !ok || v.Parent() == r.pkg.Scope() {
		return nil, false
	}
	return v, false
}

// dropped reports the call whose token is dropped by the expression at use, unless that does
// no harm.
func (r *reporter) dropped(use inspector.Cursor, call *ast.CallExpr, name string) {
	f, inside := around(use)
	if !inside || r.meant(call) || r.isTest(use, r.pass.Fset) || r.scoped(f) || r.inHandler(use) {
		return // in handlers it is for the check of that name
	}
	if r.isLast(f, use) {
		r.report(call, fmt.Sprintf("what %s sets stays behind on the caller's goroutine: "+
			"return the token, so that the caller can restore it", name))
		return
	}
	r.report(call, fmt.Sprintf("what %s sets stays behind on this goroutine when the function ends; "+
		"write defer %s(…).Restore()", name, name), r.deferredCall(use, call)...)
}

// meant reports whether what the call sets is to stay: nothing, or a value for the reply.
func (r *reporter) meant(call *ast.CallExpr) bool {
	switch r.method(call) {
	case "Unset":
		return true
	case "Set":
		return r.options[r.subjectObject(call)].Back
	}
	return false
}

// isLast reports whether the statement of use is the last one of the function f: its purpose
// is to set, then, and a deferred Restore would make it do nothing.
func (r *reporter) isLast(f, use inspector.Cursor) bool {
	stmt := use.Parent()
	if stmt.ParentEdgeKind() != edge.BlockStmt_List || stmt.Parent().Parent() != f {
		return false
	}
	_, more := stmt.NextSibling()
	return !more
}

// deferredCall is the fix that defers the Restore of a call whose token is dropped.
func (r *reporter) deferredCall(use inspector.Cursor, call *ast.CallExpr) []analysis.SuggestedFix {
	stmt := use.Parent()
	if f, ok := around(use); !ok || r.isLast(f, use) {
		return nil
	}
	switch n := stmt.Node().(type) {
	case *ast.ExprStmt:
		return r.deferred(stmt, ".Restore()")
	case *ast.AssignStmt: // _ = call
		id, ok := n.Lhs[0].(*ast.Ident)
		if !ok || len(n.Lhs) != 1 || id.Name != "_" || !r.deferrable(stmt) {
			return nil
		}
		return []analysis.SuggestedFix{{
			Message: "Restore it when the function ends",
			TextEdits: []analysis.TextEdit{
				{Pos: n.Pos(), End: n.Rhs[0].Pos(), NewText: []byte("defer ")},
				insertion(call.End(), ".Restore()"),
			},
		}}
	}
	return nil
}

// deferred is the fix that defers a statement, with text added to it.
func (r *reporter) deferred(stmt inspector.Cursor, text string) []analysis.SuggestedFix {
	if !r.deferrable(stmt) {
		return nil
	}
	n := stmt.Node().(*ast.ExprStmt)
	if _, ok := n.X.(*ast.CallExpr); !ok {
		return nil // a statement in parentheses, which defer does not take
	}
	edits := []analysis.TextEdit{insertion(n.Pos(), "defer ")}
	if text != "" {
		edits = append(edits, insertion(n.End(), text))
	}
	return []analysis.SuggestedFix{{Message: "Restore it when the function ends", TextEdits: edits}}
}

// deferrable reports whether stmt can be deferred in its place: it is not in a loop, where
// the deferred calls would pile up.
func (r *reporter) deferrable(stmt inspector.Cursor) bool {
	if k := stmt.ParentEdgeKind(); k != edge.BlockStmt_List && k != edge.CaseClause_Body && k != edge.CommClause_Body {
		return false
	}
	for c := range stmt.Enclosing((*ast.ForStmt)(nil), (*ast.RangeStmt)(nil), (*ast.FuncLit)(nil), (*ast.FuncDecl)(nil)) {
		switch c.Node().(type) {
		case *ast.ForStmt, *ast.RangeStmt:
			return false
		}
		return true
	}
	return false
}

// inBenchmark reports whether c is in a function for a *testing.B, which measures what it does
// and means nothing by it.
func (r *reporter) inBenchmark(c inspector.Cursor) bool {
	for f := range c.Enclosing((*ast.FuncDecl)(nil), (*ast.FuncLit)(nil)) {
		if sig := r.signature(f); sig != nil && testParam(sig) == "B" {
			return true
		}
	}
	return false
}

// nameOf returns what is called, for a message: requestID.Set.
func nameOf(call *ast.CallExpr) string {
	switch fun := ast.Unparen(call.Fun).(type) {
	case *ast.SelectorExpr:
		return types.ExprString(fun)
	case *ast.Ident:
		return fun.Name
	case *ast.IndexExpr:
		return types.ExprString(fun.X)
	case *ast.IndexListExpr:
		return types.ExprString(fun.X)
	}
	return "this"
}
