package analyzer

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/ast/edge"
	"golang.org/x/tools/go/ast/inspector"
)

// Lifetime finds goroutines and clients that outlive the request, or the setting of a variable, that
// they are started in: they inherit its values, and hold them for as long as they live.
// A goroutine is one of those if it is an endless loop without a way out.
var Lifetime = check("lifetime",
	"find goroutines and clients that hold the values of the request which started them",
	func(r *reporter) {
		for c := range r.root.Preorder((*ast.GoStmt)(nil), (*ast.CallExpr)(nil)) {
			switch n := c.Node().(type) {
			case *ast.GoStmt:
				if !r.endless(c.ChildAt(edge.GoStmt_Call, -1)) {
					continue
				}
				if what := r.holder(c); what != "" {
					r.report(n, fmt.Sprintf("this goroutine never ends, and holds the values of %s for as long; "+
						"start it with contextvars.GoDetached", what), r.detached(c)...)
				}
			case *ast.CallExpr:
				fn := r.callee(n)
				if fn == nil || !lasting[r.funcName(fn)] || r.closed(c) {
					continue
				}
				if what := r.holder(c); what != "" {
					r.report(n, fmt.Sprintf("the goroutines of %s hold the values of %s for as long as they live; "+
						"call it in contextvars.Detach", nameOf(n), what))
				}
			}
		}
	})

// holder says whose values a goroutine that is started at c inherits; "" if nobody knows
// of any, or they are the program's.
func (r *reporter) holder(c inspector.Cursor) string {
	if r.inTest(c) || r.isTest(c, r.pass.Fset) {
		return ""
	}
	for f := range c.Enclosing((*ast.FuncDecl)(nil), (*ast.FuncLit)(nil)) {
		if sig := r.signature(f); sig != nil && isHandler(sig) {
			return "the request"
		}
		if decl, ok := f.Node().(*ast.FuncDecl); ok {
			if fn, ok := r.info.Defs[decl.Name].(*types.Func); !ok || r.isMain(fn) {
				return ""
			}
		}
		if v := r.setBefore(f, c); v != "" {
			return v
		}
		if _, ok := f.Node().(*ast.FuncLit); ok && !r.executed(f) {
			return ""
		}
	}
	return ""
}

// setBefore returns the name of a variable that f sets before c and has not restored there.
func (r *reporter) setBefore(f, c inspector.Cursor) string {
	var name string
	f.Inspect([]ast.Node{(*ast.FuncLit)(nil), (*ast.CallExpr)(nil)}, func(at inspector.Cursor) bool {
		if call, ok := at.Node().(*ast.CallExpr); ok {
			before := call.End() <= c.Node().Pos()
			around := at.Contains(c)
			switch m := r.method(call); {
			case m == "Set" && before, m == "With" && around:
				name = nameOfVariable(call)
			}
			return true
		}
		return at == f || at.Contains(c)
	})
	return name
}

func nameOfVariable(call *ast.CallExpr) string {
	if sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr); ok {
		return types.ExprString(sel.X)
	}
	return "a variable"
}

// endless reports whether the function that the go statement's call at c calls is known, and is
// a loop for ever.
func (r *reporter) endless(c inspector.Cursor) bool {
	call := c.Node().(*ast.CallExpr)
	switch fun := ast.Unparen(call.Fun).(type) {
	case *ast.FuncLit:
		return loops(fun.Body)
	default:
		if decl, ok := r.decls[r.callee(call)]; ok {
			return loops(decl.Node().(*ast.FuncDecl).Body)
		}
	}
	return false
}

// loops reports whether one of the statements of body is a loop that nothing leaves.
func loops(body *ast.BlockStmt) bool {
	for _, stmt := range body.List {
		if label, ok := stmt.(*ast.LabeledStmt); ok {
			stmt = label.Stmt
		}
		switch s := stmt.(type) {
		case *ast.ForStmt:
			if s.Cond == nil && !leaves(s.Body) {
				return true
			}
		case *ast.RangeStmt: // the channel of a Ticker is never closed
			if sel, ok := s.X.(*ast.SelectorExpr); ok && sel.Sel.Name == "C" && !leaves(s.Body) {
				return true
			}
		}
	}
	return false
}

// leaves reports whether a statement of a loop's body may end the loop: a return, a goto, a panic,
// the end of the goroutine, or a break, whichever loop it is for.
func leaves(body *ast.BlockStmt) bool {
	found := false
	ast.Inspect(body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.ReturnStmt:
			found = true
		case *ast.BranchStmt:
			found = found || n.Tok == token.BREAK || n.Tok == token.GOTO
		case *ast.CallExpr:
			switch types.ExprString(n.Fun) {
			case "panic", "runtime.Goexit", "os.Exit", "log.Fatal", "log.Fatalf", "log.Fatalln":
				found = true
			}
		}
		return !found
	})
	return found
}

// closed reports whether what the call at c returns is closed in the same function, or is
// handed to somebody there.
func (r *reporter) closed(c inspector.Cursor) bool {
	assign, ok := c.Parent().Node().(*ast.AssignStmt)
	if !ok || c.ParentEdgeKind() != edge.AssignStmt_Rhs {
		return false
	}
	v, ok := r.object(assign.Lhs[0]).(*types.Var)
	if !ok {
		return false
	}
	for _, use := range r.uses[v] {
		if use.ParentEdgeKind() != edge.SelectorExpr_X {
			continue
		}
		switch use.Parent().Node().(*ast.SelectorExpr).Sel.Name {
		case "Close", "Release", "Disconnect", "Drain", "Stop", "StopAndWait", "Shutdown":
			if within(use, c) {
				return true
			}
		}
	}
	return false
}

// within reports whether a and b are in the same declaration.
func within(a, b inspector.Cursor) bool {
	da, ok := enclosingDecl(a)
	db, also := enclosingDecl(b)
	return ok && also && da == db
}

// detached is the fix that starts a goroutine with GoDetached: of a literal without arguments.
func (r *reporter) detached(c inspector.Cursor) []analysis.SuggestedFix {
	n := c.Node().(*ast.GoStmt)
	lit, ok := n.Call.Fun.(*ast.FuncLit)
	if !ok || len(n.Call.Args) != 0 || lit.Type.Results != nil {
		return nil
	}
	qualifier, edits, ok := r.qualifier(c, home)
	if !ok {
		return nil
	}
	edits = append(edits,
		analysis.TextEdit{Pos: n.Pos(), End: lit.Pos(), NewText: []byte(qualifier + "GoDetached(")},
		analysis.TextEdit{Pos: n.Call.Lparen, End: n.Call.End(), NewText: []byte(")")})
	return []analysis.SuggestedFix{{Message: "Start it with contextvars.GoDetached", TextEdits: edits}}
}
