package frame

import (
	"fmt"
	"math/bits"
	"reflect"
	"runtime"
	"slices"
	"strconv"
	"testing"

	"github.com/gocontextvars/contextvars/internal/slot"
)

// Words in these tests are ints unless a test is about memory.

func word(i int) slot.Word   { return slot.Pack(i, slot.PackingOf[int]()) }
func number(w slot.Word) int { return slot.Unpack[int](w, slot.PackingOf[int]()) }

// numbered returns a key with a number of the test's choice. Two keys
// of one frame must not have the same.
func numbered(num uint) *Key {
	k := &Key{Name: fmt.Sprintf("%#x", num)}
	k.Init()
	k.num = num
	return k
}

func local(num uint) *Key {
	k := &Key{Name: fmt.Sprintf("local %#x", num), Local: true}
	k.Init()
	k.num = num
	return k
}

func labelled(num uint, name string) *Key {
	k := &Key{Name: name, Text: func(w slot.Word) string { return strconv.Itoa(number(w)) }}
	k.Init()
	k.num = num
	return k
}

// set is With as a variable's Set calls it.
func (f *Frame) set(k *Key, w slot.Word) *Frame { return f.With(k, w, k.Label(w)) }

// filled returns a frame whose cells are all taken, by numbers that no test
// uses, so that whatever comes next goes to the trie.
func filled() *Frame {
	f := New(nil, nil)
	for i := range uint(maxCells) {
		f = f.set(numbered(1<<20+i), word(-1))
	}
	return f
}

// expect fails unless f holds just these words, however it is asked.
func expect(t *testing.T, f *Frame, want map[*Key]slot.Word) {
	t.Helper()
	if f.Len() != len(want) {
		t.Fatalf("Len is %d, want %d", f.Len(), len(want))
	}
	seen := make(map[*Key]bool)
	f.All(func(k *Key, w slot.Word) bool {
		if seen[k] {
			t.Fatalf("All visits %s twice", k.Name)
		}
		seen[k] = true
		if have, ok := want[k]; !ok || have != w {
			t.Fatalf("All visits %s with a word that was not set", k.Name)
		}
		return true
	})
	for k, w := range want {
		if !seen[k] {
			t.Fatalf("All leaves out %s", k.Name)
		}
		if have, ok := f.Find(k); !ok || have != w {
			t.Fatalf("Find(%s) = %v, %v", k.Name, have, ok)
		}
		if have, hit := f.Hit(k); hit && have != w {
			t.Fatalf("Hit(%s) has another word than Find", k.Name)
		}
	}
	sound(t, f)
}

// sound fails unless f is built as the comments promise.
func sound(t *testing.T, f *Frame) {
	t.Helper()
	if !f.Marked() {
		t.Fatal("the frame's head is not marked")
	}
	if f.class() != classFor(f.n) {
		t.Fatalf("%d cells in use stand in a block of class %d", f.n, f.class())
	}
	used := 0
	for i := range uint(f.mask) + 1 {
		c := *f.cell(i)
		if c.key == nil {
			if c.val != (slot.Word{}) {
				t.Fatal("a free cell keeps a word")
			}
			continue
		}
		used++
		if c.key.Local {
			t.Fatal("a local variable stands in a cell")
		}
		first := c.key.num & uint(f.mask)
		if second := (first ^ 1) & uint(f.mask); i != first && i != second && !f.strays {
			t.Fatalf("%s is a stray, but the frame has none", c.key.Name)
		}
		if _, ok := inTrie(f, c.key); ok {
			t.Fatalf("%s stands in a cell and in the trie", c.key.Name)
		}
	}
	if used != int(f.n) {
		t.Fatalf("%d cells are in use, n is %d", used, f.n)
	}
	if f.rest == nil {
		return
	}
	if watched := f.rest.life.Watched(); watched && used > 0 || f.rest.apart != (watched || f.rest.lease != nil) {
		t.Fatalf("watched: %v, with %d cells in use, and apart: %v", watched, used, f.rest.apart)
	}
	f.rest.locals.all(func(k *Key, _ slot.Word) bool {
		if !k.Local {
			t.Fatalf("%s stands among the local variables", k.Name)
		}
		return true
	})
	f.rest.sites.all(func(k *Key, _ slot.Word) bool {
		if _, ok := f.Find(k); !ok && !f.revoked() {
			t.Fatalf("%s has a site, but no word", k.Name)
		}
		return true
	})
	if size := soundNode(t, f.rest.root, 0, 0); size != int(f.rest.size) {
		t.Fatalf("the trie holds %d, size is %d", size, f.rest.size)
	}
}

// soundNode returns the number of variables under n, where the numbers of all end with path.
func soundNode(t *testing.T, n *node, path, shift uint) (size int) {
	t.Helper()
	if n == nil {
		return 0
	}
	if n.used == 0 || n.class != classFor(uint8(n.len())) {
		t.Fatalf("a node with digits %016b has class %d", n.used, n.class)
	}
	if shift > 0 && n.len() == 1 && n.cell(0).key != nil {
		t.Fatalf("a child holds a single variable, %s", n.cell(0).key.Name)
	}
	for digits := n.used; digits != 0; digits &= digits - 1 {
		digit := uint(bits.TrailingZeros16(digits))
		c := *n.cell(n.at(1 << digit))
		path := path | digit<<shift
		if c.key == nil {
			size += soundNode(t, c.child(), path, shift+digitBits)
			continue
		}
		size++
		low := uint(1)<<(shift+digitBits) - 1 // all ones, too, where the shift goes past the end
		if c.key.num&low != path {
			t.Fatalf("%s stands where %#x belongs", c.key.Name, path)
		}
		if c.key.Local {
			t.Fatal("a local variable stands in the trie")
		}
	}
	return size
}

func TestFindAndHitAgree(t *testing.T) {
	// 8 collides with 0 and finds its second choice; 16 and 24 are strays.
	keys := []*Key{numbered(0), numbered(8), numbered(16), numbered(24), numbered(5)}
	f, want := New(nil, nil), map[*Key]slot.Word{}
	for i, k := range keys {
		f = f.set(k, word(i))
		want[k] = word(i)
		expect(t, f, want)
	}
	if !f.strays {
		t.Fatal("four numbers that end alike are in two cells")
	}
	if _, hit := f.Hit(keys[0]); !hit {
		t.Error("the first of them does not have its first choice")
	}
	for _, k := range []*Key{numbered(32), numbered(1), numbered(7)} {
		if _, ok := f.Find(k); ok {
			t.Errorf("Find(%s) finds what was never set", k.Name)
		}
		if _, hit := f.Hit(k); hit {
			t.Errorf("Hit(%s) finds what was never set", k.Name)
		}
	}
}

func TestAllStopsWhenToldTo(t *testing.T) {
	f := New(new(Owner), nil)
	for i := range uint(40) {
		f = f.set(numbered(i<<8), word(int(i)))
	}
	f = f.set(local(1<<30), word(0)).set(local(1<<30+1), word(1))
	for stop := 1; stop <= f.Len(); stop++ {
		calls := 0
		f.All(func(*Key, slot.Word) bool {
			calls++
			return calls < stop
		})
		if calls != stop {
			t.Fatalf("All called yield %d times, and was told to stop at %d", calls, stop)
		}
	}
}

func TestUsedMark(t *testing.T) {
	k := numbered(1)
	f := New(nil, nil).set(k, word(1))
	if f.Used() {
		t.Error("a new frame is used")
	}
	f.MarkUsed()
	if !f.Used() {
		t.Error("MarkUsed does not last")
	}
	for name, g := range map[string]*Frame{
		"With":           f.set(k, word(2)),
		"With of others": f.set(numbered(2), word(2)),
		"Without":        f.Without(k),
		"Owned":          f.Owned(new(Owner), nil),
	} {
		if g.Used() {
			t.Errorf("the mark came along to the frame that %s made", name)
		}
	}
}

// skipIfInstrumented skips tests that count allocations where the compiler was told to
// check uses of unsafe (-d=checkptr=2), which moves variables to the heap.
func skipIfInstrumented(t *testing.T) {
	t.Helper()
	f, k := filled(), numbered(1<<30)
	for i := range uint(64) {
		f = f.set(numbered(1<<24+i), word(0))
	}
	if testing.AllocsPerRun(10, func() { f.Find(k) }) > 0 {
		t.Skip("built with instrumentation that allocates even in Find")
	}
}

// The size of a frame is most of what Set costs. The next size class above 64 bytes
// is 80.
func TestFrameOfOneVariableIsOneSmallAllocation(t *testing.T) {
	k, f := numbered(1), New(nil, nil)
	f = f.set(k, word(1))
	skipIfInstrumented(t)
	var sink *Frame
	if n := testing.AllocsPerRun(100, func() { sink = f.set(k, word(2)) }); n != 1 {
		t.Errorf("With allocates %v times", n)
	}
	var before, after runtime.MemStats
	const runs = 4096
	kept := make([]*Frame, runs)
	runtime.ReadMemStats(&before)
	for i := range kept {
		kept[i] = f.set(k, word(2))
	}
	runtime.ReadMemStats(&after)
	if size := (after.TotalAlloc - before.TotalAlloc) / runs; size > 64+8 { // 8: others allocate, too
		t.Errorf("a frame of one variable takes %d bytes", size)
	}
	runtime.KeepAlive(sink)
	runtime.KeepAlive(kept)
}

// What few frames have takes just one of the allocator's sizes, which every Set pays for that uses it. The next
// one is 144.
func TestRestIsNoLargerThanASize(t *testing.T) {
	if size := reflect.TypeFor[rest]().Size(); size > 128 {
		t.Errorf("rest has %d bytes", size)
	}
}

// names returns the keys' names, sorted.
func names(keys []*Key) []string {
	var list []string
	for _, k := range keys {
		list = append(list, k.Name)
	}
	slices.Sort(list)
	return list
}

// inTrie finds k if it is in the trie of f.
func inTrie(f *Frame, k *Key) (w slot.Word, ok bool) {
	f.root().all(func(l *Key, v slot.Word) bool {
		if l == k {
			w, ok = v, true
		}
		return !ok
	})
	return w, ok
}
