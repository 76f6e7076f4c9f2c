package vartest_test

import (
	"testing"

	"github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/vartest"
)

var language = contextvars.NewDefault("language", "en")

func greeting() string {
	if language.Get() == "de" {
		return "Guten Tag"
	}
	return "Good day"
}

// testGreeting is TestGreeting in a test file.
func testGreeting(t *testing.T) {
	t.Parallel() // each test has a context of its own
	vartest.Set(t, language, "de")

	inGoroutine := make(chan string)
	go func() { inGoroutine <- greeting() }()
	for _, got := range []string{greeting(), <-inGoroutine} {
		if got != "Guten Tag" {
			t.Errorf("greeting() = %q", got)
		}
	}
}

// Set needs a test's t, so this shows a test; there is no output to compare.
func ExampleSet() {
	_ = testGreeting
}
