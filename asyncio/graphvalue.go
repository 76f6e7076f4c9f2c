package asyncio

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"unicode"

	"github.com/gocontextvars/contextvars"
)

// maxValue is how many bytes are shown of a value, and maxFields how many fields or elements.
const (
	maxValue  = 120
	maxFields = 8
	maxDepth  = 2
)

// text describes the value, unless its variable is redacted.
func (v VariableValue) text() string {
	if contextvars.IsRedacted(v.Variable) {
		return contextvars.RedactedText
	}
	return valueText(v.Value)
}

// valueText describes a value that other goroutines may share: it reads nothing that could be changed
// meanwhile.
func valueText(v any) string {
	if v == nil {
		return "nil"
	}
	var b strings.Builder
	describe(&b, reflect.ValueOf(v), 0)
	return cutText(b.String())
}

func cutText(s string) string {
	if len(s) <= maxValue {
		return s
	}
	return strings.ToValidUTF8(s[:maxValue], "") + "..."
}

func describe(b *strings.Builder, v reflect.Value, depth int) {
	if text, ok := ownText(v); ok {
		b.WriteString(text)
		return
	}
	switch t := v.Type(); v.Kind() {
	case reflect.String:
		s := v.String()
		b.WriteString(strconv.Quote(s[:min(len(s), maxValue)]))
	case reflect.Bool, reflect.Float32, reflect.Float64, reflect.Complex64, reflect.Complex128,
		reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		fmt.Fprint(b, v)
	case reflect.Slice:
		fmt.Fprintf(b, "%v of %d", t, v.Len())
	case reflect.Struct:
		describeAll(b, v, depth, v.NumField(), func(i int) reflect.Value {
			fmt.Fprintf(b, "%s: ", t.Field(i).Name)
			return v.Field(i)
		})
	case reflect.Array:
		describeAll(b, v, depth, v.Len(), v.Index)
	case reflect.Interface:
		if v.IsNil() {
			b.WriteString("nil")
		} else {
			describe(b, v.Elem(), depth)
		}
	default: // what points somewhere
		if v.IsNil() {
			fmt.Fprintf(b, "%v(nil)", t)
		} else {
			fmt.Fprintf(b, "%v(%#x)", t, v.Pointer())
		}
	}
}

// describeAll writes the n parts of v.
func describeAll(b *strings.Builder, v reflect.Value, depth, n int, part func(int) reflect.Value) {
	fmt.Fprintf(b, "%v{", v.Type())
	for i := range n {
		if i > 0 {
			b.WriteString(", ")
		}
		if i == maxFields || depth == maxDepth {
			b.WriteString("...")
			break
		}
		describe(b, part(i), depth+1)
	}
	b.WriteByte('}')
}

// ownText returns what a value says of itself, if asking is safe.
func ownText(v reflect.Value) (text string, ok bool) {
	if !v.CanInterface() {
		return "", false
	}
	switch x := v.Interface().(type) {
	case error:
		text = fmt.Sprint(x)
	case fmt.Stringer, fmt.Formatter:
		switch v.Kind() {
		case reflect.Pointer, reflect.Map, reflect.Slice, reflect.Chan, reflect.Func, reflect.UnsafePointer,
			reflect.Interface:
			return "", false
		}
		text = fmt.Sprint(x)
	default:
		return "", false
	}
	if strings.IndexFunc(text, func(r rune) bool { return !unicode.IsPrint(r) }) >= 0 {
		text = strconv.Quote(text[:min(len(text), maxValue)])
	}
	return text, true
}
