package analyzer

import (
	"go/ast"
	"go/types"

	"golang.org/x/tools/go/ast/inspector"
)

// An optionFact says of a variable which options it was made with, of those that matter here.
type optionFact struct {
	Local bool
	Back  bool // it travels back, so it is set in order to be left
}

func (*optionFact) AFact() {}

func (f *optionFact) String() string {
	switch {
	case f.Local && f.Back:
		return "local, back"
	case f.Local:
		return "local"
	}
	return "back"
}

// findOptions fills u.options for the variables of this package.
func (u *unit) findOptions() {
	for _, c := range u.calls {
		call := c.Node().(*ast.CallExpr)
		if fn := u.callee(call); fn == nil || !u.makes(fn) {
			continue
		}
		if o := u.optionsOf(c); o != (optionFact{}) {
			if f := u.fateOf(c); f.kind == assigned {
				u.options[f.to] = o
			}
		}
	}
}

// optionsOf returns what the options say in the call that makes a variable.
func (u *unit) optionsOf(call inspector.Cursor) (o optionFact) {
	for id := range call.Preorder((*ast.Ident)(nil)) {
		switch obj := u.info.Uses[id.Node().(*ast.Ident)].(type) {
		case *types.Func:
			o.Local = o.Local || u.funcName(obj) == home+".Local"
		case *types.Const:
			o.Back = o.Back || obj.Name() == "Back" && pathOf(obj.Pkg()) == home+"/wire"
		}
	}
	return o
}
