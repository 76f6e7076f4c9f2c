package httpvars_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"testing"
	"time"
	"weak"
)

// A kept-alive connection that turns out to be dead: the request is sent again on
// another one, with a body from GetBody.
func TestRetrySeesTheCallersVariables(t *testing.T) {
	var conns sync.Map
	s := start(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n, _ := conns.LoadOrStore(r.RemoteAddr, new(int))
		if *n.(*int)++; *n.(*int) == 2 { // requests of one connection come one after the other
			// All of it, or else the client may see an error of its own first.
			io.Copy(io.Discard, r.Body)
			conn, _, err := http.NewResponseController(w).Hijack()
			if err != nil {
				t.Error(err)
				return
			}
			conn.Close()
			return
		}
		io.Copy(w, r.Body)
	}), false)
	c, _ := client(s)
	get(t, c, s.URL, false)
	var saw sightings
	bodies := 0
	user.With("caller", func() {
		newBody := func() *testBody {
			bodies++
			b, number := newBody("content"), bodies
			b.onCall = func(method string) { saw.add(fmt.Sprint(method, " of body ", number)) }
			return b
		}
		req, err := http.NewRequest("POST", s.URL, newBody())
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Idempotency-Key", "1")
		req.GetBody = func() (io.ReadCloser, error) {
			saw.add("GetBody")
			return newBody(), nil
		}
		if got := roundTrip(t, c, req); got != "content" {
			t.Errorf("%q", got)
		}
	})
	saw.check(t, "caller", "Read of body 1", "Close of body 1", "GetBody", "Read of body 2", "Close of body 2")
}

// What is cancelled ends with the ctx's error, the body is closed, and nothing
// is held.
func TestCancelThroughTransport(t *testing.T) {
	for _, p := range protocols {
		t.Run(p.name, func(t *testing.T) {
			inHandler := make(chan bool, 1)
			s := start(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				inHandler <- true
				io.Copy(io.Discard, r.Body)
				<-r.Context().Done()
			}), p.h2)
			c, _ := client(s)
			var saw sightings
			try := func() weak.Pointer[value] {
				v := &value{name: "cancelled"}
				payload.With(v, func() {
					defer user.Set("caller").Restore()
					ctx, cancel := context.WithCancel(t.Context())
					reading := make(chan bool, 1)
					b := newBody("")
					b.block = ctx.Done() // as a body that waits for more
					b.onCall = func(method string) {
						if saw.add(method); method == "Read" {
							select {
							case reading <- true:
							default:
							}
						}
					}
					req, err := http.NewRequestWithContext(ctx, "POST", s.URL, b)
					if err != nil {
						t.Fatal(err)
					}
					go func() {
						<-inHandler
						<-reading
						cancel()
					}()
					if resp, err := c.Do(req); !errors.Is(err, context.Canceled) {
						t.Errorf("%v, %v", resp, err)
					}
					<-b.closed
				})
				return weak.Make(v)
			}
			w := try()
			saw.check(t, "caller", "Read", "Close")
			if held(func() bool { return w.Value() == nil }) {
				t.Error("held")
			}
		})
	}
}

// http.Client ends requests of transports that it does not know through Request.Cancel.
func TestClientTimeoutThroughTransport(t *testing.T) {
	s := start(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		<-r.Context().Done()
	}), false)
	c, _ := client(s)
	c.Timeout = 10 * time.Millisecond
	resp, err := c.Post(s.URL, "", newBody("content"))
	if timeout, ok := errors.AsType[net.Error](err); !ok || !timeout.Timeout() {
		t.Errorf("%v, %v", resp, err)
	}
}

// The body of a 101 response can be written to.
func TestUpgradeThroughTransport(t *testing.T) {
	s := start(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		conn, rw, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		defer conn.Close()
		io.WriteString(conn, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n")
		line, _ := rw.ReadString('\n')
		io.WriteString(conn, line)
	}), false)
	c, _ := client(s)
	conn := upgrade(t, c, s.URL)
	defer conn.Close()
	if _, err := io.WriteString(conn, "hello\n"); err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(conn); string(got) != "hello\n" || err != nil {
		t.Errorf("%q, %v", got, err)
	}
}

func TestCloseIdleConnectionsThroughTransport(t *testing.T) {
	closed := make(chan bool, 1)
	s := start(t, echo, false, func(s *http.Server) {
		s.ConnState = func(_ net.Conn, state http.ConnState) {
			if state == http.StateClosed {
				closed <- true
			}
		}
	})
	c, _ := client(s)
	get(t, c, s.URL, false)
	c.CloseIdleConnections()
	select {
	case <-closed:
	case <-time.After(10 * time.Second):
		t.Fatal("the connection is still open")
	}
	get(t, c, s.URL, false)
}
