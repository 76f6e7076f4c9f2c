package thirdparty_test

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/DataDog/gostackparse"
	"github.com/maruel/panicparse/v2/stack"
	"go.uber.org/goleak"

	"github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/dump"
)

// What parsers of goroutine dumps make of labels. The documentation of package dump says
// it; when a new release of theirs does better, it has to be told there.
func TestDumpParsers(t *testing.T) {
	const frame = "main.f()\n\t/main.go:1 +0x1\n"
	for _, c := range []struct{ header, panicparse, gostackparse, ours string }{
		{`goroutine 7 [select, 5 minutes]:`,
			"select 5", "select 5", "select 5 []"},
		{`goroutine 7 [select, 5 minutes labels:{"tenant": "acme"}]:`,
			"select 0", "", "select 5 [{tenant acme}]"},
		{`goroutine 7 [select labels:{"tenant": "a, 3 minutes"}]:`,
			`select labels:{"tenant": "a 0`, "", "select 0 [{tenant a, 3 minutes}]"},
		{`goroutine 7 [select labels:{"tenant": "a]: b"}]:`,
			"", `select labels:{"tenant": "a]: b"} 0`, "select 0 [{tenant a]: b}]"},
		{`goroutine 7 [select, 5 minutes] {tenant: acme}:`,
			"", "", "select 5 [{tenant acme}]"},
	} {
		text := c.header + "\n" + frame

		got := ""
		snapshot, _, err := stack.ScanSnapshot(strings.NewReader(text), io.Discard, stack.DefaultOpts())
		if err != nil && err != io.EOF {
			t.Errorf("panicparse: %v", err)
		}
		if snapshot != nil {
			got = fmt.Sprint(snapshot.Goroutines[0].State, " ", snapshot.Goroutines[0].SleepMax)
		}
		if got != c.panicparse {
			t.Errorf("%s: panicparse reads %q, want %q", c.header, got, c.panicparse)
		}

		got = ""
		goroutines, failed := gostackparse.Parse(bytes.NewReader([]byte(text)))
		for _, g := range goroutines {
			got += fmt.Sprint(g.State, " ", g.Wait.Minutes())
		}
		if got != c.gostackparse || (got == "") != (len(failed) > 0) {
			t.Errorf("%s: gostackparse reads %q, %v, want %q", c.header, got, failed, c.gostackparse)
		}

		f, err := dump.Parse(strings.NewReader(text))
		if err != nil || len(f.Notes) > 0 {
			t.Fatal(err, f.Notes)
		}
		g := f.Dumps[0].Goroutines[0]
		if got := fmt.Sprint(g.State, " ", g.WaitMinutes, " ", g.Labels); got != c.ours {
			t.Errorf("%s: we read %q, want %q", c.header, got, c.ours)
		}
	}
}

// goleak finds what it should, and shows labels as a part of the state.
func TestDumpOfGoleak(t *testing.T) {
	t.Setenv("GODEBUG", "tracebacklabels=1")
	tenant := contextvars.New[string]("tenant", contextvars.Label())
	stop, ended := make(chan bool), make(chan bool)
	ignore := goleak.IgnoreCurrent()
	tenant.With("two words", func() {
		go func() { <-stop; close(ended) }()
	})
	err := goleak.Find(ignore)
	close(stop)
	<-ended
	if err == nil || !strings.Contains(err.Error(), `in state chan receive`) || !strings.Contains(err.Error(), `"two words"`) {
		t.Errorf("goleak: %v", err)
	}
}
