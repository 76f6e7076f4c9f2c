package main

import (
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/asyncio"
)

var (
	service  = contextvars.New[string]("service") // set once, before the server is started
	client   = contextvars.New[string]("client")
	received = contextvars.New[int]("received") // lines
)

// echo runs a server, with a task for each connection, and its clients, a task each, in one event loop.
func echo(s *show) error {
	service.Set("echo")
	e := &echoServer{show: s, own: s.own()}
	server, err := asyncio.StartServer(e.serve, "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	defer server.Close()
	client.Set("of nobody") // the server was started before

	c := &echoClients{s, server.Addr().String(), asyncio.NewBarrier(s.sizes.clients)}
	err = asyncio.Timeout(time.Minute, func() error {
		return asyncio.TaskGroup(func(g *asyncio.Group) error {
			for i := range s.sizes.clients {
				name := fmt.Sprint("client-", i)
				g.Go(func() error { return c.run(name) }, asyncio.WithName(name))
			}
			return nil
		})
	})
	if err != nil {
		return err
	}
	server.Close()
	if err := server.WaitClosed(); err != nil { // until the last connection's task has ended
		return err
	}
	s.say("%s clients at once, %s lines, each answered with its connection's name and count",
		thousands(e.most), thousands(e.lines))
	check(s, "echo: how many were connected at once", e.most, s.sizes.clients)
	check(s, "echo: how many still are", e.open, 0)
	check(s, "echo: the lines", e.lines, s.sizes.clients*(s.sizes.lines+1))
	check(s, "echo: the client of who has started the server", client.Get(), "of nobody")
	return nil
}

// An echoServer's fields belong to all connections, and need no lock.
type echoServer struct {
	*show
	own               []asyncio.CallOption
	open, most, lines int
}

// serve runs in a task of its own for each connection, whose context begins as the one that the server
// was started in.
func (e *echoServer) serve(r *asyncio.StreamReader, w *asyncio.StreamWriter) error {
	defer w.Close()
	e.open++
	e.most = max(e.most, e.open)
	defer func() { e.open-- }()
	converse := func() error { return e.converse(r, w) }
	if e.mistake == sharedContext {
		_, err := asyncio.Go(converse, e.own...).Await()
		return err
	}
	return converse()
}

// converse answers each line. The first one is the client's name.
func (e *echoServer) converse(r *asyncio.StreamReader, w *asyncio.StreamWriter) error {
	check(e.show, "echo: the service at a connection's begin", service.Get(), "echo")
	check(e.show, "echo: the client at a connection's begin", client.Get(), "")
	name := ""
	for {
		line, err := r.ReadLine()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		e.lines++
		if name == "" {
			name = string(line[:len(line)-1])
			client.Set(name)
		} else {
			received.Set(received.Get() + 1)
		}
		check(e.show, "echo: the connection's client", client.Get(), name)
		if _, err := w.Write(answer(line)); err != nil {
			return err
		}
		if err := w.Drain(); err != nil {
			return err
		}
	}
}

// answer knows whom it is for, though nobody has told it.
func answer(line []byte) []byte {
	return fmt.Appendf(nil, "%s to %s, line %d: %s", service.Get(), client.Get(), received.Get(), line)
}

// echoClients are what the clients have in common.
type echoClients struct {
	*show
	address string
	all     *asyncio.Barrier // where they wait for each other
}

func (c *echoClients) run(name string) error {
	r, w, err := asyncio.OpenConnection("tcp", c.address)
	if err != nil {
		return err
	}
	defer w.Close()
	if err := c.exchange(r, w, name, name, 0); err != nil {
		return err
	}
	if _, err := c.all.Wait(); err != nil {
		return err
	}
	for n := range c.sizes.lines {
		if err := c.exchange(r, w, name, fmt.Sprint("hello ", n), n+1); err != nil {
			return err
		}
	}
	return nil
}

// exchange sends a line and checks the answer.
func (c *echoClients) exchange(r *asyncio.StreamReader, w *asyncio.StreamWriter, name, line string, count int) error {
	if _, err := fmt.Fprintln(w, line); err != nil {
		return err
	}
	got, err := r.ReadLine()
	if err != nil {
		return err
	}
	check(c.show, "echo: the answer", string(got), fmt.Sprintf("echo to %s, line %d: %s\n", name, count, line))
	return nil
}
