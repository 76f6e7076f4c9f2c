package slot

import (
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"unsafe"
	"weak"
)

// checkLayout compares Cell with what the compiler says of the blocks' own types.
func checkLayout[H, C any](t *testing.T, name string) {
	t.Helper()
	check := func(class uint8, h *H, cells []C, size uintptr) {
		t.Helper()
		if len(cells) != 1<<class {
			t.Fatalf("%s: class %d has %d cells", name, class, len(cells))
		}
		for i := range cells {
			c := Cell[H, C](h, uint(i))
			if c != &cells[i] {
				t.Errorf("%s: class %d: cell %d is at %p, want %p", name, class, i, c, &cells[i])
			}
			end := uintptr(unsafe.Pointer(c)) + unsafe.Sizeof(*c) - uintptr(unsafe.Pointer(h))
			if end > size {
				t.Errorf("%s: class %d: cell %d ends %d bytes in, the block has %d", name, class, i, end, size)
			}
		}
	}
	b1, b2, b4, b8, b16 := new(block1[H, C]), new(block2[H, C]), new(block4[H, C]), new(block8[H, C]), new(block16[H, C])
	check(0, &b1.head, b1.cells[:], unsafe.Sizeof(*b1))
	check(1, &b2.head, b2.cells[:], unsafe.Sizeof(*b2))
	check(2, &b4.head, b4.cells[:], unsafe.Sizeof(*b4))
	check(3, &b8.head, b8.cells[:], unsafe.Sizeof(*b8))
	check(4, &b16.head, b16.cells[:], unsafe.Sizeof(*b16))
}

type cellLike struct {
	key *int
	val Word
}

func TestCellsAreWhereTheCompilerPutsThem(t *testing.T) {
	checkLayout[Head, cellLike](t, "as in frames")
	checkLayout[struct{ a uint8 }, cellLike](t, "small header")
	checkLayout[struct{ a, b, c uint8 }, uint8](t, "odd header, bytes")
	checkLayout[uint8, uint64](t, "words of 8 bytes")
	checkLayout[uint8, atomic.Int64](t, "words aligned to 8 bytes everywhere")
	checkLayout[struct{ a [5]uint16 }, [3]uint32](t, "odd sizes")
	checkLayout[struct{ p *int }, string](t, "strings")
}

type header struct {
	class uint8
	name  string
	mark  Flag
}

// filledBlock returns a block whose cells hold pointers to 0, 1, 2, …
func filledBlock(class uint8) *header {
	h := NewBlock[header, cellLike](class)
	h.class, h.name = class, strings.Repeat("x", int(class))
	h.mark.Set()
	for i := range uint(1) << class {
		n := int(i)
		*Cell[header, cellLike](h, i) = cellLike{&n, Pack(n+1000, Interned)}
	}
	return h
}

func checkBlock(t *testing.T, h *header, class uint8) {
	t.Helper()
	for i := range uint(1) << class {
		c := Cell[header, cellLike](h, i)
		if *c.key != int(i) || Unpack[int](c.val, Interned) != int(i)+1000 {
			t.Fatalf("class %d: cell %d holds %d and %d", class, i, *c.key, Unpack[int](c.val, Interned))
		}
	}
}

func TestNewBlockIsZero(t *testing.T) {
	for class := range uint8(MaxClass + 1) {
		for range 100 { // memory that was used before
			filledBlock(class)
			h := NewBlock[header, cellLike](class)
			if h.name != "" || h.class != 0 || h.mark.IsSet() {
				t.Fatalf("class %d: the header is not zero", class)
			}
			for i := range uint(1) << class {
				if *Cell[header, cellLike](h, i) != (cellLike{}) {
					t.Fatalf("class %d: cell %d is not zero", class, i)
				}
			}
		}
	}
	if h := NewBlock1[header, cellLike](); *Cell[header, cellLike](h, 0) != (cellLike{}) || h.name != "" {
		t.Error("NewBlock1 is not zero")
	}
}

func TestBlocksHoldWhatIsPutInThem(t *testing.T) {
	for class := range uint8(MaxClass + 1) {
		var blocks []*header
		for range 50 {
			blocks = append(blocks, filledBlock(class))
		}
		runtime.GC()
		for _, h := range blocks {
			checkBlock(t, h, class)
			if h.class != class || len(h.name) != int(class) || !h.mark.IsSet() {
				t.Fatalf("class %d: the header was written over", class)
			}
		}
	}
}

func TestCloneCellsIsIndependent(t *testing.T) {
	for class := range uint8(MaxClass + 1) {
		h := filledBlock(class)
		clone := CloneCells[header, cellLike](h, class)
		if clone.class != 0 || clone.name != "" || clone.mark.IsSet() {
			t.Errorf("class %d: the header was copied", class)
		}
		checkBlock(t, clone, class)
		for i := range uint(1) << class {
			*Cell[header, cellLike](clone, i) = cellLike{}
		}
		checkBlock(t, h, class)
		clone = CloneCells[header, cellLike](h, class)
		for i := range uint(1) << class {
			*Cell[header, cellLike](h, i) = cellLike{}
		}
		runtime.GC()
		checkBlock(t, clone, class)
	}
}

func TestBlocksKeepWhatTheirCellsPointTo(t *testing.T) {
	for class := range uint8(MaxClass + 1) {
		for i := range uint(1) << class {
			h := NewBlock[header, cellLike](class)
			w := func() weak.Pointer[pair] {
				p := new(pair)
				Cell[header, cellLike](h, i).val = Pack(p, Direct)
				return weak.Make(p)
			}()
			runtime.GC()
			if w.Value() == nil {
				t.Fatalf("class %d: what cell %d points to was collected", class, i)
			}
			clone := CloneCells[header, cellLike](h, class)
			Cell[header, cellLike](h, i).val = Word{}
			runtime.GC()
			if w.Value() == nil {
				t.Fatalf("class %d: what cell %d of a clone points to was collected", class, i)
			}
			runtime.KeepAlive(clone)
			clone = nil
			if !collected(w) {
				t.Fatalf("class %d: cell %d keeps what it points to no more", class, i)
			}
			runtime.KeepAlive(h)
		}
	}
}

// A pointer to a cell keeps the block, and so its header, as an interior pointer does.
func TestCellKeepsItsBlock(t *testing.T) {
	h := filledBlock(3)
	w := weak.Make(h)
	c := Cell[header, cellLike](h, 7)
	h = nil
	runtime.GC()
	if w.Value() == nil {
		t.Error("the block was collected while a cell was in use")
	}
	runtime.KeepAlive(c)
	c = nil
	if !collected(w) {
		t.Error("the block is kept for ever")
	}
}

func TestNoSuchClass(t *testing.T) {
	for name, f := range map[string]func(){
		"NewBlock":   func() { NewBlock[header, cellLike](MaxClass + 1) },
		"CloneCells": func() { CloneCells[header, cellLike](filledBlock(0), MaxClass+1) },
	} {
		func() {
			defer func() {
				if r, ok := recover().(string); !ok || !strings.HasPrefix(r, "contextvars: internal error") {
					t.Errorf("%s of a class that does not exist: %v", name, r)
				}
			}()
			f()
		}()
	}
}
