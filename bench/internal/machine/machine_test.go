package machine

import "testing"

func TestString(t *testing.T) {
	m := Machine{Go: "go1.0", Platform: "plan9/386", Procs: 2}
	if got, want := m.String(), "go1.0, plan9/386, GOMAXPROCS=2"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	m.CPU = "abacus"
	if got, want := m.String(), "go1.0, plan9/386, GOMAXPROCS=2, abacus"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}
