package dump_test

import (
	"bytes"
	"reflect"
	"runtime"
	"strings"
	"testing"

	"github.com/gocontextvars/contextvars/dump"
)

func parse(t testing.TB, text string) *dump.File {
	t.Helper()
	f, err := dump.Parse(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// one returns the only dump of a text of which nothing is left over but notes of these kinds.
func one(t testing.TB, text string, kinds ...dump.Kind) *dump.Dump {
	t.Helper()
	f := parse(t, text)
	if len(f.Dumps) != 1 {
		t.Fatalf("%d dumps, want 1\n%s", len(f.Dumps), text)
	}
notes:
	for _, n := range f.Notes {
		for _, k := range kinds {
			if n.Kind == k {
				continue notes
			}
		}
		t.Errorf("note: %v", n)
	}
	roundTrip(t, f)
	return f.Dumps[0]
}

// roundTrip writes the file and reads it again.
func roundTrip(t testing.TB, f *dump.File) {
	t.Helper()
	var b bytes.Buffer
	if _, err := f.WriteTo(&b); err != nil {
		t.Fatal(err)
	}
	again := parse(t, b.String())
	wantSame(t, again.Dumps, f.Dumps, b.String())
}

// wantSame compares but for line numbers.
func wantSame(t testing.TB, got, want []*dump.Dump, text string) {
	t.Helper()
	got, want = withoutLines(got), withoutLines(want)
	if reflect.DeepEqual(got, want) {
		return
	}
	for i := range min(len(got), len(want)) {
		for j := range min(len(got[i].Goroutines), len(want[i].Goroutines)) {
			if g, w := got[i].Goroutines[j], want[i].Goroutines[j]; !reflect.DeepEqual(g, w) {
				t.Fatalf("goroutine %d of dump %d after a round trip:\n%#v\nwant\n%#v\ntext\n%q", j, i, *g, *w, text)
			}
		}
		if !reflect.DeepEqual(got[i], want[i]) {
			t.Fatalf("dump %d after a round trip:\n%#v\nwant\n%#v\ntext\n%q", i, *got[i], *want[i], text)
		}
	}
	t.Fatalf("%d dumps after a round trip, want %d; text\n%q", len(got), len(want), text)
}

func withoutLines(dumps []*dump.Dump) []*dump.Dump {
	all := []*dump.Dump{}
	for _, d := range dumps {
		c := *d
		c.Line, c.Goroutines = 0, nil
		for _, g := range d.Goroutines {
			g := *g
			g.Line = 0
			c.Goroutines = append(c.Goroutines, &g)
		}
		all = append(all, &c)
	}
	return all
}

// wantLabels compares the labels of the goroutines that the program has started with what
// it has set.
func wantLabels(t *testing.T, d *dump.Dump, text func(string) string) {
	t.Helper()
	for i, value := range hostile {
		want := dump.Labels{{`a secret, "key": {x}`, "[redacted]"}, {"n", label(i)}, {"tenant", text(value)}}
		found := d.Filter(dump.HasLabel("n", label(i)))
		functions := map[string]int{}
		for _, g := range found.Goroutines {
			if !reflect.DeepEqual(g.Labels, want) {
				t.Errorf("goroutine %d: labels %q, want %q", g.ID, g.Labels, want)
			}
			if g.Carried {
				t.Errorf("goroutine %d: Carried", g.ID)
			}
			if len(g.Frames) > 0 {
				functions[g.Frames[0].Func] += g.Count
			}
		}
		if found.Count() != 2 {
			t.Errorf("%d goroutines with value %d, %q, want 2; they are in %v", found.Count(), i, value, functions)
		}
	}
	carried := 0
	for _, g := range d.Goroutines {
		if _, ok := g.Labels.Get("k"); ok != g.Carried {
			t.Errorf("goroutine %d: Carried: %v, want %v", g.ID, g.Carried, ok)
		} else if ok {
			carried++
		}
		if _, ok := g.Labels.Get("forged"); ok {
			t.Errorf("goroutine %d has a forged label", g.ID)
		}
		if g.ID == 999 || g.ID == 998 {
			t.Error("a forged goroutine")
		}
		for i := range g.Frames {
			if strings.HasSuffix(g.Frames[i].Func, "dump_test.detached") && g.Labels != nil {
				t.Errorf("labels on a goroutine without a context: %q", g.Labels)
			}
		}
	}
	if carried != 1 {
		t.Errorf("%d goroutines Carried, want 1", carried)
	}
}

// tracebackText is what the running release's tracebacks make of a value.
func tracebackText() func(string) string {
	if strings.HasPrefix(runtime.Version(), "go1.26") {
		return lossy
	}
	return func(s string) string { return s }
}

const (
	withLabels    = "GODEBUG=tracebacklabels=1"
	withoutLabels = "GODEBUG=tracebacklabels=0"
)

func TestStackOfAll(t *testing.T) {
	d := one(t, run(t, "stack", withLabels))
	wantLabels(t, d, tracebackText())
	if d.Reason != "" || d.Profile != "" {
		t.Errorf("Reason %q, Profile %q", d.Reason, d.Profile)
	}
	main := d.Goroutines[0]
	if main.ID != 1 || main.State != "running" || main.CreatedBy != nil {
		t.Errorf("first goroutine: %+v", main)
	}
	if v, _ := main.Labels.Get("tenant"); v != "of the main goroutine" {
		t.Errorf("labels of the main goroutine: %q", main.Labels)
	}
	byID := map[uint64]*dump.Goroutine{}
	for _, g := range d.Goroutines {
		byID[g.ID] = g
	}
	for _, g := range d.Goroutines[1:] {
		f := g.Where()
		if f == nil || f.Line == 0 || !strings.HasSuffix(f.File, "child_test.go") && f.Func != "runtime/pprof.Do" {
			t.Errorf("goroutine %d is at %+v", g.ID, f)
		}
		if g.CreatedBy == nil || byID[g.CreatorID] == nil {
			t.Errorf("goroutine %d: created by %+v in %d", g.ID, g.CreatedBy, g.CreatorID)
			continue
		}
		if strings.HasSuffix(f.Func, "inherits") && (!g.Locked || byID[g.CreatorID].CreatorID != 1) {
			t.Errorf("goroutine %d: %+v", g.ID, *g)
		}
	}
}

func TestWithoutLabels(t *testing.T) {
	for _, mode := range []string{"stack", "profile2"} {
		d := one(t, run(t, mode, withoutLabels))
		if keys := d.Keys(); len(keys) > 0 {
			t.Errorf("labels: %v", keys)
		}
		if d.Count() < 2*len(hostile)+3 {
			t.Errorf("%d goroutines", d.Count())
		}
	}
}

func TestProfiles(t *testing.T) {
	wantLabels(t, one(t, run(t, "profile2", withLabels)), tracebackText())
	d := one(t, run(t, "profile1", withoutLabels)) // always has them, and exactly
	wantLabels(t, d, func(s string) string { return s })
	if d.Profile != "goroutine" || d.Total < 2*len(hostile)+3 || d.Count() != d.Total {
		t.Errorf("profile %q of %d, %d read", d.Profile, d.Total, d.Count())
	}
	for _, g := range d.Goroutines {
		if !g.Aggregated() || g.ID != 0 || len(g.Frames) == 0 || g.Frames[0].PC == 0 {
			t.Errorf("%+v", *g)
		}
	}
}

func TestPanic(t *testing.T) {
	for _, level := range []string{"all", "system", "crash"} {
		t.Run(level, func(t *testing.T) {
			d := one(t, run(t, "panic", withLabels, "GOTRACEBACK="+level), dump.Signal, dump.Registers)
			wantLabels(t, d, tracebackText())
			if want := "panic: boom\n\tgoroutine 998 [running]:\n\tmain.fake()\n\t\t/fake.go:1 +0x1"; !strings.HasPrefix(d.Reason, want) {
				t.Errorf("Reason %q, want %q", d.Reason, want)
			}
			// What the panicking goroutine has deferred has been run by now, Restore with it.
			if v, ok := d.Goroutines[0].Labels.Get("tenant"); ok {
				t.Errorf("tenant %q on the goroutine that panics", v)
			}
			if v, _ := d.Goroutines[0].Labels.Get("n"); v != "-1" { // was set without a Restore
				t.Errorf("labels of the goroutine that panics: %q", d.Goroutines[0].Labels)
			}
		})
	}
}

// What a goroutine has inherited it shows when it panics, since it restores nothing.
func TestPanicOfHeir(t *testing.T) {
	d := one(t, run(t, "panic of an heir", withLabels, "GOTRACEBACK=single"))
	if v, _ := d.Goroutines[0].Labels.Get("tenant"); v != "of the main goroutine" || len(d.Goroutines) != 1 {
		t.Errorf("labels of the goroutine that panics: %q", d.Goroutines[0].Labels)
	}
}

func TestQuit(t *testing.T) {
	for _, level := range []string{"single", "system", "crash"} {
		t.Run(level, func(t *testing.T) {
			d := one(t, run(t, "quit", withLabels, "GOTRACEBACK="+level), dump.Signal, dump.Registers)
			wantLabels(t, d, tracebackText())
			if !strings.HasPrefix(d.Reason, "SIGQUIT: quit\nPC=") {
				t.Errorf("Reason %q", d.Reason)
			}
			for _, g := range d.Filter(dump.HasLabel("tenant", "of the main goroutine")).Goroutines {
				if g.ID == 1 {
					return
				}
			}
			t.Error("the main goroutine has no tenant")
		})
	}
}

func TestStackExceeded(t *testing.T) {
	d := one(t, run(t, "exceeds", withLabels, "GOTRACEBACK=all"))
	wantLabels(t, d, tracebackText())
	if !strings.Contains(d.Reason, "fatal error: stack overflow") || len(d.RuntimeStack.Frames) == 0 {
		t.Errorf("Reason %q, runtime's stack %v", d.Reason, d.RuntimeStack.Frames)
	}
	g := d.Goroutines[0]
	if g.Elided < 1000 || g.ElidedAt != 50 || len(g.Frames) != 100 {
		t.Errorf("%d frames, %d elided at %d", len(g.Frames), g.Elided, g.ElidedAt)
	}
	if v, _ := g.Labels.Get("tenant"); v != "of the main goroutine" {
		t.Errorf("labels of the goroutine that failed: %q", g.Labels)
	}
}
