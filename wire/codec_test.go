package wire_test

import (
	"math"
	"net/netip"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/wire"
)

// travels sends the value of v to another context and returns what arrives.
func travels[T any](t *testing.T, v *contextvars.ContextVar[T], value T) (got T) {
	t.Helper()
	p, r := open()
	var list string
	clean(func() {
		v.Set(value)
		list = sent(p)
	})
	received(p, list, func() {
		var ok bool
		if got, ok = v.In(contextvars.CopyContext()); !ok {
			t.Errorf("%v does not arrive: %q", value, list)
		}
	})
	r.want(t, nil)
	return got
}

func wantTravels[T comparable](t *testing.T, v *contextvars.ContextVar[T], values ...T) {
	t.Helper()
	for _, value := range values {
		if got := travels(t, v, value); got != value {
			t.Errorf("%v arrives as %v", value, got)
		}
	}
}

func TestEachEncodingIsExact(t *testing.T) {
	wantTravels(t, tenant, "", "a", " spaces around ", "a,b;c=d\"e\\f%20+%", "é 日本 🎉", "line\nfeed\x00\t\x7f",
		strings.Repeat("x", wire.DefaultMaxBytes), strings.Repeat("%", 300), "\ufffd")
	wantTravels(t, aNamed, "", "named, too")
	wantTravels(t, aLevel, 0, -128, 127)
	wantTravels(t, aCelsius, 0, -0.1, math.MaxFloat32, celsius(math.Inf(1)))
	wantTravels(t, aSmall, 0, 255)
	wantTravels(t, aHalf, 0.1, -1e-45)
	wantTravels(t, aUint, 0, 1, math.MaxUint64)
	wantTravels(t, aFloat, 0, 1e-300, math.Pi, math.Inf(-1), math.SmallestNonzeroFloat64)
	wantTravels(t, aBool, true, false)
	wantTravels(t, aDuration, 0, -time.Nanosecond, 90*time.Minute, math.MaxInt64)
	wantTravels(t, anAddr, netip.MustParseAddr("2001:db8::1%eth0"), netip.MustParseAddr("10.0.0.1"))
	wantTravels(t, person, account{}, account{"a \"b\", c; 日本", -3})
	wantTravels(t, other, "under another key")
	wantTravels(t, cost) // goes back only
	if got := travels(t, aFloat, math.NaN()); !math.IsNaN(got) {
		t.Errorf("NaN arrives as %v", got)
	}
	now := time.Now()
	if got := travels(t, aTime, now); !got.Equal(now) {
		t.Errorf("%v arrives as %v", now, got)
	}
	addr := netip.MustParseAddr("10.0.0.1")
	if got := travels(t, aPointer, &addr); *got != addr {
		t.Errorf("%v arrives as %v", addr, got)
	}
	for _, p := range []*account{nil, {"n", 1}} {
		if got := travels(t, pointer, p); !reflect.DeepEqual(got, p) {
			t.Errorf("%v arrives as %v", p, got)
		}
	}
}

func TestNumbersAndBoolsThatAreNone(t *testing.T) {
	for _, item := range []string{
		"small=256", "half=4e38", "level=128", "level=-129", "level=", "level=1.0", "level=%20", "level=x", "uint=-1", "uint=18446744073709551616",
		"float=x", "celsius=1e39", "bool=yes", "bool=", "bool=TRUE", "time=yesterday", "duration=5", "addr=1.2.3", "person=%7B", "person=",
	} {
		p, r := open()
		received(p, item, func() {
			if list := names(); list != nil {
				t.Errorf("%s is accepted: %v", item, list)
			}
		})
		key, _, _ := strings.Cut(item, "=")
		r.want(t, map[string]error{key: wire.ErrCodec})
	}
	received(wire.Trusted(), "bool=1", func() { wantGet(t, aBool, true) })
	received(wire.Trusted(), "bool=0", func() { wantGet(t, aBool, false) })
}

// A codec that panics or fails loses its own variable only, and says so.
func TestHostileCodecLosesItsOwnVariable(t *testing.T) {
	for _, text := range []string{"panic", "error"} {
		p, r := open()
		clean(func() {
			tenant.Set("t")
			evil.Set(text)
			request.Set("r")
			wantSent(t, p, "tenant=t,request=r")
		})
		if !strings.Contains(r.list[0].String(), "with "+text) || r.list[0].Variable != contextvars.Variable(evil) || !r.list[0].Sending {
			t.Errorf("%v, %+v", r.list[0], r.list[0])
		}
		r.want(t, map[string]error{"evil": wire.ErrCodec})
		received(p, "tenant=t,evil="+text+",request=r", func() {
			wantGet(t, tenant, "t")
			wantNone(t, evil)
			wantGet(t, request, "r")
		})
		if r.list[0].Sending || r.list[0].Reply {
			t.Errorf("%+v", r.list[0])
		}
		r.want(t, map[string]error{"evil": wire.ErrCodec})
	}
	p, r := open()
	clean(func() {
		evil.Set("error")
		sent(p)
	})
	r.want(t, map[string]error{"evil": errOwn})
}

// What a codec says of a redacted variable's value may quote it.
func TestReportsOfRedactedVariablesShowNoValue(t *testing.T) {
	p, r := open()
	for _, text := range []string{"panic", "error"} {
		clean(func() {
			secret.Set(text)
			sent(p)
		})
		received(p, "secret="+text, func() { wantNone(t, secret) })
	}
	if len(r.list) != 4 {
		t.Fatal(r.list)
	}
	for _, report := range r.list {
		if s := report.String(); strings.Contains(s, "with") || strings.Contains(report.Err.Error(), "own error") {
			t.Error(s)
		}
	}
	// But it travels.
	wantTravels(t, secret, "value")
}

func TestValuesThatAreNotUTF8(t *testing.T) {
	p, r := open()
	clean(func() {
		tenant.Set("caf\xe9")
		request.Set("r")
		wantSent(t, p, "request=r")
	})
	r.want(t, map[string]error{"tenant": wire.ErrCodec})
	received(p, "tenant=caf%E9,request=r", func() {
		wantNone(t, tenant)
		wantGet(t, request, "r")
	})
	r.want(t, map[string]error{"tenant": wire.ErrMalformed})
}

// setting sets a variable in whatever it is called for.
type setting struct{}

func (setting) Encode(text string) (string, error) { stays.Set(text); return text, nil }
func (setting) Decode(text string) (string, error) { stays.Set(text); return text, nil }

type settingText string

func (s settingText) MarshalText() ([]byte, error) { stays.Set("marshal"); return []byte(s), nil }
func (s *settingText) UnmarshalText(text []byte) error {
	stays.Set("text")
	*s = settingText(text)
	return nil
}
func (s settingText) String() string { stays.Set("string"); return string(s) }

var (
	bySetting     = contextvars.New[string]("setting", wire.Travels(wire.AllHops, wire.Encoding(setting{})))
	bySettingText = contextvars.New[settingText]("setting-text", wire.Travels(wire.AllHops), contextvars.Label())
)

// The goroutine is one of a connection, perhaps, and serves others after this.
func TestWhatCodecsSetIsSeenByNobody(t *testing.T) {
	clean(func() {
		var list string
		bySetting.With("a", func() {
			defer bySettingText.Set("b").Restore()
			stays.Unset() // Set has formatted the label
			list = sent(wire.Trusted())
			wantNone(t, stays)
		})
		c := wire.Trusted().Extract(wire.Map{wire.Key: list})
		wantNone(t, stays)
		c.Run(func() {
			wantGet(t, bySetting, "a")
			wantGet(t, bySettingText, "b")
			wantNone(t, stays)
		})
	})
}
