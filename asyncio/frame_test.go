package asyncio

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/gocontextvars/contextvars/internal/traceback"
)

func TestFramesOfUsersOnly(t *testing.T) {
	stack := []Frame{
		{module + "/asyncio.(*switchboard).through", "asyncio/coroutine.go", 1},
		{module + "/asyncio.(*task).park", "asyncio/park.go", 2},
		{module + "/asyncio.(*Queue[...]).Get", "asyncio/queue.go", 3},
		{"io.ReadAll", "io.go", 4},
		{"main.inner", "main.go", 5},
		{module + "/asyncio.Timeout", "asyncio/timeout.go", 6},
		{module + ".(*Context).Run", "context.go", 7},
		{module + "/internal/current.Enter", "enter.go", 7},
		{module + "/httpvars.Middleware", "httpvars.go", 8},
		{module + "/asyncio.TestMe", "asyncio/me_test.go", 8},
		{module + "/asyncio_test.TestMe", "asyncio/me_test.go", 8},
		{"main.main", "main.go", 9},
		{module + "/asyncio.(*worker).main", "asyncio/worker.go", 10},
		{"iter.Pull[...].func1", "iter.go", 11},
		{"internal/race.Acquire", "race.go", 11},
		{"runtime.corostart", "coro.go", 12},
	}
	var printed []traceback.Frame
	for _, f := range stack {
		printed = append(printed, traceback.Frame(f))
	}
	calls, in := users(printed)
	var names []string
	for _, f := range calls {
		names = append(names, f.name())
	}
	want := []string{
		"io.ReadAll", "main.inner", "httpvars.Middleware", "asyncio.TestMe", "asyncio_test.TestMe", "main.main",
	}
	if !reflect.DeepEqual(names, want) || in != "Queue.Get" {
		t.Errorf("got %v in %q", names, in)
	}
	if calls, in := users(nil); calls != nil || in != "" {
		t.Error("of nothing:", calls, in)
	}
	if calls, in := framesOf(nil); calls != nil || in != "" {
		t.Error("of nothing:", calls, in)
	}
}

func TestFrameCallNames(t *testing.T) {
	for function, want := range map[string]string{
		"Sleep":                         "Sleep",
		"Gather[...]":                   "Gather",
		"(*Queue[...]).Get":             "Queue.Get",
		"(*Lock).Acquire-fm":            "Lock.Acquire",
		"TaskGroup.func1":               "TaskGroup",
		"AsCompleted[...].func1":        "AsCompleted",
		"AsCompleted[...].func1-range1": "AsCompleted",
		"(*Group).Go.func1":             "Group.Go",
		"(*Group).wait":                 "",
		"(*task).park":                  "",
		"(*queue[...]).Get":             "queue.Get",
		"await[...]":                    "",
		"init.0":                        "",
	} {
		got, literal := (Frame{Function: thisPackage + "." + function}).call()
		if got != want || literal != strings.Contains(function, ".func") {
			t.Errorf("%s: got %q, %v, want %q", function, got, literal, want)
		}
	}
	if got, _ := (Frame{Function: "main.Sleep"}).call(); got != "" {
		t.Errorf("main.Sleep: got %q", got)
	}
}

func TestFrameString(t *testing.T) {
	f := Frame{"example.com/a.b/c.(*T).F", "/src/c/t.go", 12}
	if got := fmt.Sprint(f, " ", f.short()); got != "/src/c/t.go:12, in c.(*T).F() c.(*T).F (t.go:12)" {
		t.Error(got)
	}
	if got := f.path(); got != "example.com/a.b/c" {
		t.Error(got)
	}
}
