package wire

import (
	"encoding"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"time"
)

// A Codec writes values as text and reads them again. Text may have any
// characters, in UTF-8. Methods may be called by any number of goroutines.
//
// They run in a copy of the context in which the value is written or read, so what they set is
// seen by nobody.
//
// An error, or a panic, loses this one value, with a [Report]; the request goes on. It does not if they
// call runtime.Goexit.
type Codec[T any] interface {
	Encode(value T) (string, error)
	Decode(text string) (T, error)
}

// JSON is encoding/json as a codec. It takes what json.Unmarshal takes: fields that are
// missing are zero, and ones that T does not have are left out.
func JSON[T any]() Codec[T] { return jsonCodec[T]{} }

type jsonCodec[T any] struct{}

func (jsonCodec[T]) Encode(value T) (string, error) {
	text, err := json.Marshal(value)
	return string(text), err
}

func (jsonCodec[T]) Decode(text string) (value T, err error) {
	err = json.Unmarshal([]byte(text), &value)
	return value, err
}

// codec is a Codec of any type. Its functions call those of users aside. A target is a pointer to a zero value of it.
type codec struct {
	of     reflect.Type
	keeps  bool // the decoded value may share memory with the text
	append func(dst []byte, value any) ([]byte, error)
	decode func(target any, text string) error
}

func wrap[T any](c Codec[T]) *codec {
	return &codec{
		of:    reflect.TypeFor[T](),
		keeps: true,
		append: func(dst []byte, value any) (_ []byte, err error) {
			v, _ := value.(T) // nil if T is an interface
			var text string
			aside(func() { text, err = c.Encode(v) })
			return append(dst, text...), err
		},
		decode: func(target any, text string) (err error) {
			aside(func() { *target.(*T), err = c.Decode(text) })
			return err
		},
	}
}

// defaultCodec returns the codec of a type that has a natural one, or else nil.
func defaultCodec(t reflect.Type) *codec {
	switch t {
	case reflect.TypeFor[string]():
		return &codec{t, true, appendString, decodeString}
	case reflect.TypeFor[time.Duration]():
		return &codec{t, false, appendDuration, decodeDuration}
	case reflect.TypeFor[time.Time]():
		return &codec{t, false, appendTime, decodeTime}
	}
	_, writes := reflect.Zero(t).Interface().(encoding.TextMarshaler)
	_, reads := reflect.New(t).Interface().(encoding.TextUnmarshaler)
	switch {
	case writes && reads:
		return &codec{t, false, appendMarshaler, decodeUnmarshaler}
	case writes && t.Kind() == reflect.Pointer && t.Implements(reflect.TypeFor[encoding.TextUnmarshaler]()):
		return &codec{t, false, appendMarshaler, decodeToPointer}
	}
	switch t.Kind() {
	case reflect.String, reflect.Bool,
		reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64,
		reflect.Float32, reflect.Float64:
		return &codec{t, t.Kind() == reflect.String, appendBasic, decodeBasic}
	}
	return nil
}

// Strings do not go the way of the other basic types because most variables are strings.

func appendString(dst []byte, value any) ([]byte, error) { return append(dst, value.(string)...), nil }

func decodeString(target any, text string) error {
	*target.(*string) = text
	return nil
}

func appendDuration(dst []byte, value any) ([]byte, error) {
	return append(dst, value.(time.Duration).String()...), nil
}

func decodeDuration(target any, text string) (err error) {
	*target.(*time.Duration), err = time.ParseDuration(text)
	return err
}

func appendTime(dst []byte, value any) ([]byte, error) { return value.(time.Time).AppendText(dst) }

func decodeTime(target any, text string) error {
	return target.(*time.Time).UnmarshalText([]byte(text))
}

func appendMarshaler(dst []byte, value any) (_ []byte, err error) {
	var text []byte
	aside(func() { text, err = value.(encoding.TextMarshaler).MarshalText() })
	return append(dst, text...), err
}

func decodeUnmarshaler(target any, text string) (err error) {
	aside(func() { err = target.(encoding.TextUnmarshaler).UnmarshalText([]byte(text)) })
	return err
}

// decodeToPointer is for variables of a type *T that has the methods.
func decodeToPointer(target any, text string) error {
	p := reflect.ValueOf(target).Elem()
	p.Set(reflect.New(p.Type().Elem()))
	return decodeUnmarshaler(p.Interface(), text)
}

func appendBasic(dst []byte, value any) ([]byte, error) {
	switch v := reflect.ValueOf(value); v.Kind() {
	case reflect.String:
		return append(dst, v.String()...), nil
	case reflect.Bool:
		return strconv.AppendBool(dst, v.Bool()), nil
	case reflect.Float32, reflect.Float64:
		return strconv.AppendFloat(dst, v.Float(), 'g', -1, v.Type().Bits()), nil
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return strconv.AppendInt(dst, v.Int(), 10), nil
	default:
		return strconv.AppendUint(dst, v.Uint(), 10), nil
	}
}

func decodeBasic(target any, text string) error {
	switch v := reflect.ValueOf(target).Elem(); v.Kind() {
	case reflect.String:
		v.SetString(text)
	case reflect.Bool:
		switch text {
		case "true", "1":
			v.SetBool(true)
		case "false", "0":
		default:
			return fmt.Errorf("%q is neither true nor false", text)
		}
	case reflect.Float32, reflect.Float64:
		f, err := strconv.ParseFloat(text, v.Type().Bits())
		v.SetFloat(f)
		return reason(err)
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		i, err := strconv.ParseInt(text, 10, v.Type().Bits())
		v.SetInt(i)
		return reason(err)
	default:
		u, err := strconv.ParseUint(text, 10, v.Type().Bits())
		v.SetUint(u)
		return reason(err)
	}
	return nil
}

// reason leaves out of an error of strconv which function it was.
func reason(err error) error {
	if e, ok := errors.AsType[*strconv.NumError](err); ok {
		return fmt.Errorf("%q: %w", e.Num, e.Err)
	}
	return err
}
