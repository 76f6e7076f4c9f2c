package wire_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/wire"
)

// wantPanic checks that f panics with a message that has all the parts.
func wantPanic(t *testing.T, f func(), parts ...string) {
	t.Helper()
	defer func() {
		t.Helper()
		message := fmt.Sprint(recover())
		for _, part := range append(parts, "wire: ") {
			if !strings.Contains(message, part) {
				t.Errorf("panic %q does not have %q", message, part)
			}
		}
	}()
	f()
}

func TestWhatCannotTravelIsRefused(t *testing.T) {
	type plain struct{ A int }
	travels := wire.Travels(wire.AllHops)
	wantPanic(t, func() { contextvars.New[plain]("x1", travels) }, `"x1"`, "wire_test.plain", "no encoding", "wire.JSON")
	wantPanic(t, func() { contextvars.New[[]byte]("x2", travels) }, `"x2"`, "[]uint8")
	wantPanic(t, func() { contextvars.New[any]("x3", travels) }, `"x3"`)
	wantPanic(t, func() { contextvars.New[error]("x4", travels) }, `"x4"`)
	wantPanic(t, func() {
		contextvars.New[int]("x5", wire.Travels(wire.AllHops, wire.Encoding(wire.JSON[plain]())))
	}, `"x5"`, "int", "wire_test.plain")
	for _, name := range []string{"with space", "", "a,b", "a=b", "a;b", "a%b", "a\"b", "é", "a+b", strings.Repeat("x", 257)} {
		wantPanic(t, func() { contextvars.New[int](name, travels) }, fmt.Sprintf("%q", name), "wire.As")
		wantPanic(t, func() { contextvars.New[int]("x6", wire.Travels(wire.AllHops, wire.As(name))) }, `"x6"`, "wire.As")
	}
	wantPanic(t, func() { contextvars.New[string]("tenant", travels) }, `"tenant"`, "two variables", "wire.As")
	wantPanic(t, func() { contextvars.New[string]("x7", wire.Travels(wire.AllHops, wire.As("other-key"))) }, `"other-key"`)
	for _, options := range [][]contextvars.Option{{contextvars.Local(), travels}, {travels, contextvars.Local()}} {
		wantPanic(t, func() { contextvars.New[string]("x8", options...) }, `"x8"`, "Local")
	}
	wantPanic(t, func() { contextvars.New[string]("x11", travels, wire.Travels(wire.Back, wire.As("x12"))) }, `"x11"`, "two Travels")
	for _, reach := range []wire.Reach{0, wire.OneHop | wire.AllHops, wire.OneHop | wire.AllHops | wire.Back, 8} {
		wantPanic(t, func() { contextvars.New[string]("x9", wire.Travels(reach)) }, `"x9"`, "OneHop")
	}
	wantPanic(t, func() { contextvars.New[string]("x10", wire.Travels(wire.Back, nil)) }, `"x10"`, "number 1")
	for _, n := range []int{0, -1, wire.MaxBytes + 1} {
		wantPanic(t, func() { wire.MaxValueBytes(n) }, fmt.Sprint(n))
	}
	wantPanic(t, func() { wire.Encoding[int](nil) }, "nil Codec")
	// None of these has taken a name.
	if p, r := open(); true {
		received(p, "x1=1,x8=1", func() {})
		r.want(t, nil)
	}
}

func TestReachString(t *testing.T) {
	for reach, want := range map[wire.Reach]string{
		wire.OneHop: "OneHop", wire.AllHops: "AllHops", wire.Back: "Back",
		wire.OneHop | wire.Back: "OneHop|Back", wire.AllHops | wire.Back: "AllHops|Back", 0: "Reach(0)", 9: "Reach(9)",
	} {
		if got := reach.String(); got != want {
			t.Errorf("%d is %s, want %s", reach, got, want)
		}
	}
}

func TestDefaultsDoNotTravel(t *testing.T) { // (19)
	clean(func() {
		wantSent(t, wire.Trusted(), "")
		preset.Set("set")
		wantSent(t, wire.Trusted(), "preset=set")
	})
}

func TestOnlyVariablesThatTravelAreSent(t *testing.T) {
	clean(func() {
		stays.Set("here")
		wantSent(t, wire.Trusted(), "")
	})
	p := wire.NewPeer("narrow", wire.PassUnknown())
	received(p, "stays=from afar", func() { wantNone(t, stays) })
}

// A value over the limit of its variable does not cross in either direction.
func TestMaxValueBytes(t *testing.T) {
	p, r := open()
	clean(func() {
		short.Set("éé")
		wantSent(t, p, "short=%C3%A9%C3%A9")
		short.Set("ééa")
		wantSent(t, p, "")
	})
	r.want(t, map[string]error{"short": wire.ErrTooLarge})
	received(p, "short=%61%62%63%64", func() { wantGet(t, short, "abcd") })
	received(p, "short=abcde", func() { wantNone(t, short) })
	r.want(t, map[string]error{"short": wire.ErrTooLarge})
	clean(func() {
		tenant.Set(strings.Repeat("x", wire.DefaultMaxBytes+1))
		wantSent(t, p, "")
	})
	r.want(t, map[string]error{"tenant": wire.ErrTooLarge})
}
