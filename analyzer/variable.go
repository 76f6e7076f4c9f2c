package analyzer

import (
	"fmt"
	"go/ast"
	"go/types"

	"golang.org/x/tools/go/ast/inspector"
)

// Variable finds variables that are made inside a function: each call makes another
// one, which lives on in every context that it is set in. Functions that return
// the variable are asked about where they are called. Tests and main are left alone.
var Variable = check("variable",
	"find variables that are made inside a function",
	func(r *reporter) {
		for _, c := range r.calls {
			call := c.Node().(*ast.CallExpr)
			fn := r.callee(call)
			if fn == nil || !r.makes(fn) || r.isTest(c, r.pass.Fset) || r.once(c, 0) {
				continue
			}
			if f, ok := enclosingDecl(c); ok && r.isMaker(f) {
				continue
			}
			r.report(call, fmt.Sprintf("%s makes another variable at each call, which lives on wherever it was set; "+
				"make it a package variable", nameOf(call)))
		}
	})

// A makerFact says of a function that it returns a variable that it has made.
type makerFact struct{}

func (*makerFact) AFact()         {}
func (*makerFact) String() string { return "makes a variable" }

// makes reports whether a call of fn makes a variable.
func (u *unit) makes(fn *types.Func) bool {
	switch u.funcName(fn) {
	case home + ".New", home + ".NewDefault":
		return true
	}
	return u.maker[fn]
}

// findMakers fills u.maker for the functions of this package.
func (u *unit) findMakers() {
	for changed := true; changed; {
		changed = false
		for fn, decl := range u.decls {
			if u.maker[fn] || !returnsVariable(fn) {
				continue
			}
			for c := range decl.Preorder((*ast.CallExpr)(nil)) {
				if called := u.callee(c.Node().(*ast.CallExpr)); called != nil && u.makes(called) {
					u.maker[fn], changed = true, true
					break
				}
			}
		}
	}
}

func returnsVariable(fn *types.Func) bool {
	for v := range fn.Signature().Results().Variables() {
		if isVariable(v.Type()) {
			return true
		}
	}
	return false
}

func (u *unit) isMaker(decl inspector.Cursor) bool {
	fn, ok := u.info.Defs[decl.Node().(*ast.FuncDecl).Name].(*types.Func)
	return ok && u.maker[fn]
}

// once reports whether what is at c happens at most once in a program: outside of any function,
// in main or init, or in a function that is called from there alone.
func (u *unit) once(c inspector.Cursor, depth int) bool {
	decl, ok := enclosingDecl(c)
	if !ok {
		return true
	}
	fn, ok := u.info.Defs[decl.Node().(*ast.FuncDecl).Name].(*types.Func)
	switch {
	case !ok || depth > 4:
		return false
	case u.isMain(fn):
		return true
	case fn.Exported() && u.pkg.Name() != "main":
		return false
	}
	uses := u.uses[fn]
	for _, use := range uses {
		if u.fateOf(use).kind != called || !u.once(use, depth+1) {
			return false
		}
	}
	return len(uses) > 0
}

func enclosingDecl(c inspector.Cursor) (inspector.Cursor, bool) {
	for f := range c.Enclosing((*ast.FuncDecl)(nil)) {
		return f, true
	}
	return inspector.Cursor{}, false
}
