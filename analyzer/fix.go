package analyzer

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"path"
	"slices"
	"strconv"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/ast/edge"
	"golang.org/x/tools/go/ast/inspector"
)

// insertion is an edit that adds text at pos.
func insertion(pos token.Pos, text string) analysis.TextEdit {
	return analysis.TextEdit{Pos: pos, End: pos, NewText: []byte(text)}
}

// wrap is a fix that puts text before and after an expression, where the first begins with
// the name of a function of the package at path.
func (u *unit) wrap(at inspector.Cursor, message, importPath, before, after string) []analysis.SuggestedFix {
	n := at.Node()
	qualifier, edits, ok := u.qualifier(at, importPath)
	if !ok {
		return nil
	}
	edits = append(edits, insertion(n.Pos(), qualifier+before), insertion(n.End(), after))
	return []analysis.SuggestedFix{{Message: message, TextEdits: edits}}
}

// qualifier returns what stands before a name of the package at importPath in the file of
// at, and the edits that import it if it is not. It fails where the name means something else.
func (u *unit) qualifier(at inspector.Cursor, importPath string) (string, []analysis.TextEdit, bool) {
	file, pos := fileOf(at), at.Node().Pos()
	scope := u.pkg.Scope().Innermost(pos)
	if scope == nil {
		return "", nil, false
	}
	for _, spec := range file.Imports {
		if p, err := strconv.Unquote(spec.Path.Value); err != nil || p != importPath {
			continue
		}
		name := path.Base(importPath)
		if spec.Name != nil {
			name = spec.Name.Name
		}
		switch name {
		case "_":
			continue
		case ".":
			return "", nil, true
		}
		_, obj := scope.LookupParent(name, pos)
		pkg, ok := obj.(*types.PkgName)
		return name + ".", nil, ok && pathOf(pkg.Imported()) == importPath
	}
	name := path.Base(importPath)
	if _, obj := scope.LookupParent(name, pos); obj != nil || u.pkg.Scope().Lookup(name) != nil {
		return "", nil, false
	}
	return name + ".", []analysis.TextEdit{addImport(file, importPath)}, true
}

// addImport is an edit that imports a package into a file. Where it is put among the others is
// for gofmt to see.
func addImport(file *ast.File, importPath string) analysis.TextEdit {
	for _, d := range slices.Backward(file.Decls) {
		if g, ok := d.(*ast.GenDecl); ok && g.Tok == token.IMPORT {
			if g.Rparen.IsValid() {
				last := g.Specs[len(g.Specs)-1]
				return insertion(last.End(), fmt.Sprintf("\n\t%q", importPath))
			}
			return insertion(g.End(), fmt.Sprintf("\nimport %q", importPath))
		}
	}
	return insertion(file.Name.End(), fmt.Sprintf("\n\nimport %q", importPath))
}

// rename is a fix that calls name of the package at importPath, in the place of the function
// that call calls. There is none if nothing else in the file needs the import of
// that one.
func (u *unit) rename(call inspector.Cursor, message, importPath, name string) []analysis.SuggestedFix {
	fun := call.Node().(*ast.CallExpr).Fun
	switch x := fun.(type) { // type arguments stay
	case *ast.IndexExpr:
		fun = x.X
	case *ast.IndexListExpr:
		fun = x.X
	}
	sel, ok := fun.(*ast.SelectorExpr)
	if !ok {
		return nil
	}
	id, ok := sel.X.(*ast.Ident)
	if !ok || !u.neededElsewhere(id, sel.Sel.Name, fileOf(call)) {
		return nil
	}
	qualifier, edits, ok := u.qualifier(call, importPath)
	if !ok {
		return nil
	}
	edits = append(edits, analysis.TextEdit{Pos: sel.Pos(), End: sel.End(), NewText: []byte(qualifier + name)})
	return []analysis.SuggestedFix{{Message: message, TextEdits: edits}}
}

// neededElsewhere reports whether the file uses the package that id names for anything but
// the function called name: the same fix may be made for all of those.
func (u *unit) neededElsewhere(id *ast.Ident, name string, file *ast.File) bool {
	for _, use := range u.uses[u.info.Uses[id]] {
		if fileOf(use) != file || use.ParentEdgeKind() != edge.SelectorExpr_X {
			continue
		}
		if use.Parent().Node().(*ast.SelectorExpr).Sel.Name != name {
			return true
		}
	}
	return false
}
