package slot

import (
	"context"
	"runtime"
	"runtime/pprof"
	"strings"
	"testing"
	"weak"
)

func TestTicketLeadsToItsPayload(t *testing.T) {
	a, b := newOwn("a"), newOwn("b")
	la, lb := Ticket(a), Ticket(b)
	if la.Payload() != a || lb.Payload() != b {
		t.Error("a ticket does not lead to its payload")
	}
	if la.Key != "github.com/gocontextvars/contextvars" || la.Value != "" {
		t.Errorf("as a label, a ticket is %q: %q", la.Key, la.Value)
	}
	if copied := la; copied.Payload() != a {
		t.Error("a copied ticket does not lead to its payload")
	}
	// Cut to nothing it is the same string.
	if cut := (Label{la.Key, la.Value[:0]}); cut.Payload() != a {
		t.Error("a ticket's value cut to its full length does not lead to its payload")
	}
}

func TestTicketTravelsWithLabelSets(t *testing.T) {
	o := newOwn("content")
	l := Ticket(o)
	ctx := pprof.WithLabels(context.Background(), pprof.Labels("a", "1", l.Key, l.Value, "z", "2"))
	ctx = pprof.WithLabels(ctx, pprof.Labels("b", "1")) // merged
	ctx = pprof.WithLabels(ctx, pprof.Labels())         // copied
	var list []string
	pprof.ForLabels(ctx, func(k, v string) bool {
		list = append(list, k, v)
		return true
	})
	ctx = pprof.WithLabels(context.Background(), pprof.Labels(list...)) // taken apart and put together
	pprof.Do(ctx, pprof.Labels("c", "1"), func(context.Context) {
		found := make(chan any)
		go func() { // inherited
			for _, l := range Load().Labels() {
				if p := l.Payload(); p != nil {
					found <- p
				}
			}
			close(found)
		}()
		if p := <-found; p != o {
			t.Error("the ticket among a goroutine's labels does not lead to its payload")
		}
	})
}

func TestForgedTicketsAreRefused(t *testing.T) {
	o := newOwn("content")
	real := Ticket(o)
	text := strings.Clone("some text of more than sixteen bytes")
	for name, l := range map[string]Label{
		"zero label":               {},
		"other key":                {"other", real.Value},
		"own key":                  {"github.com/gocontextvars/contextvars", ""},
		"own key, copied":          {strings.Clone("github.com/gocontextvars/contextvars"), ""},
		"own key, real value":      {strings.Clone("github.com/gocontextvars/contextvars"), real.Value},
		"real key, no value":       {real.Key, ""},
		"real key, other text":     {real.Key, text},
		"real key, cut text":       {real.Key, text[:0]},
		"real key, text cut later": {real.Key, text[9:9]},
		"real key, end of text":    {real.Key, text[len(text):]},
		"part of the real key":     {real.Key[:7], real.Value},
		"nothing of the real key":  {real.Key[:0], real.Value},
		"real key as the value":    {real.Key, real.Key[:0]},
		"real key, its own value":  {real.Key, real.Key},
		"real value as the key":    {real.Value, real.Value},
	} {
		if l.Payload() != nil {
			t.Errorf("%s: taken for a ticket", name)
		}
	}
}

// The value of a forged ticket may have less memory behind it than a ticket has,
// or none at all that is a ticket's to look at. With -race, looking is fatal.
func TestForgedTicketWithShortTextIsRefused(t *testing.T) {
	real := Ticket(newOwn("content"))
	for size := 1; size <= 40; size++ {
		text := strings.Repeat("x", size)
		for at := 0; at <= size; at++ {
			if (Label{real.Key, text[at:at]}).Payload() != nil {
				t.Fatalf("byte %d of %d: taken for a ticket", at, size)
			}
		}
	}
	var b strings.Builder
	b.Grow(3)
	if (Label{real.Key, b.String()}).Payload() != nil {
		t.Error("an empty Builder's text is taken for a ticket")
	}
}

func TestTicketKeepsItsPayload(t *testing.T) {
	labels := make(chan Label, 1)
	w := func() weak.Pointer[own] {
		o := newOwn("content")
		labels <- Ticket(o)
		return weak.Make(o)
	}()
	runtime.GC()
	runtime.GC()
	if w.Value() == nil {
		t.Fatal("the payload was collected while there was a ticket")
	}
	l := <-labels
	if o, ok := l.Payload().(*own); !ok || o.content != "content" {
		t.Fatal("the ticket does not lead to its payload any more")
	}
	// The ticket is the value; the key alone keeps nothing.
	key := l.Key
	l = Label{}
	if !collected(w) {
		t.Error("the payload is kept without its ticket")
	}
	runtime.KeepAlive(key)
}
