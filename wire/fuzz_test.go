package wire_test

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/wire"
)

// Run with: go test -fuzz FuzzExtract ./wire
func FuzzExtract(f *testing.F) {
	for _, list := range []string{
		"", ",", "tenant=t", "tenant=%41;ebug=true;hops=1,unknown=x;y", "tenant=%41;p=1 , debug=true;hops=1,unknown=x;y", "tenant=%", "tenant=%zz", "tenant=%ff%fe", "tenant=1,tenant=2",
		"tenant=\x00\x01", "tenant=é", "person=%7B%22name%22:%22a%22%7D", "level=127,uint=1,float=1e9,bool=0", "evil=panic,evil=error", "=,=;,;=",
		strings.Repeat("a=1,", 64), strings.Repeat("tenant=tttttttt,", 600), "hint=h,both=1,cost=3", "time=2026-11-22T00:00:00Z,duration=1s,addr=::1",
	} {
		f.Add(list, list)
	}
	// For everything that arrives: nothing panics; what is sent on is a good list within the
	// limits, which arrives elsewhere without loss; and it is the same again.
	f.Fuzz(func(t *testing.T, first, second string) {
		p, r := open()
		clean(func() {
			c := p.Extract(several{first, second})
			if len(first)+len(second)+1 > wire.MaxBytes && c.Len() > 0 {
				t.Fatal("over the limit, and accepted")
			}
			c.Run(func() {
				for v, value := range c.All() {
					if s, ok := value.(string); ok && !utf8.ValidString(s) {
						t.Fatalf("%s is %q", v.Name(), s)
					}
				}
				onward := sent(p)
				checkClean(t, onward)
				r.list = nil
				received(p, onward, func() {
					r.want(t, nil)
					if again := sent(p); again != onward {
						t.Fatalf("%q\nbecomes %q\nand then %q", first+","+second, onward, again)
					}
					for v, value := range c.All() {
						if _, ok := contextvars.LookupAny(v); !ok && strings.Contains(first+second, "hops") {
							continue // it came for one hop
						}
						wantSame(t, v, value)
					}
				})
				r.want(t, nil)
			})
			p.ExtractReply(wire.Map{wire.ReplyKey: first})
			checkClean(t, reply(p))
		})
	})
}

// checkClean checks a list that this process sends.
func checkClean(t *testing.T, list string) {
	t.Helper()
	if len(list) > wire.MaxBytes || list != "" && strings.Count(list, ",")+1 > wire.MaxMembers {
		t.Fatalf("a list over the limits: %q", list)
	}
	if i := strings.IndexFunc(list, func(r rune) bool { return r != '\t' && (r < ' ' || r > '~' || r == '"' || r == '\\') }); i >= 0 {
		t.Fatalf("byte %x in a list: %q", list[i], list)
	}
}

// wantSame checks that v has the value here, unless it went one hop only.
func wantSame(t *testing.T, v contextvars.Variable, value any) {
	t.Helper()
	switch v {
	case contextvars.Variable(debug), contextvars.Variable(hint):
		return
	}
	if v.Name() == "wire.arrival" {
		return
	}
	got, ok := contextvars.LookupAny(v)
	switch value := value.(type) {
	case *account:
		if got := got.(*account); ok && (got == value || *got == *value) {
			return
		}
	case float64:
		if f := got.(float64); ok && (f == value || f != f && value != value) {
			return
		}
	case celsius:
		if f := got.(celsius); ok && (f == value || f != f && value != value) {
			return
		}
	default:
		if ok && got == value {
			return
		}
	}
	if v == contextvars.Variable(aPointer) || v == contextvars.Variable(aTime) {
		return // equal by their own Equal; that they are the same text is checked
	}
	t.Fatalf("%s is %v, want %v", v.Name(), got, value)
}

// Run with: go test -fuzz FuzzValues ./wire
func FuzzValues(f *testing.F) {
	f.Add("", "", 0, false)
	f.Add("a,b;c=%d e", "\xff", -1, true)
	f.Add("日本", "\x00", 1<<30, true)
	// Every value that is UTF-8 and not too long arrives as it was.
	f.Fuzz(func(t *testing.T, a, b string, n int, flag bool) {
		p := wire.NewPeer("open", wire.Everything(), wire.ReportTo(func(wire.Report) {}))
		var list string
		clean(func() {
			tenant.Set(a)
			long.Set(b)
			both.Set(n)
			aBool.Set(flag)
			list = sent(p)
			checkClean(t, list)
		})
		received(p, list, func() {
			if utf8.ValidString(a) && len(a) <= wire.DefaultMaxBytes {
				wantGet(t, tenant, a)
			} else {
				wantNone(t, tenant)
			}
			if got, ok := long.In(contextvars.CopyContext()); ok && got != b {
				t.Errorf("%q arrives as %q", b, got)
			}
			wantGet(t, both, n)
			wantGet(t, aBool, flag)
		})
	})
}

// Run with: go test -fuzz FuzzInject ./wire
func FuzzInject(f *testing.F) {
	f.Add("theirs=1", "t")
	f.Add("tenant=evil,\x00,,;", "")
	f.Add(strings.Repeat("a=1,", 70), "t")
	// Whatever is in the carrier, what it has of our variables is what is set here.
	f.Fuzz(func(t *testing.T, was, value string) {
		p := wire.NewPeer("open", wire.Everything(), wire.ReportTo(func(wire.Report) {}))
		clean(func() {
			tenant.Set(value)
			m := wire.Map{wire.Key: was}
			p.Inject(m)
			members := strings.Split(m[wire.Key], ",")
			ours := slices.DeleteFunc(members, func(s string) bool {
				name, _, _ := strings.Cut(s, "=")
				return strings.Trim(name, " \t") != "tenant"
			})
			if good := utf8.ValidString(value) && len(value) <= wire.DefaultMaxBytes; len(ours) > 1 || good && len(ours) == 0 {
				t.Errorf("%q and %q make %q", was, value, m[wire.Key])
			}
			if len(ours) == 1 {
				received(p, ours[0], func() { wantGet(t, tenant, value) })
			}
		})
	})
}
