package frame

import (
	"runtime"
	"strings"
)

// Calls returns the calls that runtime.Callers gave, from the innermost on that was not made by a package of this
// module on behalf of its caller.
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
		case call.Function == "runtime.goexit":
		default:
			calls = append(calls, call)
		}
	}
	return calls
}
