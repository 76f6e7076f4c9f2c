package analyzer

import (
	"fmt"
	"go/ast"
	"strings"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/ast/edge"
	"golang.org/x/tools/go/ast/inspector"
)

// Once finds work that is done once for many callers and reads variables: it sees
// those of the caller that came first. Variables that the key of a single flight
// depends on are the same for all who share it.
var Once = check("once",
	"find functions of sync.Once and singleflight that read their first caller's variables",
	func(r *reporter) {
		for _, c := range r.calls {
			call := c.Node().(*ast.CallExpr)
			fn := r.callee(call)
			once, ok := onces[r.funcName(fn)]
			if !ok || len(call.Args) == 0 {
				continue
			}
			arg, set := r.jobAt(c, len(call.Args)-1)
			if once.key >= 0 {
				for key := range r.dependsOn(c.ChildAt(edge.CallExpr_Args, once.key), 0) {
					delete(set, key)
				}
			}
			if len(set) == 0 {
				continue
			}
			var fixes []analysis.SuggestedFix
			if name := fn.Name(); strings.HasPrefix(name, "Once") {
				fixes = r.rename(c, "Call syncvars."+name, home+"/syncvars", name)
			}
			r.report(arg.Node(), fmt.Sprintf("this is called for the first caller alone, and reads %s, which others may have otherwise; "+
				"pass what it needs, or use %s", set, once.help), fixes...)
		}
	})

// dependsOn returns the variables that are read for the value of an expression.
func (r *reporter) dependsOn(c inspector.Cursor, depth int) readSet {
	set := r.readsIn(c)
	if depth > 3 {
		return set
	}
	for id := range c.Preorder((*ast.Ident)(nil)) {
		for _, value := range r.valuesOf(id.Node().(*ast.Ident)) {
			for key := range r.dependsOn(value, depth+1) {
				set[key] = true
			}
		}
	}
	return set
}
