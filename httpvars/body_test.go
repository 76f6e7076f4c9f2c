package httpvars_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/gocontextvars/contextvars/httpvars"
)

// testBody is a request's body that tells of its calls.
type testBody struct {
	from   *strings.Reader
	onCall func(method string)
	block  <-chan struct{} // if not nil, Read waits for it at the end
	closed chan bool
	once   sync.Once
}

func newBody(content string) *testBody {
	return &testBody{from: strings.NewReader(content), onCall: func(string) {}, closed: make(chan bool)}
}

func (b *testBody) Read(p []byte) (int, error) {
	b.onCall("Read")
	if b.block != nil && b.from.Len() == 0 {
		<-b.block
	}
	return b.from.Read(p)
}

func (b *testBody) Close() error {
	b.onCall("Close")
	b.once.Do(func() { close(b.closed) })
	return nil
}

// selfWritingBody has WriteTo as well.
type selfWritingBody struct{ *testBody }

func (b selfWritingBody) WriteTo(w io.Writer) (int64, error) {
	b.onCall("WriteTo")
	return b.from.WriteTo(w)
}

// received returns the request that base gets for one with this body.
func received(t *testing.T, b io.ReadCloser, getBody func() (io.ReadCloser, error)) *http.Request {
	t.Helper()
	var got *http.Request
	req, err := http.NewRequest("POST", "http://localhost/", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Body, req.GetBody = b, getBody
	httpvars.Transport(tripper(func(r *http.Request) (*http.Response, error) {
		got = r
		return nil, nil
	})).RoundTrip(req)
	return got
}

// net/http knows these types, and sends them in a faster way.
func TestBodiesThatArePassedOn(t *testing.T) {
	pr, _ := io.Pipe()
	for _, b := range []io.ReadCloser{
		nil,
		http.NoBody,
		new(os.File),
		pr,
		io.NopCloser(bytes.NewReader(nil)),
		io.NopCloser(bytes.NewBuffer(nil)),
		io.NopCloser(strings.NewReader("")),
	} {
		if got := received(t, b, nil); got.Body != b || got.GetBody != nil {
			t.Errorf("%T arrives as %T", b, got.Body)
		}
	}
}

// That http.NewRequest makes bodies which are recognized.
func TestBodiesOfNewRequestArePassedOn(t *testing.T) {
	for _, from := range []io.Reader{bytes.NewReader([]byte("x")), bytes.NewBufferString("x"), strings.NewReader("x")} {
		req, err := http.NewRequest("POST", "http://localhost/", from)
		if err != nil {
			t.Fatal(err)
		}
		got := received(t, req.Body, req.GetBody)
		if got.Body != req.Body {
			t.Errorf("%T arrives as %T", req.Body, got.Body)
		}
		again, err := got.GetBody()
		if err != nil || fmt.Sprintf("%T", again) != fmt.Sprintf("%T", req.Body) {
			t.Errorf("GetBody: %T, %v", again, err)
		}
	}
}

// A reader of the caller's in an io.NopCloser is the caller's code.
func TestCustomReaderInNopCloserIsBound(t *testing.T) {
	b := newBody("x")
	for _, wrapped := range []io.ReadCloser{io.NopCloser(b), io.NopCloser(selfWritingBody{b})} {
		if got := received(t, wrapped, nil); got.Body == wrapped {
			t.Errorf("%T is passed on", wrapped)
		}
	}
}

func TestBoundBodyHasWriteToIfTheBodyHas(t *testing.T) {
	if _, ok := received(t, newBody("x"), nil).Body.(io.WriterTo); ok {
		t.Error("WriteTo out of nowhere")
	}
	if _, ok := received(t, selfWritingBody{newBody("x")}, nil).Body.(io.WriterTo); !ok {
		t.Error("WriteTo is lost")
	}
}

// net/http uses WriteTo for a body of unknown length.
func TestWriteToSeesTheCallersVariables(t *testing.T) {
	s := start(t, echo, false)
	c, _ := client(s)
	var saw sightings
	for i := range 2 {
		name := fmt.Sprintf("caller %d", i)
		saw.seen = nil
		user.With(name, func() {
			b := selfWritingBody{newBody("content")}
			b.onCall = saw.add
			req, err := http.NewRequest("POST", s.URL, b)
			if err != nil {
				t.Fatal(err)
			}
			if got := send(t, c, req, i > 0); got != "content" {
				t.Errorf("%q", got)
			}
		})
		saw.check(t, name, "WriteTo", "Close")
	}
}

// Whoever calls GetBody, and reads what it returns.
func TestGetBodySeesTheCallersVariables(t *testing.T) {
	var saw sightings
	var got *http.Request
	user.With("caller", func() {
		got = received(t, newBody("first"), func() (io.ReadCloser, error) {
			saw.add("GetBody")
			b := newBody("second")
			b.onCall = saw.add
			return b, nil
		})
	})
	b, err := got.GetBody()
	if err != nil {
		t.Fatal(err)
	}
	if content, err := io.ReadAll(b); string(content) != "second" || err != nil {
		t.Errorf("%q, %v", content, err)
	}
	b.Close()
	saw.check(t, "caller", "GetBody", "Read", "Close")
}

func TestGetBodyWithoutABodyOrWithAnError(t *testing.T) {
	for _, want := range []struct {
		body io.ReadCloser
		err  error
	}{{nil, io.ErrUnexpectedEOF}, {http.NoBody, nil}} {
		get := received(t, newBody("x"), func() (io.ReadCloser, error) { return want.body, want.err }).GetBody
		if b, err := get(); b != want.body || err != want.err {
			t.Errorf("%v, %v", b, err)
		}
	}
}

// A transport may close a body while it reads it, and read it after RoundTrip.
func TestBodyIsReadAndClosedAtOnce(t *testing.T) {
	reading, goOn := make(chan struct{}), make(chan struct{})
	var saw sightings
	b := newBody("")
	b.block = goOn
	b.onCall = func(method string) {
		saw.add(method)
		if method == "Read" {
			close(reading)
		}
	}
	done := make(chan error)
	user.With("caller", func() {
		rt := httpvars.Transport(tripper(func(r *http.Request) (*http.Response, error) {
			go func() {
				_, err := r.Body.Read(make([]byte, 1))
				done <- err
			}()
			<-reading
			return nil, r.Body.Close()
		}))
		if _, err := rt.RoundTrip(httptest.NewRequest("POST", "/", b)); err != nil {
			t.Error(err)
		}
	})
	close(goOn)
	if err := <-done; err != io.EOF {
		t.Error(err)
	}
	saw.check(t, "caller", "Read", "Close")
}

// What a body sets is seen by nobody.
func TestWhatABodySetsIsGone(t *testing.T) {
	b := newBody("x")
	var found []string
	b.onCall = func(string) {
		found = append(found, user.Get())
		user.Set("set by the body")
	}
	user.With("caller", func() {
		httpvars.Transport(tripper(func(r *http.Request) (*http.Response, error) {
			_, err := io.ReadAll(r.Body)
			if got := user.Get(); got != "caller" {
				t.Errorf("base sees %q", got)
			}
			return nil, err
		})).RoundTrip(httptest.NewRequest("POST", "/", b))
		if got := user.Get(); got != "caller" {
			t.Errorf("the caller sees %q", got)
		}
	})
	if got := strings.Join(found, ","); got != "caller,caller" {
		t.Error(got)
	}
}
