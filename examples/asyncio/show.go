package main

import (
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/asyncio"
)

// A show is what the parts print to, and what they check values with. All tasks use the same one, and without
// a lock, since on an event loop one task runs at a time.
type show struct {
	options
	out            io.Writer
	checked, wrong int
	findings       []finding
}

// A finding is the first wrong value of what was looked at.
type finding struct{ what, is string }

// maxFindings is how many findings are kept. The first ones tell most.
const maxFindings = 10

// part runs p in a task of its own, and prints how it went.
func (s *show) part(p part) error {
	fmt.Fprintf(s.out, "%s: %s\n", p.name, p.about)
	start, checked, wrong := time.Now(), s.checked, s.wrong
	_, err := asyncio.Go(func() error { return p.run(s) }, asyncio.WithName(p.name)).Await()
	s.say("%s values checked, %s wrong, %v", thousands(s.checked-checked), thousands(s.wrong-wrong),
		time.Since(start).Round(time.Millisecond))
	return err
}

func (s *show) say(format string, args ...any) { fmt.Fprintf(s.out, "  "+format+"\n", args...) }

// summary prints what was wrong.
func (s *show) summary() {
	fmt.Fprintf(s.out, "\n%s values checked, %s wrong\n", thousands(s.checked), thousands(s.wrong))
	for _, f := range s.findings {
		s.say("%s is %s", f.what, f.is)
	}
}

// check compares what was seen with what has to be.
func check[T comparable](s *show, what string, got, want T) {
	s.checked++
	if got == want {
		return
	}
	s.wrong++
	known := slices.ContainsFunc(s.findings, func(f finding) bool { return f.what == what })
	if !known && len(s.findings) < maxFindings {
		s.findings = append(s.findings, finding{what, fmt.Sprintf("%v, should be %v", got, want)})
	}
}

// own returns the options for tasks that should have a context each; a mistake gives them one for all.
func (s *show) own() []asyncio.CallOption {
	if s.mistake == sharedContext {
		return []asyncio.CallOption{asyncio.WithContext(contextvars.CopyContext())}
	}
	return nil
}

// thousands writes 20,000.
func thousands(n int) string {
	if n < 1000 {
		return fmt.Sprint(n)
	}
	return fmt.Sprintf("%s,%03d", thousands(n/1000), n%1000)
}
