package asyncio

import (
	"io"
	"net"
	"testing"
)

func BenchmarkEchoPlain(b *testing.B) {
	ln, _ := net.Listen("tcp", "127.0.0.1:0")
	defer ln.Close()
	go func() {
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			go func() {
				buf := make([]byte, 4096)
				for {
					n, err := c.Read(buf)
					if err != nil {
						c.Close()
						return
					}
					c.Write(buf[:n])
				}
			}()
		}
	}()
	c, err := net.Dial("tcp", ln.Addr().String())
	if err != nil {
		b.Fatal(err)
	}
	defer c.Close()
	msg := []byte("hello, world!\n")
	buf := make([]byte, len(msg))
	for b.Loop() {
		c.Write(msg)
		io.ReadFull(c, buf)
	}
}

func echo(r *StreamReader, w *StreamWriter) error {
	buf := make([]byte, 4096)
	for {
		n, err := r.Read(buf)
		if err != nil {
			return nil
		}
		w.Write(buf[:n])
		if err := w.Drain(); err != nil {
			return err
		}
	}
}

// server in a loop, client a plain goroutine
func BenchmarkEchoServer(b *testing.B) {
	addr := make(chan string)
	stop := make(chan struct{})
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		Run(func() (int, error) {
			s, err := StartServer(echo, "tcp", "127.0.0.1:0")
			if err != nil {
				b.Error(err)
			}
			addr <- s.Addr().String()
			go func() { <-stop; s.Close() }()
			return 0, s.ServeForever()
		})
	}()
	c, err := net.Dial("tcp", <-addr)
	if err != nil {
		b.Fatal(err)
	}
	msg := []byte("hello, world!\n")
	buf := make([]byte, len(msg))
	for b.Loop() {
		c.Write(msg)
		io.ReadFull(c, buf)
	}
	c.Close()
	close(stop)
	<-ended
}

// both in one loop
func BenchmarkEchoBoth(b *testing.B) {
	b.ReportAllocs()
	Run(func() (int, error) {
		s, err := StartServer(echo, "tcp", "127.0.0.1:0")
		if err != nil {
			b.Error(err)
		}
		r, w, err := OpenConnection("tcp", s.Addr().String())
		if err != nil {
			b.Error(err)
		}
		msg := []byte("hello, world!\n")
		for b.Loop() {
			w.Write(msg)
			if _, err := r.ReadLine(); err != nil {
				b.Error(err)
			}
		}
		w.Close()
		return 0, nil
	})
}

func benchPipe(b *testing.B, both bool) {
	Run(func() (int, error) {
		c, d := net.Pipe()
		r, w := WrapConn(c)
		if both {
			r2, w2 := WrapConn(d)
			Go(func() error { return echo(r2, w2) })
		} else {
			go io.Copy(d, d)
		}
		msg := []byte("hello, world!\n")
		for b.Loop() {
			w.Write(msg)
			if _, err := r.ReadLine(); err != nil {
				b.Error(err)
			}
		}
		w.Close()
		return 0, nil
	})
}

func BenchmarkEchoPipe(b *testing.B)     { benchPipe(b, false) }
func BenchmarkEchoPipeBoth(b *testing.B) { benchPipe(b, true) }
