package httpvars_test

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"testing"
	"time"

	"github.com/gocontextvars/contextvars/httpvars"
	"github.com/gocontextvars/contextvars/wire"
)

type closeNotifier interface{ CloseNotify() <-chan bool } // http.CloseNotifier is deprecated

// abilities tells what else than the interface says w can do.
func abilities(w http.ResponseWriter) string {
	_, flush := w.(http.Flusher)
	_, hijack := w.(http.Hijacker)
	_, push := w.(http.Pusher)
	_, readFrom := w.(io.ReaderFrom)
	_, notify := w.(closeNotifier)
	return fmt.Sprintf("flush %v, hijack %v, push %v, readFrom %v, notify %v", flush, hijack, push, readFrom, notify)
}

// The server's own writers can do the same through it; with a peer that gets no replies they are
// passed on as they are.
func TestHandlerFromKeepsWhatTheServersWriterCanDo(t *testing.T) {
	for name, peer := range map[string]*wire.Peer{"replies": wire.Trusted(), "no replies": wire.NewPeer("x", wire.Send(tenant)), "nil": nil} {
		for _, p := range carriers {
			t.Run(name+"/"+p.name, func(t *testing.T) {
				var outside http.ResponseWriter
				inner := httpvars.HandlerFrom(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					want(t, "inside", abilities(w), abilities(outside))
					want(t, "it is the server's own", w == outside, name != "replies")
					if _, ok := w.(io.StringWriter); !ok {
						t.Error("no WriteString")
					}
					c := http.NewResponseController(w)
					for _, err := range []error{
						c.SetReadDeadline(time.Now().Add(time.Hour)),
						c.SetWriteDeadline(time.Now().Add(time.Hour)),
						c.EnableFullDuplex(),
						c.Flush(),
					} {
						if err != nil {
							t.Error(err)
						}
					}
					if pusher, ok := w.(http.Pusher); ok {
						if err := pusher.Push("/x", nil); err != nil && err != http.ErrNotSupported {
							t.Error(err)
						}
					}
				}), peer)
				url, base := serveOver(t, p.name, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					outside = w
					inner.ServeHTTP(w, r)
				}))
				fetch(t, &http.Client{Transport: base}, url)
			})
		}
	}
}

// Frameworks that rely on CloseNotify, as some do, hear that the client has gone.
func TestCloseNotifyThroughHandlerFrom(t *testing.T) {
	for _, p := range carriers {
		t.Run(p.name, func(t *testing.T) {
			heard := make(chan bool)
			url, base := serveOver(t, p.name, httpvars.HandlerFrom(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				gone := w.(closeNotifier).CloseNotify()
				w.(http.Flusher).Flush()
				<-gone
				close(heard)
			}), wire.Trusted()))
			resp, err := (&http.Client{Transport: base}).Get(url)
			if err != nil {
				t.Fatal(err)
			}
			resp.Body.Close() // there is more to come, so the connection or the stream is closed
			<-heard
		})
	}
}

// Flush: the caller has the first part while the handler still runs.
func TestFlushThroughHandlerFrom(t *testing.T) {
	read := make(chan bool)
	over(t, httpvars.HandlerFrom(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		cost.Set(7)
		io.WriteString(w, "one\n")
		w.(http.Flusher).Flush()
		<-read
		cost.Set(8)
		io.WriteString(w, "two\n")
		if err := http.NewResponseController(w).Flush(); err != nil {
			t.Error(err)
		}
		<-read
	}), wire.Trusted()), func(t *testing.T, c *http.Client, url string) {
		resp, err := c.Get(url)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		lines := bufio.NewReader(resp.Body)
		for _, line := range []string{"one\n", "two\n"} {
			if got, err := lines.ReadString('\n'); got != line || err != nil {
				t.Errorf("%q, %v", got, err)
			}
			wantCost(t, 7)
			read <- true
		}
	})
}

// Middleware of the newer kind has Unwrap and nothing else. What http.ResponseController finds
// behind it does not pass by the reply.
func TestFlushByControllerBehindMiddlewareWithUnwrap(t *testing.T) {
	inner := httpvars.HandlerFrom(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		want(t, "inside", abilities(w), abilities(onlyUnwrap{}))
		cost.Set(7)
		if err := http.NewResponseController(w).Flush(); err != nil {
			t.Error(err)
		}
	}), wire.Trusted())
	over(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		inner.ServeHTTP(onlyUnwrap{w, w}, r)
	}), func(t *testing.T, c *http.Client, url string) {
		fetch(t, c, url)
		wantCost(t, 7)
	})
}

type plainWriter interface { // http.ResponseWriter without its promoted methods
	Header() http.Header
	Write([]byte) (int, error)
	WriteHeader(int)
}

type onlyUnwrap struct {
	plainWriter
	inside http.ResponseWriter
}

func (w onlyUnwrap) Unwrap() http.ResponseWriter { return w.inside }

// tcpConn counts the bytes that are sent by ReadFrom, which is for files.
type tcpConn struct {
	*net.TCPConn
	sent *int64
}

func (c *tcpConn) ReadFrom(r io.Reader) (int64, error) {
	n, err := c.TCPConn.ReadFrom(r)
	*c.sent += n
	return n, err
}

type tcpListener struct {
	net.Listener
	sent *int64
}

func (l tcpListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &tcpConn{c.(*net.TCPConn), l.sent}, nil
}

// net/http sends files by sendfile, if it sees that they are files: with and without us, but for
// the bytes that are looked at for the type.
func TestFilesAreStillSentBySendfile(t *testing.T) {
	const size = 100_000
	for name, send := range map[string]func(http.ResponseWriter, *http.Request, *os.File){
		"io.Copy": func(w http.ResponseWriter, _ *http.Request, f *os.File) {
			w.Header().Set("Content-Length", fmt.Sprint(size)) // without it the response is in chunks
			io.Copy(w, f)
		},
		"io.CopyN": func(w http.ResponseWriter, _ *http.Request, f *os.File) {
			w.Header().Set("Content-Length", fmt.Sprint(size))
			io.CopyN(w, f, size)
		},
		"ServeContent": func(w http.ResponseWriter, r *http.Request, f *os.File) {
			http.ServeContent(w, r, "file", time.Time{}, f)
		},
	} {
		h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			cost.Set(7)
			send(w, r, file(t, size))
		})
		for wrapped, h := range map[bool]http.Handler{false: httpvars.Handler(h), true: httpvars.HandlerFrom(h, wire.Trusted())} {
			t.Run(fmt.Sprintf("%s/HandlerFrom=%v", name, wrapped), func(t *testing.T) {
				var sent int64
				s := httptest.NewUnstartedServer(h)
				s.Listener = tcpListener{s.Listener, &sent}
				s.Start()
				defer s.Close()
				resp, err := s.Client().Get(s.URL)
				if err != nil {
					t.Fatal(err)
				}
				got, err := io.ReadAll(resp.Body)
				resp.Body.Close()
				if _, ok := resp.Header["Baggage-Reply"]; ok != wrapped || err != nil || len(got) != size {
					t.Errorf("%d bytes, %v, header %v", len(got), err, resp.Header)
				}
				s.Close() // so that the handler has returned
				if sent < size-2*512 {
					t.Errorf("%d bytes were sent by ReadFrom", sent)
				}
			})
		}
	}
}

// Parts of ResponseWriters, each of which says who has called it.
type (
	parts     struct{ called *bytes.Buffer }
	flushPart struct{ parts }
	hijack    struct{ parts }
	push      struct{ parts }
	readFrom  struct{ parts }
)

func (p flushPart) Flush() { p.called.WriteString("Flush ") }
func (p hijack) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	p.called.WriteString("Hijack ")
	return nil, nil, nil
}
func (p push) Push(string, *http.PushOptions) error {
	p.called.WriteString("Push ")
	return nil
}
func (p readFrom) ReadFrom(r io.Reader) (int64, error) {
	p.called.WriteString("ReadFrom ")
	return io.Copy(io.Discard, r)
}

// Whatever other middleware has left of the server's writer is there inside, no more and no
// less, and leads to it.
func TestHandlerFromKeepsWhatIsLeftOfAWriter(t *testing.T) {
	rec := struct{ plainWriter }{httptest.NewRecorder()}
	var called bytes.Buffer
	own := parts{&called}
	f, h, p, r := flushPart{own}, hijack{own}, push{own}, readFrom{own}
	for _, w := range []http.ResponseWriter{
		rec,
		struct {
			plainWriter
			http.Flusher
		}{rec, f},
		struct {
			plainWriter
			http.Hijacker
		}{rec, h},
		struct {
			plainWriter
			http.Pusher
		}{rec, p},
		struct {
			plainWriter
			io.ReaderFrom
		}{rec, r},
		struct {
			plainWriter
			http.Flusher
			http.Hijacker
		}{rec, f, h},
		struct {
			plainWriter
			http.Flusher
			http.Pusher
		}{rec, f, p},
		struct {
			plainWriter
			http.Flusher
			io.ReaderFrom
		}{rec, f, r},
		struct {
			plainWriter
			http.Hijacker
			http.Pusher
		}{rec, h, p},
		struct {
			plainWriter
			http.Hijacker
			io.ReaderFrom
		}{rec, h, r},
		struct {
			plainWriter
			http.Pusher
			io.ReaderFrom
		}{rec, p, r},
		struct {
			plainWriter
			http.Flusher
			http.Hijacker
			http.Pusher
		}{rec, f, h, p},
		struct {
			plainWriter
			http.Flusher
			http.Hijacker
			io.ReaderFrom
		}{rec, f, h, r},
		struct {
			plainWriter
			http.Flusher
			http.Pusher
			io.ReaderFrom
		}{rec, f, p, r},
		struct {
			plainWriter
			http.Hijacker
			http.Pusher
			io.ReaderFrom
		}{rec, h, p, r},
		struct {
			plainWriter
			http.Flusher
			http.Hijacker
			http.Pusher
			io.ReaderFrom
		}{rec, f, h, p, r},
	} {
		t.Run(abilities(w), func(t *testing.T) {
			called.Reset()
			use(w)
			direct := called.String()
			httpvars.HandlerFrom(http.HandlerFunc(func(inside http.ResponseWriter, _ *http.Request) {
				want(t, "inside", abilities(inside), abilities(w))
				called.Reset()
				use(inside)
				want(t, "called", called.String(), direct)
			}), wire.Trusted()).ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
		})
	}
}

// use calls all that w can do.
func use(w http.ResponseWriter) {
	if f, ok := w.(http.Flusher); ok {
		f.Flush()
	}
	if h, ok := w.(http.Hijacker); ok {
		h.Hijack()
	}
	if p, ok := w.(http.Pusher); ok {
		p.Push("/", nil)
	}
	if r, ok := w.(io.ReaderFrom); ok {
		r.ReadFrom(bytes.NewReader(make([]byte, 1000)))
	}
}
