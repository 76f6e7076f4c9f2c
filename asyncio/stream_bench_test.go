package asyncio

import (
	"io"
	"net"
	"testing"
)

// A line there and back over TCP: goroutines on both sides; a goroutine and a loop; one loop for both.

func BenchmarkEchoGoroutines(b *testing.B) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	defer listener.Close()
	go func() {
		conn, err := listener.Accept()
		if err != nil {
			b.Error(err)
			return
		}
		defer conn.Close()
		buffer := make([]byte, 4096)
		for {
			n, err := conn.Read(buffer)
			if err != nil {
				return
			}
			conn.Write(buffer[:n])
		}
	}()
	netMeasure(b, listener.Addr())
}

func BenchmarkEchoServer(b *testing.B) {
	Run(func() (int, error) {
		s, err := StartServer(netEcho, "tcp", "127.0.0.1:0")
		if err != nil {
			b.Fatal(err)
		}
		go func() {
			netMeasure(b, s.Addr())
			s.Close()
		}()
		return 0, s.ServeForever()
	})
}

// netMeasure measures with a client that is a plain goroutine.
func netMeasure(b *testing.B, server net.Addr) {
	conn, err := net.Dial("tcp", server.String())
	if err != nil {
		b.Error(err)
		return
	}
	defer conn.Close()
	line := []byte("hello, world\n")
	b.ReportAllocs()
	b.ResetTimer()
	for range b.N {
		conn.Write(line)
		if _, err := io.ReadFull(conn, line); err != nil {
			b.Error(err)
		}
	}
	b.StopTimer()
}

func BenchmarkEchoServerAndClient(b *testing.B) {
	Run(func() (int, error) {
		s, err := StartServer(netEcho, "tcp", "127.0.0.1:0")
		if err != nil {
			b.Fatal(err)
		}
		r, w, err := OpenConnection("tcp", s.Addr().String())
		if err != nil {
			b.Fatal(err)
		}
		defer w.Close()
		line := []byte("hello, world\n")
		b.ReportAllocs()
		b.ResetTimer()
		for range b.N {
			w.Write(line)
			if _, err := r.ReadLine(); err != nil {
				b.Fatal(err)
			}
		}
		b.StopTimer()
		return 0, nil
	})
}
