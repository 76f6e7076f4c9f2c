package asyncio_test

import (
	"context"
	"fmt"
	"time"

	"github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/asyncio"
)

var exampleUser = contextvars.New[string]("user")

func query(row *asyncio.Future[string]) (string, error) { return row.Await() }

func handle(row *asyncio.Future[string]) (string, error) {
	defer exampleUser.Set("ann").Restore()
	return query(row)
}

// A task that waits is asked where it stands, what its variables are, and who waits for it.
func ExampleCaptureCallGraph() {
	asyncio.Run(func() (int, error) {
		row := asyncio.NewFuture[string]()
		task := asyncio.CreateTask(func() (string, error) { return handle(row) }, asyncio.WithName("handler"))
		asyncio.CreateTask(func() (string, error) { return task.Await() }, asyncio.WithName("client"))
		asyncio.Sleep(0)

		g, err := asyncio.CaptureCallGraph(task)
		if err != nil {
			return 0, err
		}
		fmt.Println(g.Name, "is", g.State, "in", g.In)
		for _, call := range g.Stack[:2] {
			fmt.Println("  called by", call.Function[len("github.com/gocontextvars/contextvars/"):])
		}
		for _, v := range g.Variables {
			fmt.Println("  with", v.Variable.Name(), "=", v.Value)
		}
		for _, by := range g.AwaitedBy {
			fmt.Println("  awaited by", by.Name)
		}
		return 0, row.SetResult("")
	})
	// Output:
	// handler is waiting in Future.Await
	//   called by asyncio_test.query
	//   called by asyncio_test.handle
	//   with user = ann
	//   awaited by client
}

// A tool looks at all loops of the process, from any goroutine, and does not wait for long for one that
// does not answer.
func ExampleEventLoop_CaptureCallGraph() {
	show := func() {
		for _, l := range asyncio.Loops() {
			ctx, cancel := context.WithTimeout(context.Background(), time.Second)
			defer cancel()
			g, err := l.CaptureCallGraph(ctx)
			if err != nil {
				fmt.Println(err) // g has what can be told without the loop
			}
			for _, t := range g.Tasks {
				for _, a := range t.Awaits {
					fmt.Println(t.Name, "waits in", t.In, "for", a.Name, "which waits in", a.In)
				}
			}
		}
	}
	asyncio.Run(func() (int, error) {
		over := asyncio.NewEvent()
		worker := asyncio.Go(over.Wait, asyncio.WithName("worker"))
		asyncio.Go(func() error { _, err := asyncio.Shield(worker); return err }, asyncio.WithName("boss"))
		asyncio.Sleep(0) // they begin
		asyncio.ToThread(func() (int, error) { show(); return 0, nil })
		over.Set()
		return 0, nil
	})
	// Output: boss waits in Shield for worker which waits in Event.Wait
}
