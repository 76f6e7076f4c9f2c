package wire

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/internal/frame"
)

var (
	pooled    = contextvars.New[string]("pooled", Travels(AllHops, MaxValueBytes(MaxBytes)))
	pooledToo = contextvars.New[string]("pooled-too", Travels(AllHops, MaxValueBytes(MaxBytes)))
)

// What is used again holds nobody's values, also not those that did not fit.
func TestPoolsHoldNobodysValues(t *testing.T) {
	contextvars.NewContext().Run(func() {
		pooled.Set(strings.Repeat("secret", 700))
		pooledToo.Set(strings.Repeat("secret", 700))
		l := new(list)
		m := Map{Key: "secret=secret"}
		p := NewPeer("p", Everything(), ReportTo(func(Report) {}))
		lists.Put(l)
		p.Inject(m)
		if l = lists.Get().(*list); cap(l.ours) == 0 {
			t.Skip("the pool has dropped it, as it may")
		}
		for _, buffer := range [][]byte{l.others, l.ours, l.value} {
			if bytes.Contains(buffer[:cap(buffer)], []byte("secret")) {
				t.Error("a buffer still has a value")
			}
		}
		if slices.ContainsFunc(l.picks[:cap(l.picks)], func(p pick) bool { return p != pick{} }) || l.peer != nil || l.passing != nil ||
			slices.ContainsFunc(l.names[:cap(l.names)], func(s string) bool { return s != "" }) {
			t.Errorf("it holds %+v", l)
		}
		p.Extract(m)
		r := readers.Get().(*reader)
		if slices.ContainsFunc(r.got[:cap(r.got)], func(e frame.Entry) bool { return e != frame.Entry{} }) || r.peer != nil || r.arrived.unknown != nil {
			t.Errorf("it holds %+v", r)
		}
	})
}

func TestLimiterCountsWhatItLeavesOut(t *testing.T) {
	var l limiter
	var got []string
	for i := range 6 {
		if i == 3 || i == 5 {
			l.last.Add(-2e9) // two seconds later
		}
		skipped, ok := l.pass()
		got = append(got, fmt.Sprint(skipped, ok))
	}
	if want := "[0 true 0 false 0 false 2 true 0 false 1 true]"; fmt.Sprint(got) != want {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestRepliesOfATrustedPeer(t *testing.T) {
	old := known.Load()
	defer known.Store(old)
	for _, back := range []bool{false, true} {
		known.Store(&registry{byName: old.byName, back: back})
		if got := Trusted().Replies(); got != back {
			t.Errorf("Replies is %v, want %v", got, back)
		}
	}
}
