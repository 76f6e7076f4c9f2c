package analyzer

import (
	"fmt"
	"go/ast"
	"go/types"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/ast/edge"
	"golang.org/x/tools/go/ast/inspector"
)

// Job finds functions that read variables and are handed, without Bind, to a timer, a pool
// or the garbage collector: they run where other values are in force, or none.
var Job = check("job",
	"find timers, clean-ups and jobs of pools that read variables and are not bound",
	func(r *reporter) {
		for _, c := range r.calls {
			call := c.Node().(*ast.CallExpr)
			fn := r.callee(call)
			if fn == nil {
				continue
			}
			switch r.funcName(fn) {
			case "time.AfterFunc":
				r.job(c, 1, "a timer's function sees nothing", "AfterFunc")
			case "context.AfterFunc":
				r.job(c, 1, "a function of context.AfterFunc sees the canceller's", "AfterDone")
			case "runtime.AddCleanup":
				r.job(c, 1, "a clean-up sees nothing", "")
			case "runtime.SetFinalizer":
				r.job(c, 1, "a finalizer sees nothing", "")
			default:
				if p, ok := poolOf(fn); ok && !r.adapted(fn, p) {
					for i := range call.Args {
						r.pooled(c, i, p)
					}
				}
			}
		}
	})

// job reports argument number i of the call at c if it reads variables; instead is
// the function of package contextvars to call instead, if there is one.
func (r *reporter) job(c inspector.Cursor, i int, sees, instead string) {
	arg, set := r.jobAt(c, i)
	if len(set) == 0 {
		return
	}
	var fixes []analysis.SuggestedFix
	help, bind := bindFor(r.info.TypeOf(arg.Node().(ast.Expr)))
	if instead != "" {
		help = instead
		fixes = r.rename(c, "Call contextvars."+instead, home, instead)
	}
	if fixes == nil && bind {
		fixes = r.bound(arg)
	}
	r.report(arg.Node(), fmt.Sprintf("%s, and this one reads %s%s", sees, set, use(help)), fixes...)
}

// pooled reports argument number i of a call that hands it to a pool.
func (r *reporter) pooled(c inspector.Cursor, i int, p pool) {
	arg, set := r.jobAt(c, i)
	if len(set) == 0 {
		return
	}
	help, bind := bindFor(r.info.TypeOf(arg.Node().(ast.Expr)))
	var fixes []analysis.SuggestedFix
	// What a pool is made with is called for each of many jobs, and one who makes it is not
	// who hands them in.
	if made := r.callee(c.Node().(*ast.CallExpr)).Signature().Recv() == nil && i > 0; made {
		help = ""
	} else if bind {
		fixes = r.bound(arg)
	}
	message := fmt.Sprintf("a job of a pool sees what the goroutine's first job or the last one had, and this one reads %s%s",
		set, use(help))
	switch {
	case p.help != "" && help != "":
		message += ", or package " + p.help
	case p.help != "":
		message += "; use package " + p.help
	case help == "":
		message += "; take what it needs as arguments"
	}
	r.report(arg.Node(), message, fixes...)
}

// adapted reports whether the pools of fn's interface may be those of an adapter.
func (r *reporter) adapted(fn *types.Func, p pool) bool {
	recv := fn.Signature().Recv()
	if recv == nil || !types.IsInterface(recv.Type()) {
		return false
	}
	for _, imported := range r.pkg.Imports() {
		if p.help != "" && pathOf(imported) == home+"/contrib/"+p.help {
			return true
		}
	}
	return false
}

// jobAt returns argument number i of the call at c, and what it reads if it is a function.
func (r *reporter) jobAt(c inspector.Cursor, i int) (inspector.Cursor, readSet) {
	call := c.Node().(*ast.CallExpr)
	if i >= len(call.Args) {
		return c, nil
	}
	arg := c.ChildAt(edge.CallExpr_Args, i)
	if t := r.info.TypeOf(call.Args[i]); t == nil {
		return arg, nil
	} else if _, ok := t.Underlying().(*types.Signature); !ok {
		return arg, nil
	}
	return arg, r.readsOf(arg)
}

// bound is the fix that binds a function.
func (r *reporter) bound(arg inspector.Cursor) []analysis.SuggestedFix {
	name, _ := bindFor(r.info.TypeOf(arg.Node().(ast.Expr)))
	return r.wrap(arg, "Bind it to the context that is current here", home, name+"(", ")")
}

// bindFor returns the function of package contextvars that binds a function of type t, and
// whether there is one.
func bindFor(t types.Type) (string, bool) {
	sig, ok := t.Underlying().(*types.Signature)
	if !ok || sig.Variadic() {
		return "", false
	}
	switch [2]int{sig.Params().Len(), sig.Results().Len()} {
	case [2]int{0, 0}:
		return "Bind", true
	case [2]int{1, 0}:
		return "Bind1", true
	case [2]int{1, 1}:
		return "BindResult", true
	}
	return "", false
}

func use(help string) string {
	if help == "" {
		return ""
	}
	return "; use contextvars." + help
}
