package analyzer

import (
	"go/ast"
	"go/token"
	"go/types"
	"strings"

	"golang.org/x/tools/go/ast/inspector"
	"golang.org/x/tools/go/types/typeutil"
)

// home is the path of package contextvars.
const home = "github.com/gocontextvars/contextvars"

// pathOf returns the package's path without what vendoring and test variants add to it.
func pathOf(pkg *types.Package) string {
	if pkg == nil {
		return ""
	}
	path, _, _ := strings.Cut(pkg.Path(), " ")
	if i := strings.LastIndex(path, "/vendor/"); i >= 0 {
		path = path[i+len("/vendor/"):]
	}
	return path
}

// funcName returns path.Func or path.Type.Method.
func (u *unit) funcName(fn *types.Func) string {
	if fn == nil || fn.Pkg() == nil {
		return ""
	}
	name, ok := u.named[fn]
	if !ok {
		name = fullName(fn)
		u.named[fn] = name
	}
	return name
}

func fullName(fn *types.Func) string {
	name := fn.Name()
	if recv := fn.Signature().Recv(); recv != nil {
		if _, of := typeName(recv.Type()); of != "" {
			name = of + "." + name
		}
	}
	return pathOf(fn.Pkg()) + "." + name
}

// typeName returns the path and name of t, or of what it points to, if it is a named type.
func typeName(t types.Type) (path, name string) {
	if p, ok := types.Unalias(t).(*types.Pointer); ok {
		t = p.Elem()
	}
	if n, ok := types.Unalias(t).(*types.Named); ok {
		return pathOf(n.Obj().Pkg()), n.Obj().Name()
	}
	return "", ""
}

// is reports whether t is the type of that name, or a pointer to it.
func is(t types.Type, path, name string) bool {
	p, n := typeName(t)
	return p == path && n == name
}

func isVariable(t types.Type) bool { return is(t, home, "ContextVar") }
func isToken(t types.Type) bool    { return is(t, home, "Token") }

// callee returns the function that is called, if its name is known.
func (u *unit) callee(call *ast.CallExpr) *types.Func { return u.callees[call] }

func (u *unit) findCallee(call *ast.CallExpr) *types.Func {
	if fn, ok := typeutil.Callee(u.info, call).(*types.Func); ok {
		return fn.Origin()
	}
	return nil
}

// method returns the name of the method of a ContextVar that is called; "" if none is.
func (u *unit) method(call *ast.CallExpr) string { return u.variableMethod(u.callee(call)) }

func (u *unit) variableMethod(fn *types.Func) string {
	name, ok := strings.CutPrefix(u.funcName(fn), home+".ContextVar.")
	if !ok {
		return ""
	}
	return name
}

// subject returns the key of the variable whose method is called.
func (u *unit) subject(call *ast.CallExpr) string {
	sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
	if !ok {
		return ""
	}
	if s := u.info.Selections[sel]; s != nil && s.Kind() == types.MethodExpr && len(call.Args) > 0 {
		return u.key(call.Args[0])
	}
	return u.key(sel.X)
}

// object returns what x names: a variable, a field, a function.
func (u *unit) object(x ast.Expr) types.Object {
	switch x := ast.Unparen(x).(type) {
	case *ast.Ident:
		return origin(u.info.ObjectOf(x))
	case *ast.SelectorExpr:
		return origin(u.info.Uses[x.Sel])
	case *ast.IndexExpr: // an instance
		if _, ok := u.info.TypeOf(x.X).(*types.Signature); ok {
			return u.object(x.X)
		}
	case *ast.IndexListExpr:
		return u.object(x.X)
	case *ast.StarExpr:
		return u.object(x.X)
	case *ast.UnaryExpr:
		if x.Op == token.AND {
			return u.object(x.X)
		}
	}
	return nil
}

func origin(obj types.Object) types.Object {
	switch obj := obj.(type) {
	case *types.Func:
		return obj.Origin()
	case *types.Var:
		return obj.Origin()
	}
	return obj
}

// isTest reports whether c is in a test file.
func (u *unit) isTest(c inspector.Cursor, fset *token.FileSet) bool {
	return strings.HasSuffix(fset.File(c.Node().Pos()).Name(), "_test.go")
}

// isHandler reports whether t is the signature of an HTTP handler.
func isHandler(t types.Type) bool {
	sig, ok := types.Unalias(t).(*types.Signature)
	return ok && sig.Params().Len() == 2 && sig.Results().Len() == 0 &&
		is(sig.Params().At(0).Type(), "net/http", "ResponseWriter") &&
		is(sig.Params().At(1).Type(), "net/http", "Request")
}
