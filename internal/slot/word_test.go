package slot

import (
	"fmt"
	"math"
	"reflect"
	"runtime"
	"sync"
	"testing"
	"time"
	"unsafe"
	"weak"
)

type (
	named    string
	celsius  float64
	pair     struct{ a, b int }
	holder   struct{ p *int }
	generic  [2]any
	callback func() int
)

func TestPackingOf(t *testing.T) {
	for name, have := range map[string][2]Packing{
		"*int":           {PackingOf[*int](), Direct},
		"*struct{}":      {PackingOf[*struct{}](), Direct},
		"chan":           {PackingOf[chan int](), Direct},
		"<-chan":         {PackingOf[<-chan int](), Direct},
		"unsafe.Pointer": {PackingOf[unsafe.Pointer](), Direct},
		"bool":           {PackingOf[bool](), Interned},
		"int8":           {PackingOf[int8](), Interned},
		"uintptr":        {PackingOf[uintptr](), Interned},
		"duration":       {PackingOf[time.Duration](), Interned},
		"string":         {PackingOf[string](), Interned},
		"named string":   {PackingOf[named](), Interned},
		"named float":    {PackingOf[celsius](), Interned},
		"complex128":     {PackingOf[complex128](), Interned},
		"func":           {PackingOf[func()](), Boxed},
		"map":            {PackingOf[map[int]int](), Boxed},
		"slice":          {PackingOf[[]byte](), Boxed},
		"array":          {PackingOf[[1]*int](), Boxed},
		"struct":         {PackingOf[holder](), Boxed},
		"any":            {PackingOf[any](), Boxed},
		"error":          {PackingOf[error](), Boxed},
	} {
		if have[0] != have[1] {
			t.Errorf("%s has packing %d, want %d", name, have[0], have[1])
		}
	}
}

// roundTrip packs all values, lets the garbage collector work, and unpacks them.
func roundTrip[T any](t *testing.T, values ...T) {
	t.Helper()
	how := PackingOf[T]()
	words := make([]Word, len(values))
	for i, v := range values {
		words[i] = Pack(v, how)
	}
	runtime.GC()
	for i, v := range values {
		have := Unpack[T](words[i], how)
		same := reflect.DeepEqual(any(have), any(v))
		if f := reflect.ValueOf(any(v)); f.Kind() == reflect.Func {
			same = f.Pointer() == reflect.ValueOf(any(have)).Pointer()
		}
		if !same {
			t.Errorf("%T: packed %v, unpacked %v", v, v, have)
		}
	}
}

func TestRoundTrip(t *testing.T) {
	n := 7
	roundTrip(t, false, true)
	roundTrip[int8](t, -128, -1, 0, 1, 127)
	roundTrip[uint8](t, 0, 1, 255)
	roundTrip[int16](t, math.MinInt16, -1, 0, 255, 256, math.MaxInt16)
	roundTrip[uint16](t, 0, 255, 256, math.MaxUint16)
	roundTrip[int32](t, math.MinInt32, -1, 0, 255, 256, math.MaxInt32)
	roundTrip[uint32](t, 0, 255, 256, math.MaxUint32)
	roundTrip[int64](t, math.MinInt64, -1, 0, 255, 256, math.MaxInt64)
	roundTrip[uint64](t, 0, 255, 256, math.MaxUint64)
	roundTrip(t, math.MinInt, -1, 0, 1, 255, 256, math.MaxInt)
	roundTrip[uint](t, 0, 1, 255, 256, math.MaxUint)
	roundTrip[uintptr](t, 0, 1, math.MaxUint)
	roundTrip[float32](t, 0, 1, -1, math.MaxFloat32, math.SmallestNonzeroFloat32)
	roundTrip(t, 0, 1.5, -1.5, math.Inf(1), math.Inf(-1), math.MaxFloat64, math.SmallestNonzeroFloat64)
	roundTrip[complex64](t, 0, 1i, 1+2i)
	roundTrip[complex128](t, 0, 1i, 1+2i)
	roundTrip(t, "", "a", "ä", "some text", string(make([]byte, 1<<16)))
	roundTrip[named](t, "", "x", "name")
	roundTrip[celsius](t, 0, 36.6)
	roundTrip[time.Duration](t, 0, time.Hour)
	roundTrip(t, nil, &n)
	roundTrip(t, nil, make(chan int), make(chan int, 3))
	roundTrip(t, nil, unsafe.Pointer(&n))
	roundTrip[callback](t, func() int { return 1 }, func() int { return n })
	roundTrip(t, nil, map[string]int{}, map[string]int{"a": 1})
	roundTrip(t, nil, []int{}, []int{1, 2, 3})
	roundTrip(t, struct{}{})
	roundTrip(t, pair{}, pair{1, 2})
	roundTrip(t, holder{}, holder{&n})
	roundTrip(t, [0]int{})
	roundTrip(t, [1]*int{}, [1]*int{&n})
	roundTrip(t, [3]string{"a", "b", "c"})
	roundTrip(t, generic{}, generic{1, "a"})
	roundTrip[any](t, nil, 1, "a", &n, []int{1}, pair{1, 2})
	roundTrip[error](t, nil, fmt.Errorf("an error"))
	roundTrip[fmt.Stringer](t, nil, time.Hour)
	roundTrip(t, time.Now(), time.Time{})
	roundTrip(t, weak.Make(&n))
}

func TestNaNAndSignOfZeroSurvive(t *testing.T) {
	nan := math.Float64frombits(0x7ff8000000000123)
	for _, v := range []float64{nan, math.Copysign(0, -1), 0} {
		if have := Unpack[float64](Pack(v, Interned), Interned); math.Float64bits(have) != math.Float64bits(v) {
			t.Errorf("packed %#x, unpacked %#x", math.Float64bits(v), math.Float64bits(have))
		}
	}
}

var kept Word // a variable that the compiler cannot do without

// Of what Go cannot compare, two words are the same only if they are of one Pack.
func distinct[T any](t *testing.T, v T) {
	t.Helper()
	how := PackingOf[T]()
	var words []Word
	for range 2 {
		words = append(words, Pack(v, how))
	}
	kept = words[0] // on the heap, as in a frame
	if kept != words[0] {
		t.Errorf("%T: a copied word is another", v)
	}
	kept = words[1]
	if kept == words[0] {
		t.Errorf("%T: two Packs made the same word", v)
	}
}

func TestWordsOfUncomparableValuesAreOfOnePack(t *testing.T) {
	distinct(t, func() {})
	distinct[func()](t, nil)
	distinct(t, map[int]int{})
	distinct[map[int]int](t, nil)
	distinct(t, []int{1})
	distinct[[]int](t, nil)
	distinct(t, struct{ s []int }{})
	distinct(t, [1]func(){})
	distinct[any](t, []int{})
	distinct[any](t, nil)
}

// Values of no size have no address of their own, so this takes care of its own.
func TestWordsOfUncomparableValuesWithoutSizeAreOfOnePack(t *testing.T) {
	distinct(t, [0]func(){})
	distinct(t, struct{ _ [0]func() }{})
}

// The other way round: words that are the same hold the same value, bit for bit.
func TestSameWordsHoldSameValues(t *testing.T) {
	floats := []float64{0, math.Copysign(0, -1), 1, math.NaN(), math.NaN()}
	for i := range 300 {
		floats = append(floats, math.Float64frombits(uint64(i)))
	}
	for i, a := range floats {
		for _, b := range floats[i:] {
			if Pack(a, Interned) == Pack(b, Interned) && math.Float64bits(a) != math.Float64bits(b) {
				t.Fatalf("%v and %v have one word", a, b)
			}
		}
	}
	for a := range 300 {
		for b := range 300 {
			if a != b && Pack(a, Interned) == Pack(b, Interned) {
				t.Fatalf("%d and %d have one word", a, b)
			}
		}
	}
	strings := []string{"", "a", "b", "ab", "ab"[:1]}
	for _, a := range strings {
		for _, b := range strings {
			if Pack(a, Interned) == Pack(b, Interned) && a != b {
				t.Fatalf("%q and %q have one word", a, b)
			}
		}
	}
	x, y := new(int), new(int)
	again := x
	if Pack(x, Direct) == Pack(y, Direct) || Pack(x, Direct) != Pack(again, Direct) {
		t.Error("words of pointers are not the pointers")
	}
}

func TestWordsAreCopies(t *testing.T) {
	array, text := [3]int{1, 2, 3}, []byte("text")
	s := string(text)
	a, b, c := Pack(array, Boxed), Pack(s, Interned), Pack(pair{1, 2}, Boxed)
	array[0], text[0], s = 9, 'T', "other"
	if have := Unpack[[3]int](a, Boxed); have != [3]int{1, 2, 3} {
		t.Errorf("array is %v", have)
	}
	if have := Unpack[string](b, Interned); have != "text" {
		t.Errorf("string is %q", have)
	}
	got := Unpack[pair](c, Boxed)
	got.a = 9
	if have := Unpack[pair](c, Boxed); have != (pair{1, 2}) {
		t.Errorf("struct is %v", have)
	}
	runtime.KeepAlive(array)
	runtime.KeepAlive(s)
}

// collected reports whether the garbage collector lets go of w.
func collected[T any](w weak.Pointer[T]) bool {
	for range 10 {
		if w.Value() == nil {
			return true
		}
		runtime.GC()
	}
	return w.Value() == nil
}

func TestWordsKeepAlive(t *testing.T) {
	type big struct{ _ [64]byte }
	pack := map[string]func(*big) Word{
		"pointer": func(p *big) Word { return Pack(p, PackingOf[*big]()) },
		"struct":  func(p *big) Word { return Pack(struct{ p *big }{p}, PackingOf[struct{ p *big }]()) },
		"any":     func(p *big) Word { return Pack[any](p, PackingOf[any]()) },
		"slice":   func(p *big) Word { return Pack([]*big{p}, PackingOf[[]*big]()) },
		"func":    func(p *big) Word { return Pack(func() { runtime.KeepAlive(p) }, PackingOf[func()]()) },
		"chan": func(p *big) Word {
			c := make(chan *big, 1)
			c <- p
			return Pack(c, PackingOf[chan *big]())
		},
		"string": func(p *big) Word {
			return Pack(unsafe.String((*byte)(unsafe.Pointer(p)), unsafe.Sizeof(*p)), PackingOf[string]())
		},
	}
	for name, pack := range pack {
		w := func() weak.Pointer[big] {
			p := new(big)
			kept = pack(p)
			return weak.Make(p)
		}()
		runtime.GC()
		runtime.GC()
		if w.Value() == nil {
			t.Errorf("%s: the value was collected while its word was there", name)
		}
		kept = Word{}
		if !collected(w) {
			t.Errorf("%s: the value is kept without its word", name)
		}
	}
}

func TestWordsUnderCollections(t *testing.T) {
	rounds := 300
	if testing.Short() {
		rounds = 30
	}
	stop := make(chan struct{})
	var gc, wg sync.WaitGroup
	gc.Go(func() {
		for {
			select {
			case <-stop:
				return
			default:
				runtime.GC()
			}
		}
	})
	for range 4 {
		wg.Go(func() {
			for i := range rounds {
				var words [32]Word
				for j := range words {
					words[j] = Pack(fmt.Sprint(i, j), Interned)
				}
				boxed := Pack([]string{fmt.Sprint(i)}, Boxed)
				runtime.Gosched()
				for j, w := range words {
					if have := Unpack[string](w, Interned); have != fmt.Sprint(i, j) {
						t.Errorf("string is %q", have)
						return
					}
				}
				if have := Unpack[[]string](boxed, Boxed)[0]; have != fmt.Sprint(i) {
					t.Errorf("slice holds %q", have)
					return
				}
			}
		})
	}
	wg.Wait()
	close(stop)
	gc.Wait()
}

// owned owns all values and unpacks them.
func owned[T comparable](t *testing.T, values ...T) {
	t.Helper()
	how := PackingOf[T]()
	for _, v := range values {
		p := new(T)
		*p = v
		w, again := Own(p, how), Own(&[]T{v}[0], how)
		runtime.GC()
		if have := Unpack[T](w, how); have != v {
			t.Errorf("%v becomes %v", v, have)
		}
		if have := Any[T](w, how, any(*new(T))); have != any(v) {
			t.Errorf("%v becomes %v as an interface", v, have)
		}
		if how != Direct && (w == again || w == Pack(v, how)) {
			t.Errorf("the word of %v is that of another one", v)
		}
	}
}

func TestOwn(t *testing.T) {
	owned(t, "", "a", "longer than a word")
	owned(t, false, true)
	owned(t, 0, 1, 255, 1<<30) // the runtime has words for small ones ready
	owned(t, struct{}{})
	owned(t, [0]int{})
	owned(t, pair{}, pair{1, 2})
	owned(t, holder{}, holder{new(int)})
	owned[*int](t, nil, new(int))
	owned[any](t, nil, 1, "a", new(int))
	owned[error](t, nil, fmt.Errorf("e"))
}

// What Own was given is not copied.
func TestOwnAllocatesNothing(t *testing.T) {
	p := new(string)
	if n := testing.AllocsPerRun(100, func() { Own(p, Interned) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
