// Package valuetext describes values of context variables to people. Other goroutines may share the values and be
// changing what they lead to, and they may be of any type, with methods that panic, block or lie. So nothing is read
// that can change, and no method of a type that somebody else wrote is called.
package valuetext

import (
	"reflect"
	"strconv"
	"strings"
)

const (
	maxFields = 8 // or elements
	maxDepth  = 3
)

// Of returns a text for v of at most maxBytes, and whether something is missing in it for that reason. Fields and
// elements after the eighth, and what is nested deeper than three levels, stand as "...".
//
// A string stands as it is, unless it is empty, begins with a quotation mark, begins or ends with a space, or has something in it that is not
// printable or not UTF-8: then it is quoted, as Go does it. Numbers and booleans, and structs and arrays of such, are
// shown whole, arrays of bytes as hexadecimal digits, some types of the standard library as they are usually written, times to the
// millisecond. Of
// what a pointer, a map, a slice, a func or a channel leads to nothing is shown but what the word itself says: the
// address, or the length of a slice.
//
// It reads no more of a long string than it shows.
func Of(v any, maxBytes int) (text string, cut bool) {
	if s, ok := v.(string); ok {
		return ofString(s, maxBytes)
	}
	value := reflect.ValueOf(v)
	if value.Kind() == reflect.String {
		return ofString(value.String(), maxBytes)
	}
	w := &writer{max: maxBytes}
	if v == nil {
		w.plain("nil")
	} else {
		w.value(value, 0)
	}
	text = string(w.text)
	if printable(text) {
		return text, w.cut
	}
	// The name of a type or field, or a zone, is not printable.
	text, cut = quoted(text, maxBytes)
	return text, cut || w.cut
}

// ofString returns a text that keeps nothing of s alive.
func ofString(s string, maxBytes int) (text string, cut bool) {
	head := prefix(s, maxBytes)
	cut = len(head) < len(s)
	if head != "" && head[0] != '"' && head[0] != ' ' && (cut || head[len(head)-1] != ' ') && printable(head) {
		return strings.Clone(head), cut
	}
	return quoted(s, maxBytes)
}

// value writes v, which is depth levels deep.
func (w *writer) value(v reflect.Value, depth int) {
	if w.cut || w.known(v) {
		return
	}
	switch t := v.Type(); v.Kind() {
	case reflect.String:
		w.quoted(v.String())
	case reflect.Bool:
		w.plain(strconv.FormatBool(v.Bool()))
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		w.plain(strconv.FormatInt(v.Int(), 10))
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		w.plain(strconv.FormatUint(v.Uint(), 10))
	case reflect.Float32, reflect.Float64:
		w.plain(strconv.FormatFloat(v.Float(), 'g', -1, t.Bits()))
	case reflect.Complex64, reflect.Complex128:
		w.plain(strconv.FormatComplex(v.Complex(), 'g', -1, t.Bits()))
	case reflect.Interface:
		if v.IsNil() {
			w.plain("nil")
		} else {
			w.value(v.Elem(), depth)
		}
	case reflect.Struct:
		w.structure(v, depth)
	case reflect.Array:
		w.array(v, depth)
	case reflect.Slice:
		w.slice(v)
	default:
		w.pointer(v)
	}
}

func (w *writer) structure(v reflect.Value, depth int) {
	t := v.Type()
	w.typeName(t)
	w.list(v.NumField(), depth, func(i int) {
		w.plain(t.Field(i).Name)
		w.plain(": ")
		w.value(v.Field(i), depth+1)
	})
}

func (w *writer) array(v reflect.Value, depth int) {
	t := v.Type()
	if t.Elem().Kind() == reflect.Uint8 && t.Len() > 0 {
		w.hex(v)
		return
	}
	w.typeName(t)
	w.list(v.Len(), depth, func(i int) { w.value(v.Index(i), depth+1) })
}

// list writes n parts in braces.
func (w *writer) list(n, depth int, part func(int)) {
	w.plain("{")
	for i := 0; i < n && !w.cut; i++ {
		if i > 0 {
			w.plain(", ")
		}
		if i == maxFields || depth == maxDepth {
			w.plain("...")
			break
		}
		part(i)
	}
	w.plain("}")
}

// typeName leaves out the types that are written out in the program: they can be long.
func (w *writer) typeName(t reflect.Type) {
	if t.Kind() != reflect.Struct || t.Name() != "" {
		w.plain(t.String())
	}
}

// slice shows the length, which is in the word itself. What stands in the slice belongs to everybody who has it.
func (w *writer) slice(v reflect.Value) {
	w.plain(v.Type().String())
	if v.IsNil() {
		w.plain("(nil)")
		return
	}
	w.plain(" of " + strconv.Itoa(v.Len()))
}

// pointer is for all that is a pointer, maps, too: the length of a map is where the map is.
func (w *writer) pointer(v reflect.Value) {
	w.plain(v.Type().String())
	if v.IsNil() {
		w.plain("(nil)")
		return
	}
	w.plain("(0x" + strconv.FormatUint(uint64(v.Pointer()), 16) + ")")
}
