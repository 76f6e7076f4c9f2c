package frame

import (
	"sync"
	"testing"
)

func TestNumbersAreUnique(t *testing.T) {
	const goroutines, each = 16, 500
	keys := make([]Key, goroutines*each)
	var wg sync.WaitGroup
	for i := range goroutines {
		wg.Go(func() {
			for j := range each {
				keys[i*each+j].Init()
			}
		})
	}
	wg.Wait()
	seen := make(map[uint]bool)
	for i := range keys {
		if seen[keys[i].num] {
			t.Fatalf("number %d was given twice", keys[i].num)
		}
		seen[keys[i].num] = true
	}
}

func TestCopiesOfKeysAreNotMade(t *testing.T) {
	var k Key
	if k.Made() {
		t.Error("a key is made without Init")
	}
	k.Init()
	if copied := k; !k.Made() || copied.Made() {
		t.Error("Made does not tell a key from its copy")
	}
}

func TestNumbersFollowOneAnother(t *testing.T) {
	var a, b, c Key
	a.Init()
	b.Init()
	c.Init()
	if b.num != a.num+1 || c.num != a.num+2 {
		t.Errorf("numbers are %d, %d, %d", a.num, b.num, c.num)
	}
	// Which is why eight variables made together fill a frame without a stray.
	f := New(nil, nil)
	for range maxCells {
		k := new(Key)
		k.Init()
		f = f.set(k, word(0))
		if _, hit := f.Hit(k); !hit || f.strays {
			t.Fatal("neighbours collide")
		}
	}
}
