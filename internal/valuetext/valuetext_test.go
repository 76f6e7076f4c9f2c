package valuetext_test

import (
	"fmt"
	"log/slog"
	"math"
	"net/netip"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gocontextvars/contextvars/internal/valuetext"
)

type (
	name  string
	id    [16]byte
	UUID  [16]byte
	level int
	user  struct {
		Name string
		ID   int
		tags []string
	}
	box struct{ V any }
)

func TestOf(t *testing.T) {
	utc := time.Date(2026, 11, 22, 20, 30, 0, 70_999_999, time.UTC)
	var sixteen [16]byte
	for i := range sixteen {
		sixteen[i] = byte(i * 17)
	}
	for _, c := range []struct {
		v    any
		want string
	}{
		{nil, "nil"},
		{"acme", "acme"},
		{"two words = one, \"text\"", "two words = one, \"text\""},
		{"größe ☃", "größe ☃"},
		{name("acme"), "acme"},
		{"", `""`},
		{" ", `" "`},
		{"a ", `"a "`},
		{`"a"`, `"\"a\""`},
		{"\ufffd", "\ufffd"},
		{"\xef", `"\xef"`},
		{"a\x1b[31m", `"a\x1b[31m"`},
		{"a\nb", `"a\nb"`},
		{"<script>alert(1)</script>", "<script>alert(1)</script>"}, // the page escapes it
		{"\u202egnp.exe", `"\u202egnp.exe"`},
		{true, "true"},
		{-7, "-7"},
		{uint8(200), "200"},
		{uintptr(7), "7"},
		{level(3), "3"},
		{1.5, "1.5"},
		{float32(0.1), "0.1"},
		{math.Inf(-1), "-Inf"},
		{complex(1, -2), "(1-2i)"},
		{sixteen, "00112233445566778899aabbccddeeff"},
		{id(sixteen), "00112233445566778899aabbccddeeff"},
		{UUID(sixteen), "00112233-4455-6677-8899-aabbccddeeff"},
		{[0]byte{}, "[0]uint8{}"},
		{[2]int{1, 2}, "[2]int{1, 2}"},
		{[9]int{}, "[9]int{0, 0, 0, 0, 0, 0, 0, 0, ...}"},
		{[]byte("secret"), "[]uint8 of 6"},
		{[]string(nil), "[]string(nil)"},
		{map[string]int(nil), "map[string]int(nil)"},
		{(*user)(nil), "*valuetext_test.user(nil)"},
		{(func())(nil), "func()(nil)"},
		{user{"Ann", 7, []string{"x"}}, `valuetext_test.user{Name: "Ann", ID: 7, tags: []string of 1}`},
		{struct{ A, B int }{1, 2}, "{A: 1, B: 2}"},
		{box{box{box{box{1}}}}, "valuetext_test.box{V: valuetext_test.box{V: valuetext_test.box{V: valuetext_test.box{...}}}}"},
		{box{}, "valuetext_test.box{V: nil}"},
		{utc, "2026-11-22T20:30:00.07Z"},
		{utc.In(time.FixedZone("\x1b", 3600)), "2026-11-22T20:30:00.07Z"},
		{box{utc}, "valuetext_test.box{V: 2026-11-22T20:30:00.07Z}"},
		{struct{ at time.Time }{utc}, "{at: time.Time{...}}"},
		{1500 * time.Millisecond, "1.5s"},
		{struct{ d time.Duration }{time.Second}, "{d: 1s}"},
		{time.March, "March"},
		{time.Sunday, "Sunday"},
		{slog.LevelWarn, "WARN"},
		{netip.MustParseAddr("::1"), "::1"},
		{netip.Addr{}, "invalid IP"},
		{netip.MustParseAddr("fe80::1").WithZone("\x1b"), `"fe80::1%\x1b"`},
		{netip.MustParseAddrPort("10.0.0.1:80"), "10.0.0.1:80"},
		{netip.MustParseAddrPort("[fe80::1%eth0]:80"), "[fe80::1%eth0]:80"},
		{netip.MustParsePrefix("10.0.0.0/8"), "10.0.0.0/8"},
	} {
		if got, cut := valuetext.Of(c.v, 200); got != c.want || cut {
			t.Errorf("Of(%T) is %s, cut %t, want %s", c.v, got, cut, c.want)
		}
	}
}

func TestOfShowsAddressesOnly(t *testing.T) {
	for _, v := range []any{&user{Name: "secret"}, map[string]string{"secret": "secret"}, make(chan string), func() {}, &[]string{"secret"}} {
		got, _ := valuetext.Of(v, 200)
		if want := regexp.QuoteMeta(fmt.Sprintf("%T", v)) + `\(0x[0-9a-f]+\)`; !regexp.MustCompile("^" + want + "$").MatchString(got) {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func TestOfCuts(t *testing.T) {
	for _, c := range []struct {
		v    any
		max  int
		want string
	}{
		{"abcdef", 5, "abcde"},
		{"abcdef", 6, "abcdef"},
		{"abcdef", 0, ""},
		{"abcdef", -1, ""},
		{"abcd   ", 5, "abcd "},
		{"größe", 3, "gr"},
		{"gr\xffße", 3, `"g"`},
		{"a\x00b\x00", 7, `"a\x00"`},
		{"a\x00b\x00", 8, `"a\x00b"`},
		{"\x00", 3, `""`},
		{"\x00", 1, ""},
		{strings.Repeat("\x80", 9), 10, `"\x80\x80"`},
		{nil, 2, "ni"},
		{12345, 3, "123"},
		{user{Name: "Ann"}, 30, `valuetext_test.user{Name: "An"`},
		{[100]byte{1}, 7, "010000"},
		{box{"\x00\x00"}, 26, `valuetext_test.box{V: ""`},
	} {
		got, cut := valuetext.Of(c.v, c.max)
		if full, _ := valuetext.Of(c.v, 1000); cut != (got != full) {
			t.Errorf("Of(%q, %d) is %s, cut %t", c.v, c.max, got, cut)
		}
		if c.v != "abcdef" || c.max != 6 {
			if got != c.want && !(c.want == "010000" && strings.HasPrefix(got, c.want)) || !cut {
				t.Errorf("Of(%q, %d) is %s, cut %t, want %s", c.v, c.max, got, cut, c.want)
			}
		} else if cut {
			t.Errorf("Of(%q, %d) was cut", c.v, c.max)
		}
	}
}

// TestOfReadsOnlyWhatItShows: no copy is made of a long value.
func TestOfReadsOnlyWhatItShows(t *testing.T) {
	long := strings.Repeat("x", 10<<20)
	unprintable := strings.Repeat("\x00", 10<<20)
	zone := netip.MustParseAddr("fe80::1").WithZone(long)
	for _, v := range []any{long, name(long), unprintable, box{long}, box{unprintable}, zone,
		netip.AddrPortFrom(zone, 80), [1 << 20]byte{}, [1 << 20]int{}} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		const times = 100
		for range times {
			if text, cut := valuetext.Of(v, 200); len(text) > 200 || !cut && text[0] != '[' {
				t.Fatalf("%T: %d bytes, cut %t", v, len(text), cut)
			}
		}
		runtime.ReadMemStats(&after)
		if bytes := (after.TotalAlloc - before.TotalAlloc) / times; bytes > 10000 {
			t.Errorf("%T: %d bytes", v, bytes)
		}
	}
}

// angry has methods that nobody should call.
type angry struct{ N int }

func (angry) String() string               { panic("String") }
func (angry) Error() string                { panic("Error") }
func (angry) GoString() string             { panic("GoString") }
func (angry) Format(fmt.State, rune)       { panic("Format") }
func (angry) MarshalText() ([]byte, error) { panic("MarshalText") }
func (angry) MarshalJSON() ([]byte, error) { panic("MarshalJSON") }
func (angry) LogValue() slog.Value         { panic("LogValue") }

type angryString string

func (angryString) String() string { panic("String") }

type angryInt int

func (*angryInt) String() string { panic("String") }
func (angryInt) Error() string   { panic("Error") }

func TestOfCallsNoMethods(t *testing.T) {
	for _, c := range []struct {
		v    any
		want string
	}{
		{angry{1}, "valuetext_test.angry{N: 1}"},
		{box{angry{1}}, "valuetext_test.box{V: valuetext_test.angry{N: 1}}"},
		{[1]angry{}, "[1]valuetext_test.angry{valuetext_test.angry{N: 0}}"},
		{angryString("a"), "a"},
		{angryInt(1), "1"},
		{struct{ E error }{angryInt(1)}, "{E: 1}"},
		{struct{ time.Time }{}, "{Time: 0001-01-01T00:00:00Z}"},
	} {
		if got, _ := valuetext.Of(c.v, 200); got != c.want {
			t.Errorf("got %s, want %s", got, c.want)
		}
	}
	for _, v := range []any{&angry{}, new(angryInt), struct{ E error }{&angry{}}} {
		valuetext.Of(v, 200)
	}
}

// TestOfBesideWriters is for the race detector.
func TestOfBesideWriters(t *testing.T) {
	type shared struct {
		Map     map[int]int
		Slice   []int
		Pointer *user
		Func    func() int
		Chan    chan int
		Any     any
	}
	x := 0
	v := shared{map[int]int{}, []int{0}, &user{}, func() int { return x }, make(chan int, 100), &x}
	var wg sync.WaitGroup
	stop := make(chan bool)
	wg.Go(func() {
		for i := 0; ; i++ {
			select {
			case <-stop:
				return
			case v.Chan <- i:
			default:
				<-v.Chan
			}
			v.Map[i%100] = i
			v.Slice[0] = i
			v.Pointer.Name = fmt.Sprint(i)
			x = i
		}
	})
	for range 1000 {
		valuetext.Of(v, 1000)
	}
	close(stop)
	wg.Wait()
}

func TestOfKeepsNothingAlive(t *testing.T) {
	long := strings.Repeat("x", 300)
	for _, max := range []int{10, 1000} {
		if got := testing.AllocsPerRun(10, func() { valuetext.Of(long, max) }); got < 1 {
			t.Errorf("%d bytes: the text is a part of the value", max)
		}
	}
}
