package wire_test

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"

	"github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/wire"
)

func TestReportIsALineForPeople(t *testing.T) {
	for want, r := range map[string]wire.Report{
		`baggage "tenant" from peer "p" was dropped: wire: malformed baggage`:             {Peer: "p", Key: "tenant", Err: wire.ErrMalformed},
		`baggage from peer "p" in a reply was dropped: wire: too large`:                   {Peer: "p", Reply: true, Err: wire.ErrTooLarge},
		`baggage "a\n" to peer "p" was dropped: wire: codec failed`:                       {Peer: "p", Key: "a\n", Sending: true, Err: wire.ErrCodec},
		`baggage "a" to peer "" in a reply was dropped: wire: not allowed from this peer`: {Key: "a", Sending: true, Reply: true, Err: wire.ErrNotAllowed},
	} {
		if got := r.String(); got != want {
			t.Errorf("%s\nwant %s", got, want)
		}
	}
}

// logged returns what slog's default logger gets meanwhile.
func logged(level slog.Level, f func()) string {
	var b bytes.Buffer
	before := slog.Default()
	defer slog.SetDefault(before)
	slog.SetDefault(slog.New(slog.NewTextHandler(&b, &slog.HandlerOptions{Level: level})))
	f()
	return b.String()
}

func TestReportsAreLoggedOnceASecond(t *testing.T) {
	p := wire.NewPeer("ledger", wire.Everything())
	out := logged(slog.LevelInfo, func() {
		for range 100 {
			received(p, "tenant=%", func() {})
		}
	})
	if strings.Count(out, "\n") > 3 || !strings.Contains(out, "level=WARN") || !strings.Contains(out, "ledger") || !strings.Contains(out, "tenant") {
		t.Error(out)
	}
	// What a peer is closed for is no news.
	narrow := wire.NewPeer("narrow")
	f := func() { received(narrow, "tenant=t", func() {}) }
	if out := logged(slog.LevelInfo, f); out != "" {
		t.Error(out)
	}
	if out := logged(slog.LevelDebug, f); !strings.Contains(out, "level=DEBUG") || !strings.Contains(out, "narrow") {
		t.Error(out)
	}
}

func TestReportsNameTheVariable(t *testing.T) {
	p, r := open()
	received(p, "tenant=\"x\",nobody=\"x\"", func() {})
	if len(r.list) != 2 || r.list[0].Variable != contextvars.Variable(tenant) || r.list[1].Variable != nil {
		t.Error(r.list)
	}
}

// Keys and errors are the sender's words.
func TestHostileKeysAndErrorsAreCut(t *testing.T) {
	p, r := open()
	received(p, strings.Repeat("k", 5000)+"=\x01,level="+strings.Repeat("9", 1000), func() {})
	if len(r.list) != 2 {
		t.Fatal(r.list)
	}
	for _, report := range r.list {
		if s := report.String(); len(s) > 600 || len(report.Key) > 70 {
			t.Errorf("%d bytes, key of %d", len(s), len(report.Key))
		}
	}
}

// A request does not fail because of who is told.
func TestReportsThatPanic(t *testing.T) {
	p := wire.NewPeer("p", wire.Everything(), wire.ReportTo(func(r wire.Report) {
		stays.Set("by the report")
		panic("oh no")
	}))
	out := logged(slog.LevelInfo, func() {
		received(p, "tenant=t,request=%", func() {
			wantGet(t, tenant, "t")
			wantNone(t, stays)
		})
		clean(func() {
			p.Extract(wire.Map{wire.Key: "request=%"})
			wantNone(t, stays)
		})
	})
	if !strings.Contains(out, "oh no") || !strings.Contains(out, "ReportTo") || !strings.Contains(out, "request") {
		t.Error(out)
	}
}
