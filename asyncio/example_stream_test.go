package asyncio_test

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"time"

	"github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/asyncio"
)

// A server that counts the lines of each connection. Every connection has a task and a context of
// its own, which begins as that of StartServer.
func ExampleStartServer() {
	greeting := contextvars.New[string]("greeting")
	lines := contextvars.New[int]("lines")
	asyncio.Run(func() (int, error) {
		greeting.Set("welcome")
		server, err := asyncio.StartServer(func(r *asyncio.StreamReader, w *asyncio.StreamWriter) error {
			for {
				line, err := r.ReadLine()
				if err == io.EOF {
					return nil
				} else if err != nil {
					return err
				}
				lines.Set(lines.Get() + 1)
				fmt.Fprintf(w, "%s %s, line %d\n", greeting.Get(), line[:len(line)-1], lines.Get())
				if err := w.Drain(); err != nil {
					return err
				}
			}
		}, "tcp", "127.0.0.1:0")
		if err != nil {
			return 0, err
		}
		defer server.Close()

		for _, name := range []string{"ann", "bob"} {
			r, w, err := asyncio.OpenConnection("tcp", server.Addr().String())
			if err != nil {
				return 0, err
			}
			defer w.Close()
			for range 2 {
				fmt.Fprintln(w, name)
				answer, err := r.ReadLine()
				if err != nil {
					return 0, err
				}
				fmt.Printf("%s", answer)
			}
		}
		return 0, nil
	})
	// Output:
	// welcome ann, line 1
	// welcome ann, line 2
	// welcome bob, line 1
	// welcome bob, line 2
}

// A server that runs until its task is cancelled, here by a timeout. Clients that wait for data see the
// end of their connection then.
func ExampleServer_ServeForever() {
	_, err := asyncio.Run(func() (int, error) {
		server, err := asyncio.StartServer(func(r *asyncio.StreamReader, w *asyncio.StreamWriter) error {
			fmt.Fprintln(w, "hello")
			_, err := r.ReadLine()
			fmt.Println("client:", err)
			return nil
		}, "tcp", "127.0.0.1:0")
		if err != nil {
			return 0, err
		}
		r, w, err := asyncio.OpenConnection("tcp", server.Addr().String())
		if err != nil {
			return 0, err
		}
		defer w.Close()
		line, _ := r.ReadLine()
		fmt.Printf("server: %s", line)
		return 0, asyncio.Timeout(10*time.Millisecond, server.ServeForever)
	})
	fmt.Println(err)
	// Output:
	// server: hello
	// client: EOF
	// asyncio: timeout
}

// A connection of another making, and messages that say how long they are.
func ExampleStreamReader_ReadExactly() {
	asyncio.Run(func() (int, error) {
		near, far := net.Pipe()
		go func() { // somewhere else
			message := "hello"
			far.Write(append(binary.BigEndian.AppendUint32(nil, uint32(len(message))), message...))
			far.Write([]byte{0, 0})
			far.Close()
		}()
		r, w := asyncio.WrapConn(near)
		defer w.Close()
		for {
			head, err := r.ReadExactly(4)
			var incomplete *asyncio.IncompleteReadError
			if errors.As(err, &incomplete) {
				fmt.Println("partial:", incomplete.Partial)
			}
			if err != nil {
				fmt.Println(err)
				return 0, err
			}
			message, err := r.ReadExactly(int(binary.BigEndian.Uint32(head)))
			if err != nil {
				return 0, err
			}
			fmt.Printf("%s\n", message)
		}
	})
	// Output:
	// hello
	// partial: [0 0]
	// asyncio: the connection ended after 2 of 4 bytes
}

// What takes an io.Reader or an io.Writer can be used in a task, and suspends it where it
// would block a goroutine.
func ExampleWrapConn() {
	type message struct{ Number int }
	asyncio.Run(func() (int, error) {
		a, b := net.Pipe()
		asyncio.Go(func() error {
			_, w := asyncio.WrapConn(a)
			defer w.Close()
			for e, i := json.NewEncoder(w), 1; i <= 3; i++ {
				if err := e.Encode(message{i}); err != nil {
					return err
				}
				if err := w.Drain(); err != nil {
					return err
				}
			}
			return nil
		})
		r, w := asyncio.WrapConn(b)
		defer w.Close()
		for d := json.NewDecoder(r); ; {
			var m message
			if err := d.Decode(&m); err != nil {
				fmt.Println(err)
				return 0, nil
			}
			fmt.Println(m.Number)
		}
	})
	// Output:
	// 1
	// 2
	// 3
	// EOF
}

// A proxy: each direction is copied until it ends, and drained on the way, so that neither side can fill the
// other's memory.
func ExampleStreamWriter_ReadFrom() {
	shout := func(r *asyncio.StreamReader, w *asyncio.StreamWriter) error {
		all, err := r.ReadN(-1)
		fmt.Fprintf(w, "%s!", all)
		return err
	}
	asyncio.Run(func() (int, error) {
		server, err := asyncio.StartServer(shout, "tcp", "127.0.0.1:0")
		if err != nil {
			return 0, err
		}
		defer server.Close()
		proxy, err := asyncio.StartServer(func(r *asyncio.StreamReader, w *asyncio.StreamWriter) error {
			r2, w2, err := asyncio.OpenConnection("tcp", server.Addr().String())
			if err != nil {
				return err
			}
			defer w2.Close()
			return asyncio.TaskGroup(func(g *asyncio.Group) error {
				copying := func(w *asyncio.StreamWriter, r *asyncio.StreamReader) func() (int64, error) {
					return func() (int64, error) {
						n, err := io.Copy(w, r)
						return n, errors.Join(err, w.WriteEOF())
					}
				}
				asyncio.Spawn(g, copying(w2, r))
				asyncio.Spawn(g, copying(w, r2))
				return nil
			})
		}, "tcp", "127.0.0.1:0")
		if err != nil {
			return 0, err
		}
		defer proxy.Close()

		r, w, err := asyncio.OpenConnection("tcp", proxy.Addr().String())
		if err != nil {
			return 0, err
		}
		defer w.Close()
		w.Write([]byte("hello"))
		w.WriteEOF()
		all, err := r.ReadN(-1)
		fmt.Printf("%s\n", all)
		return 0, err
	})
	// Output: hello!
}
