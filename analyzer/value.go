package analyzer

import (
	"go/ast"
	"go/types"

	"golang.org/x/tools/go/ast/edge"
	"golang.org/x/tools/go/ast/inspector"
)

// onlyValue returns the expression that the local variable v is given, if there is only one.
func (u *unit) onlyValue(v *types.Var) (inspector.Cursor, bool) {
	if v.IsField() || v.Pkg() != u.pkg {
		return inspector.Cursor{}, false
	}
	for _, use := range u.uses[v] {
		switch use.ParentEdgeKind() {
		case edge.AssignStmt_Lhs, edge.UnaryExpr_X, edge.RangeStmt_Key, edge.RangeStmt_Value:
			return inspector.Cursor{}, false // it is given another value, or anybody may do so
		}
	}
	def, ok := u.definition(v)
	if !ok {
		return inspector.Cursor{}, false
	}
	i, parent := def.ParentEdgeIndex(), def.Parent()
	switch n := parent.Node().(type) {
	case *ast.AssignStmt:
		if len(n.Lhs) == len(n.Rhs) {
			return parent.ChildAt(edge.AssignStmt_Rhs, i), true
		}
	case *ast.ValueSpec:
		if len(n.Names) == len(n.Values) {
			return parent.ChildAt(edge.ValueSpec_Values, i), true
		}
	}
	return inspector.Cursor{}, false
}

// definition returns where v is declared.
func (u *unit) definition(v *types.Var) (inspector.Cursor, bool) {
	if c, ok := u.root.FindByPos(v.Pos(), v.Pos()); ok {
		for id := range c.Preorder((*ast.Ident)(nil)) {
			if u.info.Defs[id.Node().(*ast.Ident)] == v {
				return id, true
			}
		}
	}
	return inspector.Cursor{}, false
}

func childOf(c inspector.Cursor, n ast.Node) inspector.Cursor {
	for child := range c.Children() {
		if child.Node() == n {
			return child
		}
	}
	return c
}

// valuesOf returns the expressions that the local variable id is given.
func (u *unit) valuesOf(id *ast.Ident) []inspector.Cursor {
	v, ok := u.info.Uses[id].(*types.Var)
	if !ok || v.IsField() || v.Pkg() != u.pkg {
		return nil
	}
	places := u.uses[v]
	if def, ok := u.definition(v); ok {
		places = append([]inspector.Cursor{def}, places...)
	}
	var values []inspector.Cursor
	for _, c := range places {
		switch n := c.Parent().Node().(type) {
		case *ast.AssignStmt:
			if c.ParentEdgeKind() != edge.AssignStmt_Lhs {
				continue
			}
			i := c.ParentEdgeIndex()
			if len(n.Lhs) != len(n.Rhs) {
				i = 0
			}
			values = append(values, c.Parent().ChildAt(edge.AssignStmt_Rhs, i))
		case *ast.ValueSpec:
			if c.ParentEdgeKind() == edge.ValueSpec_Names && len(n.Values) == len(n.Names) {
				values = append(values, c.Parent().ChildAt(edge.ValueSpec_Values, c.ParentEdgeIndex()))
			}
		}
	}
	return values
}
