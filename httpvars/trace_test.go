package httpvars_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"net/textproto"
	"reflect"
	"testing"

	"github.com/gocontextvars/contextvars/httpvars"
)

// Each hook is bound, those too that a later Go release may add: called
// after RoundTrip, on a goroutine that sees nothing, it has the caller's variables
// and gets its arguments. GetConn and GotConn run in the caller's own context.
func TestEveryHookIsBound(t *testing.T) {
	typ := reflect.TypeFor[httptrace.ClientTrace]()
	for i := range typ.NumField() {
		field := typ.Field(i)
		if field.Type.Kind() != reflect.Func {
			continue
		}
		t.Run(field.Name, func(t *testing.T) {
			var (
				trace httptrace.ClientTrace
				saw   string
				got   []reflect.Value
				args  []reflect.Value
				back  []reflect.Value
			)
			for j := range field.Type.NumOut() {
				back = append(back, reflect.Zero(field.Type.Out(j)))
			}
			for j := range field.Type.NumIn() {
				args = append(args, sample(field.Type.In(j)))
			}
			reflect.ValueOf(&trace).Elem().Field(i).Set(reflect.MakeFunc(field.Type, func(in []reflect.Value) []reflect.Value {
				saw, got = user.Get(), in
				user.Set("set by the hook")
				return back
			}))
			var bound *httptrace.ClientTrace
			user.With("caller", func() { bound = traceAtBase(t, &trace) })

			hook := reflect.ValueOf(bound).Elem().Field(i)
			done := make(chan string)
			go func() {
				hook.Call(args)
				done <- user.Get()
			}()
			after := <-done
			want, wantAfter := "caller", ""
			if field.Name == "GetConn" || field.Name == "GotConn" {
				want, wantAfter = "", "set by the hook"
			}
			if saw != want || after != wantAfter {
				t.Errorf("the hook saw %q and left %q, want %q and %q", saw, after, want, wantAfter)
			}
			for j := range args {
				if !reflect.DeepEqual(got[j].Interface(), args[j].Interface()) {
					t.Errorf("argument %d is %v, want %v", j, got[j], args[j])
				}
			}
			for j := range typ.NumField() {
				if f := reflect.ValueOf(bound).Elem().Field(j); j != i && f.Kind() == reflect.Func && !f.IsNil() {
					t.Errorf("%s was nil and is not any more", typ.Field(j).Name)
				}
			}
		})
	}
}

// sample returns a value that is not zero.
func sample(t reflect.Type) reflect.Value {
	v := reflect.New(t).Elem()
	switch t.Kind() {
	case reflect.String:
		v.SetString(t.String())
	case reflect.Int:
		v.SetInt(42)
	case reflect.Slice:
		v.Set(reflect.Append(v, sample(t.Elem())))
	case reflect.Map:
		v.Set(reflect.MakeMap(t))
		v.SetMapIndex(sample(t.Key()), sample(t.Elem()))
	case reflect.Struct:
		v.Field(0).Set(sample(v.Field(0).Type()))
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Interface:
		if e := reflect.ValueOf(errors.New("sample")); e.Type().Implements(t) {
			v.Set(e)
		}
	}
	return v
}

// traceAtBase returns the ClientTrace that base sees.
func traceAtBase(t *testing.T, trace *httptrace.ClientTrace) *httptrace.ClientTrace {
	var got *httptrace.ClientTrace
	req := httptest.NewRequestWithContext(httptrace.WithClientTrace(t.Context(), trace), "GET", "/", nil)
	httpvars.Transport(tripper(func(r *http.Request) (*http.Response, error) {
		got = httptrace.ContextClientTrace(r.Context())
		return nil, nil
	})).RoundTrip(req)
	return got
}

// The error of Got1xxResponse ends the request.
func TestErrorOfGot1xxResponse(t *testing.T) {
	s := start(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusEarlyHints)
	}), false)
	c, _ := client(s)
	want := errors.New("no hints")
	ctx := httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{
		Got1xxResponse: func(code int, _ textproto.MIMEHeader) error {
			if code != http.StatusEarlyHints {
				t.Error(code)
			}
			return want
		},
	})
	req, err := http.NewRequestWithContext(ctx, "GET", s.URL, nil)
	if err != nil {
		t.Fatal(err)
	}
	if resp, err := c.Do(req); !errors.Is(err, want) {
		t.Errorf("%v, %v", resp, err)
	}
}

// The ctx that base gets is the caller's in everything but the hooks.
func TestContextWithTraceIsTheCallers(t *testing.T) {
	type key struct{}
	ctx, cancel := context.WithCancelCause(context.WithValue(t.Context(), key{}, "value"))
	why := errors.New("why")
	req := httptest.NewRequestWithContext(httptrace.WithClientTrace(ctx, new(httptrace.ClientTrace)), "GET", "/", nil)
	httpvars.Transport(tripper(func(r *http.Request) (*http.Response, error) {
		derived, stop := context.WithCancel(r.Context())
		defer stop()
		if got := derived.Value(key{}); got != "value" {
			t.Error(got)
		}
		cancel(why)
		<-derived.Done()
		if got := context.Cause(derived); got != why {
			t.Error(got)
		}
		return nil, nil
	})).RoundTrip(req)
}
