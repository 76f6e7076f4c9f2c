package vartest

import (
	"context"
	"reflect"
	"runtime/pprof"
	"testing"
)

func TestParseHolders(t *testing.T) {
	const (
		head  = "goroutine profile: total 9\n"
		stack = "#\t0x47a0ce\tmain.work+0x2e\t\t/src/a b/work.go:12\n#\t0x4101a5\tmain.main.func1+0x25\t/src/main.go:7\n\n"
		label = `"vartest":"7"`
	)
	frames := []frame{{"main.work", "/src/a b/work.go:12"}, {"main.main.func1", "/src/main.go:7"}}
	for name, c := range map[string]struct {
		profile string
		want    []holder
	}{
		"empty":            {head, nil},
		"no labels":        {head + "1 @ 0x1 0x2\n" + stack, nil},
		"the label":        {head + "2 @ 0x1 0x2\n# labels: {\"vartest\":\"7\"}\n" + stack, []holder{{2, frames}}},
		"among others":     {head + "1 @ 0x1\n# labels: {\"a\":\"b\", \"vartest\":\"7\", \"z\":\"\"}\n" + stack, []holder{{1, frames}}},
		"another mark":     {head + "1 @ 0x1\n# labels: {\"vartest\":\"77\"}\n" + stack, nil},
		"another key":      {head + "1 @ 0x1\n# labels: {\"my_vartest\":\"7\"}\n" + stack, nil},
		"in another value": {head + "1 @ 0x1\n# labels: {\"a\":\"\\\"vartest\\\":\\\"7\\\"\"}\n" + stack, nil},
		"no stack":         {head + "1 @\n# labels: {\"vartest\":\"7\"}\n\n", []holder{{1, nil}}},
		"no symbols":       {head + "1 @ 0x1\n# labels: {\"vartest\":\"7\"}\n#\t0x1\n\n", []holder{{1, []frame{{"0x1", ""}}}}},
		"several": {
			head + "3 @ 0x1\n# labels: {\"vartest\":\"7\"}\n" + stack + "2 @ 0x2\n" + stack +
				"1 @ 0x3\n# labels: {\"vartest\":\"8\"}\n" + stack + "1 @ 0x4\n# labels: {\"vartest\":\"7\"}\n" + stack,
			[]holder{{3, frames}, {1, frames}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			if got := parseHolders(c.profile, label); !reflect.DeepEqual(got, c.want) {
				t.Errorf("got %v, want %v", got, c.want)
			}
		})
	}
}

// Whatever text another label has, it must not look like ours.
func FuzzForeignLabels(f *testing.F) {
	f.Add("vartest", "x")
	f.Add("a", `"vartest":"7"`)
	f.Add(`vartest":"7`, "")
	f.Add("a\n# labels: {\"vartest\":\"7\"}", "\n1 @ 0x1\n# labels: {\"vartest\":\"7\"}")
	f.Fuzz(func(t *testing.T, key, value string) {
		if key == "vartest" && value == "7" {
			return
		}
		ctx := pprof.WithLabels(context.Background(), pprof.Labels(key, value))
		pprof.Do(ctx, pprof.Labels(), func(context.Context) {
			if got := holdersOf("7"); len(got) != 0 {
				t.Errorf("with the label %q=%q: %v", key, value, got)
			}
		})
	})
}

func TestHolderText(t *testing.T) {
	for _, c := range []struct {
		h    holder
		want string
	}{
		{holder{1, []frame{{"main.work", "/src/work.go:12"}}}, "1 goroutine:\n\tmain.work\n\t\t/src/work.go:12\n"},
		{holder{2, []frame{{"0x1", ""}}}, "2 goroutines:\n\t0x1\n"},
	} {
		if got := c.h.String(); got != c.want {
			t.Errorf("got %q, want %q", got, c.want)
		}
	}
}
