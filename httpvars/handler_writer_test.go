package httpvars_test

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gocontextvars/contextvars/httpvars"
)

func TestHandlerPassesWriterAndRequestOn(t *testing.T) {
	for _, p := range protocols {
		t.Run(p.name, func(t *testing.T) {
			var outerW http.ResponseWriter
			var outerR *http.Request
			inner := httpvars.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if w != outerW || r != outerR {
					t.Errorf("inside: %p %p, outside: %p %p", w, r, outerW, outerR)
				}
				if _, ok := w.(http.Flusher); !ok {
					t.Error("no Flusher")
				}
				_, push := w.(http.Pusher)
				_, hijack := w.(http.Hijacker)
				_, readFrom := w.(io.ReaderFrom)
				if push != p.h2 || hijack == p.h2 || readFrom == p.h2 {
					t.Errorf("push %v, hijack %v, readFrom %v", push, hijack, readFrom)
				}
			}))
			s := start(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				outerW, outerR = w, r
				inner.ServeHTTP(w, r)
			}), p.h2)
			get(t, s.Client(), s.URL, false)
		})
	}
}

// Flush: the client has the first part while the handler still runs.
func TestFlushThroughHandler(t *testing.T) {
	for _, p := range protocols {
		t.Run(p.name, func(t *testing.T) {
			read := make(chan bool)
			s := start(t, httpvars.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				io.WriteString(w, "one\n")
				w.(http.Flusher).Flush()
				<-read
				io.WriteString(w, "two\n")
				if err := http.NewResponseController(w).Flush(); err != nil {
					t.Error(err)
				}
				<-read
			})), p.h2)
			resp, err := s.Client().Get(s.URL)
			if err != nil {
				t.Fatal(err)
			}
			defer resp.Body.Close()
			lines := bufio.NewReader(resp.Body)
			for _, want := range []string{"one\n", "two\n"} {
				if got, err := lines.ReadString('\n'); got != want || err != nil {
					t.Errorf("%q, %v", got, err)
				}
				read <- true
			}
		})
	}
}

// io.Copy finds ReadFrom, with which net/http sends files by sendfile.
func TestReadFromThroughHandler(t *testing.T) {
	content := strings.Repeat("content ", 10_000)
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	s := start(t, httpvars.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f, err := os.Open(path)
		if err != nil {
			t.Error(err)
			return
		}
		defer f.Close()
		if n, err := w.(io.ReaderFrom).ReadFrom(f); n != int64(len(content)) || err != nil {
			t.Error(n, err)
		}
	})), false)
	if got := get(t, s.Client(), s.URL, false); got != content {
		t.Errorf("%d bytes", len(got))
	}
}

func TestResponseControllerThroughHandler(t *testing.T) {
	for _, p := range protocols {
		t.Run(p.name, func(t *testing.T) {
			s := start(t, httpvars.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				c := http.NewResponseController(w)
				for _, err := range []error{
					c.SetReadDeadline(time.Now().Add(time.Hour)),
					c.SetWriteDeadline(time.Now().Add(time.Hour)),
					c.EnableFullDuplex(),
				} {
					if err != nil {
						t.Error(err)
					}
				}
			})), p.h2)
			get(t, s.Client(), s.URL, false)
		})
	}
}

// A hijacked connection is served on by a goroutine that has the request's variables.
func TestHijackThroughHandler(t *testing.T) {
	s := start(t, httpvars.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		user.Set("of " + r.URL.Path)
		conn, rw, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		go func() {
			defer conn.Close()
			io.WriteString(conn, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n")
			line, _ := rw.ReadString('\n')
			fmt.Fprintf(conn, "%s: %s", user.Get(), line)
		}()
	})), false)
	conn := upgrade(t, s.Client(), s.URL+"/1")
	defer conn.Close()
	if _, err := io.WriteString(conn, "hello\n"); err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(conn); string(got) != "of /1: hello\n" || err != nil {
		t.Errorf("%q, %v", got, err)
	}
}

// upgrade sends a request for another protocol and returns the connection.
func upgrade(t *testing.T, c *http.Client, url string) io.ReadWriteCloser {
	t.Helper()
	req, err := http.NewRequest("GET", url, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Connection", "Upgrade")
	req.Header.Set("Upgrade", "echo")
	resp, err := c.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	conn, ok := resp.Body.(io.ReadWriteCloser)
	if resp.StatusCode != http.StatusSwitchingProtocols || !ok {
		t.Fatalf("%s, body %T", resp.Status, resp.Body)
	}
	return conn
}
