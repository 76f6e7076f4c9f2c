package httpvars_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/textproto"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gocontextvars/contextvars/httpvars"
	"github.com/gocontextvars/contextvars/wire"
)

// file returns an open file of that size.
func file(t testing.TB, size int) *os.File {
	t.Helper()
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, bytes.Repeat([]byte("x"), size), 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

// lazySource sets a variable when it is read for the first time.
type lazySource struct{ io.Reader }

func (s *lazySource) Read(p []byte) (int, error) {
	if cost.Get() == 1 {
		cost.Set(2)
	}
	return s.Reader.Read(p)
}

// Each way to write a response: the caller has the values as they were when the header was
// written, and the body is complete.
func TestReplyIsWrittenWithTheHeader(t *testing.T) {
	content := strings.Repeat("x", 100_000)
	for _, tt := range []struct {
		name, method string
		write        func(t *testing.T, w http.ResponseWriter, r *http.Request)
		status, body int // body is its length
		cost         int // when the header was written
	}{
		{"nothing", "GET", func(t *testing.T, w http.ResponseWriter, r *http.Request) {}, 200, 0, 3},
		{"WriteHeader", "GET", func(t *testing.T, w http.ResponseWriter, r *http.Request) { w.WriteHeader(201) }, 201, 0, 1},
		{"WriteHeader of no content", "GET", func(t *testing.T, w http.ResponseWriter, r *http.Request) { w.WriteHeader(204) }, 204, 0, 1},
		{"WriteHeader of not modified", "GET", func(t *testing.T, w http.ResponseWriter, r *http.Request) { w.WriteHeader(304) }, 304, 0, 1},
		{"Write", "GET", func(t *testing.T, w http.ResponseWriter, r *http.Request) { w.Write([]byte("xx")) }, 200, 2, 1},
		{"Write of nothing", "GET", func(t *testing.T, w http.ResponseWriter, r *http.Request) { w.Write(nil) }, 200, 0, 1},
		{"Write for HEAD", "HEAD", func(t *testing.T, w http.ResponseWriter, r *http.Request) { w.Write([]byte("xx")) }, 200, 0, 1},
		{"WriteString", "GET", func(t *testing.T, w http.ResponseWriter, r *http.Request) { io.WriteString(w, "xx") }, 200, 2, 1},
		{"Error", "GET", func(t *testing.T, w http.ResponseWriter, r *http.Request) { http.Error(w, "x", 500) }, 500, 2, 1},
		{"Flush", "GET", func(t *testing.T, w http.ResponseWriter, r *http.Request) { w.(http.Flusher).Flush() }, 200, 0, 1},
		{"Flush by ResponseController", "GET", func(t *testing.T, w http.ResponseWriter, r *http.Request) {
			if err := http.NewResponseController(w).Flush(); err != nil {
				t.Error(err)
			}
		}, 200, 0, 1},
		{"Copy of memory", "GET", func(t *testing.T, w http.ResponseWriter, r *http.Request) {
			io.Copy(w, strings.NewReader(content))
		}, 200, len(content), 1},
		{"Copy of a short reader", "GET", func(t *testing.T, w http.ResponseWriter, r *http.Request) {
			io.Copy(w, struct{ io.Reader }{strings.NewReader("xx")})
		}, 200, 2, 1},
		{"Copy of a reader that sets", "GET", func(t *testing.T, w http.ResponseWriter, r *http.Request) {
			io.Copy(w, &lazySource{strings.NewReader(content)})
		}, 200, len(content), 2},
		{"Copy of nothing", "GET", func(t *testing.T, w http.ResponseWriter, r *http.Request) {
			io.Copy(w, struct{ io.Reader }{strings.NewReader("")})
		}, 200, 0, 3},
		{"Copy of a file", "GET", func(t *testing.T, w http.ResponseWriter, r *http.Request) {
			io.Copy(w, file(t, len(content)))
		}, 200, len(content), 1},
		{"Copy of a file after WriteHeader", "GET", func(t *testing.T, w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(201)
			cost.Set(2)
			io.Copy(w, file(t, len(content)))
		}, 201, len(content), 1},
		{"ServeContent", "GET", func(t *testing.T, w http.ResponseWriter, r *http.Request) {
			http.ServeContent(w, r, "file", time.Time{}, file(t, len(content)))
		}, 200, len(content), 1},
		{"ServeContent for HEAD", "HEAD", func(t *testing.T, w http.ResponseWriter, r *http.Request) {
			http.ServeContent(w, r, "file", time.Time{}, file(t, len(content)))
		}, 200, 0, 1},
		{"full duplex", "POST", func(t *testing.T, w http.ResponseWriter, r *http.Request) {
			if err := http.NewResponseController(w).EnableFullDuplex(); err != nil {
				t.Error(err)
			}
			cost.Set(2)
			w.WriteHeader(200)
			http.NewResponseController(w).Flush()
			io.Copy(w, r.Body)
		}, 200, len(content), 2},
	} {
		t.Run(tt.name, func(t *testing.T) {
			over(t, httpvars.HandlerFrom(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				cost.Set(1)
				tt.write(t, w, r)
				cost.Set(3) // too late, but where nothing has been written
			}), wire.Trusted()), func(t *testing.T, c *http.Client, url string) {
				for range 2 {
					var body io.Reader
					if tt.method == "POST" {
						body = strings.NewReader(content)
					}
					req, err := http.NewRequest(tt.method, url, body)
					if err != nil {
						t.Fatal(err)
					}
					resp, err := c.Do(req)
					if err != nil {
						t.Fatal(err)
					}
					wantCost(t, tt.cost)
					got, err := io.ReadAll(resp.Body)
					resp.Body.Close()
					if resp.StatusCode != tt.status || len(got) != tt.body || err != nil {
						t.Errorf("%s, %d bytes, %v", resp.Status, len(got), err)
					}
					if list, ok := resp.Header["Baggage-Reply"]; ok {
						t.Errorf("the response still has %q", list)
					}
				}
			})
		})
	}
}

// Informational responses come before the response: they have no variables, and what is set
// after them goes back.
func TestReplyAfterInformationalResponses(t *testing.T) {
	over(t, httpvars.HandlerFrom(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		cost.Set(1)
		w.Header().Set("Link", "</style.css>; rel=preload")
		w.WriteHeader(http.StatusEarlyHints)
		cost.Set(2)
		w.WriteHeader(http.StatusProcessing)
		cost.Set(3)
		w.WriteHeader(http.StatusOK)
	}), wire.Trusted()), func(t *testing.T, c *http.Client, url string) {
		var early []string
		req, err := http.NewRequest("GET", url, nil)
		if err != nil {
			t.Fatal(err)
		}
		req = req.WithContext(httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{
			Got1xxResponse: func(code int, h textproto.MIMEHeader) error {
				early = append(early, fmt.Sprint(code, h["Link"], h["Baggage-Reply"]))
				return nil
			},
		}))
		roundTrip(t, c, req)
		want(t, "informational responses", strings.Join(early, "; "),
			"103 [</style.css>; rel=preload] []; 102 [</style.css>; rel=preload] []")
		wantCost(t, 3)
	})
}

// A handler that writes the 101 itself sends the variables with it.
func TestReplyWithSwitchingProtocols(t *testing.T) {
	url, base := serveOver(t, "HTTP/1.1", httpvars.HandlerFrom(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		cost.Set(7)
		w.Header().Set("Connection", "Upgrade")
		w.Header().Set("Upgrade", "echo")
		w.WriteHeader(http.StatusSwitchingProtocols)
		echoLine(t, w)
	}), wire.Trusted()))
	apart(func() {
		conn := upgrade(t, &http.Client{Transport: httpvars.TransportTo(base, wire.Trusted())}, url)
		defer conn.Close()
		wantCost(t, 7)
		wantEcho(t, conn)
	})
}

// The header is the hijacker's business.
func TestHijackThroughHandlerFrom(t *testing.T) {
	url, base := serveOver(t, "HTTP/1.1", httpvars.HandlerFrom(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		cost.Set(7)
		echoLine(t, w, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n")
	}), wire.Trusted()))
	apart(func() {
		conn := upgrade(t, &http.Client{Transport: httpvars.TransportTo(base, wire.Trusted())}, url)
		defer conn.Close()
		wantCost(t, 0)
		wantEcho(t, conn)
	})
}

// echoLine takes the connection, writes head, and sends one line back.
func echoLine(t *testing.T, w http.ResponseWriter, head ...string) {
	conn, rw, err := w.(http.Hijacker).Hijack()
	if err != nil {
		t.Error(err)
		return
	}
	defer conn.Close()
	io.WriteString(conn, strings.Join(head, ""))
	line, _ := rw.ReadString('\n')
	io.WriteString(conn, line)
}

func wantEcho(t *testing.T, conn io.ReadWriter) {
	t.Helper()
	if _, err := io.WriteString(conn, "hello\n"); err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(conn); string(got) != "hello\n" || err != nil {
		t.Errorf("%q, %v", got, err)
	}
}

// Around it, TimeoutHandler writes the header of the inner one, if that is in time.
func TestReplyInsideOfTimeoutHandler(t *testing.T) {
	h := httpvars.HandlerFrom(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := http.NewResponseController(w).Flush(); err == nil {
			t.Error("it can flush now; the test is in want of another writer")
		}
		cost.Set(7) // what could not be flushed has not been sent
		if r.URL.Path == "/write" {
			io.WriteString(w, "x")
		} else if r.URL.Path == "/late" {
			<-r.Context().Done()
		}
	}), wire.Trusted())
	over(t, http.TimeoutHandler(h, time.Hour, ""), func(t *testing.T, c *http.Client, url string) {
		for _, path := range []string{"/", "/write"} {
			apart(func() {
				fetch(t, c, url+path)
				wantCost(t, 7)
			})
		}
	})
	over(t, http.TimeoutHandler(h, time.Millisecond, "too late"), func(t *testing.T, c *http.Client, url string) {
		want(t, "body", fetch(t, c, url+"/late"), "too late")
		wantCost(t, 0)
	})
}

// Inside, TimeoutHandler runs the handler in a goroutine: it sees what the request has
// brought, but its variables are its own.
func TestReplyAroundTimeoutHandler(t *testing.T) {
	over(t, httpvars.HandlerFrom(http.TimeoutHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		cost.Set(7)
		teller(w, r)
	}), time.Hour, ""), wire.Trusted()), func(t *testing.T, c *http.Client, url string) {
		want(t, "the handler saw", as(t, c, "acme", url), saw("acme", ""))
		wantCost(t, 0)
	})
}

func TestPanicThroughHandlerFrom(t *testing.T) {
	for _, value := range []any{"boom", http.ErrAbortHandler} {
		t.Run(fmt.Sprint(value), func(t *testing.T) {
			h := httpvars.HandlerFrom(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if cost.Set(7); r.URL.Path == "/panic" {
					panic(value)
				}
			}), wire.Trusted())
			over(t, h, func(t *testing.T, c *http.Client, url string) {
				if resp, err := c.Get(url + "/panic"); err == nil {
					t.Errorf("%v, want no response", resp.Status)
				}
				wantCost(t, 0)
				fetch(t, c, url)
				wantCost(t, 7)
			})
			// Somebody recovers: the panic's value is the one, and the response theirs.
			over(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				defer func() {
					if got := recover(); got != value {
						t.Errorf("recovered %v", got)
					}
					wantCost(t, 0)
					w.WriteHeader(http.StatusTeapot)
				}()
				h.ServeHTTP(w, r)
			}), func(t *testing.T, c *http.Client, url string) {
				fetch(t, c, url+"/panic")
				wantCost(t, 0)
			})
		})
	}
}

// Nothing goes back to a peer that is not open for it, nor to one that has sent nothing but the request.
func TestReplyNeedsAnOpenPeer(t *testing.T) {
	for _, peer := range []*wire.Peer{nil, wire.NewPeer("closed"), wire.NewPeer("other", wire.Send(tenant), wire.Accept(cost))} {
		t.Run(fmt.Sprint(peer), func(t *testing.T) {
			over(t, httpvars.HandlerFrom(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				cost.Set(7)
				large.Set("x")
			}), peer), func(t *testing.T, c *http.Client, url string) {
				fetch(t, c, url)
				wantCost(t, 0)
				want(t, "large", large.Get(), "")
			})
		})
	}
}

// Entries of others in the header stay; what the handler copied from elsewhere is not ours.
func TestReplyKeepsEntriesOfOthers(t *testing.T) {
	for list, wanted := range map[string]string{"theirs=1,cost=99": "theirs=1,cost=7", "cost=99": "cost=7"} {
		s := start(t, httpvars.HandlerFrom(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Baggage-Reply", list)
			cost.Set(7)
		}), wire.Trusted()), false)
		resp, err := s.Client().Get(s.URL)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		want(t, "header", fmt.Sprint(resp.Header["Baggage-Reply"]), "["+wanted+"]")
	}
}
