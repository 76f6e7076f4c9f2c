package dump_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/gocontextvars/contextvars/dump"
)

const service = `goroutine 1 [chan receive]:
main.main()
	/srv/main.go:9 +0x1

goroutine 8 [select, 3 minutes] {tenant: acme}:
main.serve(0x1)
	/srv/serve.go:12 +0x1
created by main.main in goroutine 1
	/srv/main.go:7 +0x1

goroutine 9 [semacquire, 4 minutes] {tenant: acme}:
sync.runtime_SemacquireMutex(0x1)
	/go/src/runtime/sema.go:95 +0x1
sync.(*Mutex).Lock(...)
	/go/src/sync/mutex.go:46
main.query(0x1)
	/srv/query.go:30 +0x1
created by main.serve in goroutine 8
	/srv/serve.go:15 +0x1

goroutine 10 [semacquire, 2 minutes] {tenant: acme}:
main.query(0x2)
	/srv/query.go:30 +0x1
created by main.serve in goroutine 8
	/srv/serve.go:15 +0x1

goroutine 11 [running] {tenant: "\x1b[2J"}:
main.serve(0x1)
	/srv/serve.go:13 +0x1
created by main.main in goroutine 5
	/srv/main.go:7 +0x1
`

func Example() {
	f, err := dump.Parse(strings.NewReader(service))
	if err != nil {
		panic(err)
	}
	for _, d := range f.Dumps {
		for _, group := range d.GroupBy("tenant") {
			fmt.Printf("%q: %d\n", group.Value, group.Count)
		}
		_ = d.WriteTree(os.Stdout)
	}
	// Output:
	// "acme": 3
	// "\x1b[2J": 1
	// "": 1
	// 5 goroutines
	//
	// 1 chan receive main.main main.go:9
	// └─ 8 select main.serve serve.go:12 {tenant: "acme"}
	//    └─ 2 × such as 9 semacquire main.query query.go:30 {tenant: "acme"}
	// 11 running main.serve serve.go:13 {tenant: "\x1b[2J"} started by 5
}

func TestGroupBy(t *testing.T) {
	d := one(t, service)
	groups := d.GroupBy("tenant")
	if len(groups) != 3 || groups[0].Value != "acme" || groups[0].Count != 3 || groups[2].Count != 1 || !groups[2].Missing {
		t.Errorf("%+v", groups)
	}
	if keys := d.Keys(); len(keys) != 1 || keys[0] != (dump.Key{Key: "tenant", Count: 4, Values: 2}) {
		t.Errorf("%v", keys)
	}
	if n := d.Filter(dump.HasLabel("tenant", "acme"), func(g *dump.Goroutine) bool { return g.WaitMinutes > 2 }).Count(); n != 2 {
		t.Errorf("%d goroutines chosen, want 2", n)
	}
}

func TestWriteTable(t *testing.T) {
	var b strings.Builder
	if err := one(t, service).WriteTable(&b, "tenant"); err != nil {
		t.Fatal(err)
	}
	want := `5 goroutines

tenant "acme": 3 goroutines
  2  semacquire, up to 4 minutes  main.query query.go:30  by main.serve  such as goroutine 9
  1  select, up to 3 minutes      main.serve serve.go:12  by main.main   goroutine 8

tenant "\x1b[2J": 1 goroutine
  1  running  main.serve serve.go:13  by main.main  goroutine 11

no tenant: 1 goroutine
  1  chan receive  main.main main.go:9    goroutine 1
`
	if b.String() != want {
		t.Errorf("got\n%s\nwant\n%s", &b, want)
	}
}

// Texts that were made up: creators in a ring, one's own creator, and a chain of many.
func TestWriteTreeHostile(t *testing.T) {
	var b strings.Builder
	for i := range 20_000 {
		fmt.Fprintf(&b, "goroutine %d [select]:\nmain.f%d()\n\t/main.go:1 +0x1\ncreated by main.f in goroutine %d\n\t/main.go:1 +0x1\n\n", i+10, i, i+9)
	}
	for _, pair := range [][2]int{{1, 2}, {2, 1}, {3, 3}} {
		fmt.Fprintf(&b, "goroutine %d [select]:\nmain.f()\n\t/main.go:1 +0x1\ncreated by main.f in goroutine %d\n\t/main.go:1 +0x1\n\n", pair[0], pair[1])
	}
	var tree strings.Builder
	if err := one(t, b.String()).WriteTree(&tree); err != nil {
		t.Fatal(err)
	}
	if lines := strings.Count(tree.String(), "\n"); lines != 20_003+2 || tree.Len() > 20_003*300 {
		t.Errorf("%d lines, %d bytes", lines, tree.Len())
	}
}
