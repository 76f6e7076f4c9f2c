package analyzer

import (
	"go/ast"
	"go/types"
	"reflect"
	"strings"
	"sync"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/passes/inspect"
	"golang.org/x/tools/go/ast/inspector"
)

// index reads a package once for all checks, and tells the packages that import it what they
// have to know. Its result is nil for a package without context variables.
var index = &analysis.Analyzer{
	Name:       "contextvarsindex",
	Requires:   []*analysis.Analyzer{inspect.Analyzer},
	Doc:        "what the checks of context variables know of a package",
	Run:        func(pass *analysis.Pass) (any, error) { return unitOf(pass), nil },
	ResultType: reflect.TypeFor[*unit](),
	FactTypes:  []analysis.Fact{new(readsFact), new(optionFact), new(makerFact)},
}

// A unit is what the checks know of one package.
type unit struct {
	mu   sync.Mutex
	info *types.Info
	pkg  *types.Package
	root inspector.Cursor

	calls   []inspector.Cursor            // all of them, in the order of the text
	callees map[*ast.CallExpr]*types.Func // whose name is known
	named   map[*types.Func]string        // see funcName

	decls   map[*types.Func]inspector.Cursor    // the functions of this package
	uses    map[types.Object][]inspector.Cursor // where they and its variables are named
	reads   map[*types.Func]readSet             // what functions read, here and elsewhere
	options map[types.Object]optionFact         // of variables
	maker   map[*types.Func]bool                // functions that return a variable they made
	ends    map[ast.Node]bool                   // see scoped
	notes   map[string][]annotation             // by file
	wraps   bool                                // something here is served by httpvars
}

// regardless lets a test have packages checked that do not use context variables.
var regardless = false

func unitOf(pass *analysis.Pass) *unit {
	facts := pass.AllObjectFacts()
	if implements(pass.Pkg) || len(facts) == 0 && !imports(pass.Pkg) && !regardless {
		return nil
	}
	u := &unit{
		info:    pass.TypesInfo,
		pkg:     pass.Pkg,
		root:    pass.ResultOf[inspect.Analyzer].(*inspector.Inspector).Root(),
		callees: make(map[*ast.CallExpr]*types.Func),
		named:   make(map[*types.Func]string),
		decls:   make(map[*types.Func]inspector.Cursor),
		uses:    make(map[types.Object][]inspector.Cursor),
		reads:   make(map[*types.Func]readSet),
		options: make(map[types.Object]optionFact),
		maker:   make(map[*types.Func]bool),
		ends:    make(map[ast.Node]bool),
	}
	u.take(facts)
	u.names()
	u.notes = annotationsIn(pass)
	u.findReads()
	u.findMakers()
	u.findOptions()
	u.tell(pass)
	return u
}

// take keeps the facts of the packages that this one imports.
func (u *unit) take(facts []analysis.ObjectFact) {
	for _, f := range facts {
		switch fact := f.Fact.(type) {
		case *readsFact:
			u.reads[f.Object.(*types.Func)] = setOf(fact.Vars)
		case *optionFact:
			u.options[f.Object] = *fact
		case *makerFact:
			u.maker[f.Object.(*types.Func)] = true
		}
	}
}

// tell exports the facts of this package.
func (u *unit) tell(pass *analysis.Pass) {
	for fn := range u.decls {
		if !fn.Exported() {
			continue
		}
		if set := u.reads[fn]; len(set) > 0 {
			pass.ExportObjectFact(fn, &readsFact{set.sorted()})
		}
		if u.maker[fn] {
			pass.ExportObjectFact(fn, new(makerFact))
		}
	}
	for v, o := range u.options {
		if v.Pkg() == u.pkg && v.Parent() == u.pkg.Scope() && v.Exported() {
			pass.ExportObjectFact(v, &o)
		}
	}
}

// names notes the declared functions, the calls, and where objects of this package are named.
func (u *unit) names() {
	for c := range u.root.Preorder((*ast.FuncDecl)(nil), (*ast.CallExpr)(nil), (*ast.Ident)(nil)) {
		switch n := c.Node().(type) {
		case *ast.FuncDecl:
			if fn, ok := u.info.Defs[n.Name].(*types.Func); ok && n.Body != nil {
				u.decls[fn] = c
			}
		case *ast.CallExpr:
			u.calls = append(u.calls, c)
			if fn := u.findCallee(n); fn != nil {
				u.callees[n] = fn
			}
		case *ast.Ident:
			switch obj := u.info.Uses[n].(type) {
			case *types.Func:
				if obj.Pkg() == u.pkg {
					u.uses[obj.Origin()] = append(u.uses[obj.Origin()], c)
				} else if servers[u.funcName(obj)] {
					u.wraps = true
				}
			case *types.Var:
				if obj.Pkg() == u.pkg {
					u.uses[obj.Origin()] = append(u.uses[obj.Origin()], c)
				}
			case *types.PkgName:
				u.uses[obj] = append(u.uses[obj], c)
			}
		}
	}
}

// imports reports whether pkg imports a package of ours.
func imports(pkg *types.Package) bool {
	for _, p := range pkg.Imports() {
		if path := pathOf(p); path == home || strings.HasPrefix(path, home+"/") {
			return true
		}
	}
	return false
}

// implements reports whether pkg is part of what the checks are about.
func implements(pkg *types.Package) bool {
	path := pathOf(pkg)
	return path == home || strings.HasPrefix(path, home+"/internal/")
}

// file returns the file that c is in.
func fileOf(c inspector.Cursor) *ast.File {
	for f := range c.Enclosing((*ast.File)(nil)) {
		return f.Node().(*ast.File)
	}
	return nil
}
