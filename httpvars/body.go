package httpvars

import (
	"bytes"
	"io"
	"net/http"
	"os"
	"reflect"
	"strings"
)

// body runs the methods of a request's body in the caller's context: a
// transport calls them on a goroutine of the connection, which serves one caller
// after another. Read and Close may be called at the same time, so
// they cannot share one context.
type body struct {
	in   binding
	from io.ReadCloser
}

// body returns b bound, or b itself if it calls nobody.
func (in binding) body(b io.ReadCloser) io.ReadCloser {
	if inert(b) {
		return b
	}
	bound := &body{in, b}
	if w, ok := b.(io.WriterTo); ok {
		return &writerToBody{bound, w}
	}
	return bound
}

// getBody returns get bound, and so the bodies that it returns.
func (in binding) getBody(get func() (io.ReadCloser, error)) func() (io.ReadCloser, error) {
	if get == nil {
		return nil
	}
	return func() (b io.ReadCloser, err error) {
		in(func() { b, err = get() })
		if b == nil || b == http.NoBody {
			return b, err
		}
		return in.body(b), err
	}
}

func (b *body) Read(p []byte) (n int, err error) {
	b.in(func() { n, err = b.from.Read(p) })
	return n, err
}

func (b *body) Close() (err error) {
	b.in(func() { err = b.from.Close() })
	return err
}

// writerToBody is for bodies that can write themselves: io.Copy asks for that.
type writerToBody struct {
	*body
	writerTo io.WriterTo
}

func (b *writerToBody) WriteTo(w io.Writer) (n int64, err error) {
	b.in(func() { n, err = b.writerTo.WriteTo(w) })
	return n, err
}

// inert reports whether b is of a type whose methods call no code of the
// caller's. net/http sends some of these in fewer packets or with sendfile, if
// it sees their type.
func inert(b io.ReadCloser) bool {
	switch b.(type) {
	case *os.File, *io.PipeReader:
		return true
	}
	switch reflect.TypeOf(b) {
	case nopCloser, nopCloserWriterTo:
		switch reflect.ValueOf(b).Field(0).Interface().(type) {
		case *bytes.Reader, *bytes.Buffer, *strings.Reader:
			return true
		}
	}
	return false
}

// The types of io.NopCloser's results, which http.NewRequest uses. They are not
// exported, but net/http itself tells them in this way; both have the reader as
// their one field.
var (
	nopCloser         = reflect.TypeOf(io.NopCloser(nil))
	nopCloserWriterTo = reflect.TypeOf(io.NopCloser(new(bytes.Reader)))
)
