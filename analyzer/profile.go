package analyzer

import (
	"fmt"
	"go/ast"
	"go/types"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/ast/edge"
	"golang.org/x/tools/go/ast/inspector"
)

// Profile finds profiler labels that are set with a ctx which carries nothing of package
// contextvars, where that is plain to see: it comes from context.Background or
// context.TODO. A goroutine that has only inherited its variables loses them there.
// Tests of labels are left alone.
var Profile = check("profile",
	"find profiler labels, set with a ctx of nobody, that cost a goroutine its variables",
	func(r *reporter) {
		for _, c := range r.calls {
			call := c.Node().(*ast.CallExpr)
			fn := r.callee(call)
			switch r.funcName(fn) {
			case "runtime/pprof.Do", "runtime/pprof.SetGoroutineLabels":
			default:
				continue
			}
			if len(call.Args) == 0 {
				continue
			}
			ctx := c.ChildAt(edge.CallExpr_Args, 0)
			if r.isTest(c, r.pass.Fset) || !r.carriesNothing(ctx, 0) || r.holdsOn(c) {
				continue
			}
			r.report(call.Args[0], fmt.Sprintf("a goroutine that has only inherited its variables loses them in pprof.%s with this ctx; "+
				"use one of contextvars.WithContext", fn.Name()),
				r.wrapContext(ctx)...)
		}
	})

// deriving are the functions whose ctx carries what their first argument does.
var deriving = names(
	"context.WithCancel", "context.WithCancelCause", "context.WithDeadline", "context.WithDeadlineCause",
	"context.WithTimeout", "context.WithTimeoutCause", "context.WithValue", "context.WithoutCancel",
	"runtime/pprof.WithLabels",
)

// carriesNothing reports whether the ctx at c is known to be derived from an empty one.
func (r *reporter) carriesNothing(c inspector.Cursor, depth int) bool {
	switch x := ast.Unparen(c.Node().(ast.Expr)).(type) {
	case *ast.CallExpr:
		switch name := r.funcName(r.callee(x)); {
		case name == "context.Background", name == "context.TODO":
			return true
		case deriving[name] && len(x.Args) > 0 && depth < 8:
			call, ok := c.FindNode(x)
			return ok && r.carriesNothing(call.ChildAt(edge.CallExpr_Args, 0), depth+1)
		}
	case *ast.Ident:
		v, ok := r.info.Uses[x].(*types.Var)
		if !ok || v.Parent() == r.pkg.Scope() || r.isParam(v) || depth >= 8 {
			return false
		}
		values := r.valuesOf(x)
		for _, value := range values {
			if !r.carriesNothing(value, depth+1) {
				return false
			}
		}
		return len(values) > 0
	}
	return false
}

func (r *reporter) isParam(v *types.Var) bool {
	def, ok := r.definition(v)
	return !ok || def.ParentEdgeKind() == edge.Field_Names
}

// holdsOn reports whether the goroutine at c keeps its variables whatever the ctx is, since it
// has set one or entered a context, or has none to lose.
func (r *reporter) holdsOn(c inspector.Cursor) bool {
	for f := range c.Enclosing((*ast.FuncDecl)(nil), (*ast.FuncLit)(nil)) {
		if r.setBefore(f, c) != "" {
			return true
		}
		switch n := f.Node().(type) {
		case *ast.FuncDecl:
			fn, ok := r.info.Defs[n.Name].(*types.Func)
			return ok && r.isMain(fn)
		case *ast.FuncLit:
			if isHandler(r.info.TypeOf(n)) {
				return r.wraps
			}
			fate := r.fateOf(f)
			if r.calledInPlace(fate) {
				continue
			}
			// What package contextvars calls it calls in a context that it has entered.
			return fate.kind == passed && fate.callee != nil && pathOf(fate.callee.Pkg()) == home
		}
	}
	return false
}

func (r *reporter) wrapContext(ctx inspector.Cursor) []analysis.SuggestedFix {
	qualifier, edits, ok := r.qualifier(ctx, home)
	if !ok {
		return nil
	}
	n := ctx.Node()
	edits = append(edits, insertion(n.Pos(), qualifier+"WithContext("), insertion(n.End(), ", "+qualifier+"CopyContext())"))
	return []analysis.SuggestedFix{{Message: "Let the ctx carry the variables", TextEdits: edits}}
}
