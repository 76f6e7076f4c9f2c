package contextvars_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"runtime/pprof"
	"strings"
	"testing"

	cv "github.com/gocontextvars/contextvars"
)

// profiled returns the labels of the running goroutine as the goroutine profile
// shows them to people.
//
//go:noinline
func profiled(t *testing.T) map[string]string {
	t.Helper()
	var text bytes.Buffer
	if err := pprof.Lookup("goroutine").WriteTo(&text, 1); err != nil {
		t.Error(err)
	}
	found := map[string]string{}
	for goroutine := range strings.SplitSeq(text.String(), "\n\n") {
		if !strings.Contains(goroutine, "contextvars_test.profiled") {
			continue // only this one is in here
		}
		if _, after, ok := strings.Cut(goroutine, "# labels: "); ok {
			line, _, _ := strings.Cut(after, "\n")
			if err := json.Unmarshal([]byte(line), &found); err != nil {
				t.Errorf("labels %s: %v", line, err)
			}
		}
		return found
	}
	t.Errorf("the running goroutine is not in the profile:\n%s", &text)
	return nil
}

// wantProfiled says that the profile shows these labels, k=v, and no others.
func wantProfiled(t *testing.T, labels ...string) {
	t.Helper()
	all := map[string]string{}
	for _, l := range labels {
		k, v, _ := strings.Cut(l, "=")
		all[k] = v
	}
	if got := profiled(t); !maps.Equal(got, all) {
		t.Errorf("labels in the profile: got %v, want %v", got, all)
	}
}

func TestLabel(t *testing.T) {
	name, count, plain := cv.New[string]("name", cv.Label()), cv.New[int]("count", cv.Label()), cv.New[int]("plain")
	wantProfiled(t)
	first := name.Set("a")
	wantProfiled(t, "name=a")
	second := count.Set(1)
	plain.Set(5)
	wantProfiled(t, "name=a", "count=1")
	third := name.Set("b")
	wantProfiled(t, "name=b", "count=1")
	want(t, "Restore", third.Restore(), true)
	wantProfiled(t, "name=a", "count=1")
	third = name.Set("c")
	plain.Set(6)
	want(t, "Restore", third.Restore(), true) // not what was set last
	wantProfiled(t, "name=a", "count=1")
	fourth := name.Unset()
	wantProfiled(t, "count=1")
	want(t, "Restore", fourth.Restore(), true)
	wantProfiled(t, "name=a", "count=1")
	want(t, "Restore", first.Restore(), true)
	wantProfiled(t, "count=1")
	name.With("d", func() { wantProfiled(t, "name=d", "count=1") })
	want(t, "Restore", second.Restore(), true)
	wantProfiled(t)
	wantValue(t, plain, 6)
}

func TestLabelText(t *testing.T) {
	for _, value := range []any{"text", "", "with \"quotes\"\nand lines", 12, nil, errors.New("an error"), []int{1, 2}, struct{}{}} {
		v := cv.NewDefault[any]("v", "the default is no label", cv.Label())
		wantProfiled(t)
		v.With(value, func() { wantProfiled(t, "v="+fmt.Sprint(value)) })
	}
	wantProfiled(t)
}

func TestLabelsOfOneName(t *testing.T) {
	a, b := cv.New[int]("same", cv.Label()), cv.New[int]("same", cv.Label())
	a.Set(1)
	token := b.Set(2)
	wantProfiled(t, "same=2")
	a.Set(3)
	wantProfiled(t, "same=3")
	a.Unset()
	wantProfiled(t, "same=2")
	want(t, "Restore", token.Restore(), true)
	wantProfiled(t)
}

func TestLabelInChildren(t *testing.T) {
	v := cv.New[string]("v", cv.Label())
	v.Set("a")
	elsewhere(func() {
		wantProfiled(t, "v=a")
		v.Set("b")
		wantProfiled(t, "v=b")
		elsewhere(func() { wantProfiled(t, "v=b") })
	})
	done := make(chan struct{})
	cv.Go(func() {
		defer close(done)
		wantProfiled(t, "v=a")
	})
	<-done
	elsewhereEmpty(func() { wantProfiled(t) })
	wantProfiled(t, "v=a")
}

func TestLabelOfContext(t *testing.T) {
	v, w := cv.New[string]("v", cv.Label()), cv.New[string]("w", cv.Label())
	v.Set("outside")
	c := cv.NewContext()
	c.Run(func() {
		wantProfiled(t)
		w.Set("inside")
		wantProfiled(t, "w=inside")
		cv.Detach(func() { wantProfiled(t) })
		wantProfiled(t, "w=inside")
	})
	wantProfiled(t, "v=outside")
	elsewhereEmpty(func() {
		c.Run(func() { wantProfiled(t, "w=inside") })
		wantProfiled(t)
	})
	f := cv.Bind(func() { wantProfiled(t, "v=outside"); v.Set("bound") })
	c.Run(func() {
		f()
		wantProfiled(t, "w=inside")
	})
	want(t, "panic", panicOf(func() { c.Run(func() { panic("out") }) }), any("out"))
	wantProfiled(t, "v=outside")
	cv.Adopt(c, cv.NewContext())
	wantProfiled(t, "v=outside", "w=inside")
	cv.Adopt(cv.NewContext(), c)
	wantProfiled(t, "v=outside")
}

// The goroutine's own labels are there whatever context is in force.
func TestOwnLabelsStay(t *testing.T) {
	v := cv.New[string]("v", cv.Label())
	c := contextWith(func() { v.Set("c") })
	pprof.Do(context.Background(), pprof.Labels("own", "1"), func(context.Context) {
		wantProfiled(t, "own=1")
		v.Set("a")
		wantProfiled(t, "own=1", "v=a")
		c.Run(func() { wantProfiled(t, "own=1", "v=c") })
		cv.Detach(func() { wantProfiled(t, "own=1") })
		elsewhere(func() { wantProfiled(t, "own=1", "v=a") })
		elsewhereEmpty(func() { wantProfiled(t, "own=1") })
		f := cv.Bind(func() { wantProfiled(t, "own=2", "v=a") })
		elsewhereEmpty(func() {
			pprof.SetGoroutineLabels(pprof.WithLabels(context.Background(), pprof.Labels("own", "2")))
			f()
			wantProfiled(t, "own=2")
		})
	})
	v.Get() // the first call after Do puts things in order
	wantProfiled(t, "v=a")
	want(t, "a label of an earlier Run", len(profiledIn(t, c)), 1)
}

func profiledIn(t *testing.T, c *cv.Context) (labels map[string]string) {
	c.Run(func() { labels = profiled(t) })
	return labels
}

func TestLabelWins(t *testing.T) {
	v := cv.New[string]("v", cv.Label())
	of := func(labels ...string) context.Context {
		return pprof.WithLabels(context.Background(), pprof.Labels(labels...))
	}
	pprof.Do(context.Background(), pprof.Labels("v", "pprof", "z", "1"), func(context.Context) {
		token := v.Set("variable")
		wantProfiled(t, "v=variable", "z=1")
		pprof.SetGoroutineLabels(of("v", "pprof again", "a", "2"))
		wantValue(t, v, "variable")
		wantProfiled(t, "v=variable", "a=2")
		want(t, "Restore", token.Restore(), true)
		wantProfiled(t, "v=pprof again", "a=2")
		v.With("variable", func() {
			wantProfiled(t, "v=variable", "a=2")
			cv.Detach(func() { wantProfiled(t, "v=pprof again", "a=2") })
		})
		v.Unset()
		wantProfiled(t, "v=pprof again", "a=2")
	})
	wantProfiled(t)
}

func TestLabelAmongMany(t *testing.T) {
	label := cv.New[int]("label", cv.Label())
	for i, n := range testCounts[:12] {
		for range n {
			cv.New[int]("one more").Set(1)
			label.Set(i)
			wantProfiled(t, fmt.Sprint("label=", i))
		}
		elsewhere(func() { wantProfiled(t, fmt.Sprint("label=", i)) })
	}
	label.Unset()
	wantProfiled(t)
}
