package frame

import (
	"runtime"
	"slices"
	"testing"

	"github.com/gocontextvars/contextvars/internal/slot"
)

func TestLeaseShowsWhatItsHolderHas(t *testing.T) {
	own := pairs("own", "label")
	k, tag := numbered(1), labelled(2, "tag")
	f := New(new(Owner), own).set(k, word(1)).set(tag, word(2))
	lease := new(Lease)
	lent := lease.Lend(f)
	if lent.Content() != f {
		t.Error("Content of a lent frame is not what was lent")
	}
	if f.Content() != f {
		t.Error("Content of a frame that is not lent is another")
	}
	if lent.Len() != 0 || lent.Owner != f.Owner {
		t.Error("a lent frame is not an empty one of the same owner")
	}
	if have := lent.Labels(); !slices.Equal(have, own) {
		t.Errorf("labels of the lent frame are %v", have)
	}
	g := f.set(k, word(3))
	lease.Lend(g)
	if lent.Content() != g {
		t.Error("an older lent frame does not show what the lender has now")
	}
	lease.End()
	if lent.Content() != nil {
		t.Error("Content is there after the lease's end")
	}
	if lent.Owned(new(Owner), nil).Content() != nil {
		t.Error("a lent frame with another owner is not lent any more")
	}
}

func TestLeaseEndedKeepsNothing(t *testing.T) {
	w, value := fresh()
	lease := new(Lease)
	lent := lease.Lend(New(new(Owner), nil).set(numbered(1), w))
	w = slot.Word{}
	runtime.GC()
	if value.Value() == nil {
		t.Fatal("a lent value was collected")
	}
	lease.End()
	if !collected(value) {
		t.Error("a lent frame keeps a value after the lease's end")
	}
	runtime.KeepAlive(lent)
}
