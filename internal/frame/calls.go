package frame

import (
	"runtime"
	"strings"
)

// Calls returns the calls that runtime.Callers gave, from the innermost on that was not made by a package of this
// module on behalf of its caller, and up to the begin of the work that they belong to: what is around that is the server's.
func Calls(pcs []uintptr) (calls []runtime.Frame) {
	if len(pcs) == 0 {
		return nil
	}
	frames := runtime.CallersFrames(pcs)
	for more := true; more; {
		var call runtime.Frame
		call, more = frames.Next()
		switch {
		case len(calls) == 0 && (onBehalf(call.Function) || strings.HasPrefix(call.Function, module+"/asyncio.")):
		case strings.HasPrefix(call.Function, module+"/lifetime."), call.Function == "runtime.goexit":
			return calls
		default:
			calls = append(calls, call)
		}
	}
	return calls
}
