package slot

import (
	"reflect"
	"unsafe"
)

// Word is a value of any type in one word, which the garbage collector follows:
// the value itself where it is a pointer, else a pointer to a copy of it that
// never changes. What type it has only the one knows who packed it.
type Word struct{ p unsafe.Pointer }

// Packing says how the values of one type become Words.
type Packing uint8

const (
	// Boxed values are copied to memory of their own.
	Boxed Packing = iota
	// Interned values are too, but for the small ones, which the runtime has
	// ready: what a conversion to an interface does.
	Interned
	// Direct values are pointers and are stored as they are.
	Direct
)

// PackingOf chooses the packing for T.
//
// Maps and funcs are pointers too, but are boxed: two words that are equal must
// have been stored by one and the same Pack wherever Go itself cannot
// compare the values.
func PackingOf[T any]() Packing {
	switch reflect.TypeFor[T]().Kind() {
	case reflect.Pointer, reflect.Chan, reflect.UnsafePointer:
		return Direct
	case reflect.Bool, reflect.String,
		reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr,
		reflect.Float32, reflect.Float64, reflect.Complex64, reflect.Complex128:
		return Interned
	}
	return Boxed
}

// Pack stores v in a Word. how must be PackingOf[T]().
func Pack[T any](v T, how Packing) Word {
	switch how {
	case Direct:
		// T is pointer-shaped, so v is one word that holds a pointer.
		return Word{*(*unsafe.Pointer)(unsafe.Pointer(&v))}
	case Interned:
		// The second word of an interface that holds a value of a basic type
		// points to that value, which nobody may write to.
		i := any(v)
		return Word{(*[2]unsafe.Pointer)(unsafe.Pointer(&i))[1]}
	}
	if unsafe.Sizeof(v) == 0 {
		// All values of size zero would have one address, and be equal by that.
		return Word{unsafe.Pointer(new(struct {
			v T
			_ byte
		}))}
	}
	p := new(T)
	*p = v
	return Word{unsafe.Pointer(p)}
}

// Own stores *p in a Word without a copy: nobody may write to *p any more. Unless T is packed
// Direct, the Word is equal to no other one, not even to that of an equal small
// value. how must be PackingOf[T]().
func Own[T any](p *T, how Packing) Word {
	if how == Direct || unsafe.Sizeof(*p) == 0 {
		return Pack(*p, how)
	}
	return Word{unsafe.Pointer(p)}
}

// Unpack returns the value that Pack stored with the same T and how.
func Unpack[T any](w Word, how Packing) T {
	if how == Direct {
		return *(*T)(unsafe.Pointer(&w.p))
	}
	return *(*T)(w.p)
}

// Any returns the value as an interface. Zero must be any of the zero T; it saves an
// allocation for each call.
func Any[T any](w Word, how Packing, zero any) any {
	e := (*[2]unsafe.Pointer)(unsafe.Pointer(&zero))
	if e[1] == nil {
		// An interface of that type holds the value itself, a pointer, which is nil here; or T
		// is an interface.
		return Unpack[T](w, how)
	}
	// An interface of that type holds a pointer to the value, which may as well be the one
	// in the Word: nobody writes to what either points to.
	e[1] = w.p
	return zero
}
