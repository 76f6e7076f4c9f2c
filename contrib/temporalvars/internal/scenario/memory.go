package scenario

import (
	"runtime"
	"testing"
	"time"
	"weak"

	"go.temporal.io/sdk/client"

	"github.com/gocontextvars/contextvars"
)

// testMemory looks whether goroutines of the client hold what its user had.
func testMemory(t *testing.T, s Server) {
	var held weak.Pointer[payload]
	var c client.Client
	contextvars.Detach(func() {
		p := &payload{name: "the dialler's"}
		held = weak.Make(p)
		burden.Set(p)
		c = s.Dial(t, Peer)
	})
	expectGone(t, held)
	lazy, err := client.NewLazyClient(s.options(Peer))
	if err != nil {
		t.Fatal(err)
	}
	defer lazy.Close()
	contextvars.Detach(func() {
		p := &payload{name: "the first caller's"}
		held = weak.Make(p)
		burden.Set(p)
		for _, c := range []client.Client{c, lazy} {
			run := start(t, c, t.Name(), Journey) // that no worker takes up
			if err := c.TerminateWorkflow(t.Context(), run.GetID(), "", "seen enough"); err != nil {
				t.Error(err)
			}
		}
	})
	expectGone(t, held)
}

var burden = contextvars.New[*payload]("scenario.burden")

type payload struct {
	name string
	_    [64]byte // does not share memory with others
}

func expectGone(t testing.TB, held weak.Pointer[payload]) {
	t.Helper()
	for range 20 {
		runtime.GC()
		if held.Value() == nil {
			return
		}
		time.Sleep(5 * time.Millisecond) // the table of goroutines that have ended is swept after a collection
	}
	t.Errorf("the client holds %s variables", held.Value().name)
}
