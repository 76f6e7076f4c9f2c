package lifetime

import (
	"context"
	"database/sql"
	"net/http"
	"sync"
	"time"

	"github.com/gocontextvars/contextvars"
	"github.com/nats-io/nats.go"
	"google.golang.org/grpc"
)

var (
	user = contextvars.New[string]("user")
	once sync.Once
	db   *sql.DB
)

func handle(w http.ResponseWriter, r *http.Request) {
	go func() { // want `this goroutine never ends, and holds the values of the request for as long; start it with contextvars.GoDetached`
		for {
			time.Sleep(time.Second)
		}
	}()
	once.Do(func() {
		go refresh() // want `holds the values of the request`
	})
	db, _ = sql.Open("x", "y")      // want `the goroutines of sql.Open hold the values of the request for as long as they live; call it in contextvars.Detach`
	conn, _ := nats.Connect("url")  // want `the goroutines of nats.Connect`
	client, _ := grpc.NewClient("") // want `the goroutines of grpc.NewClient`
	keep(conn, client)
}

func refresh() {
	ticker := time.NewTicker(time.Minute)
	for range ticker.C {
	}
}

func keep(...any) {}

func connect() {
	defer user.Set("x").Restore()
	go refresh()                // want `holds the values of user`
	conn, _ := nats.Connect("") // want `hold the values of user`
	keep(conn)
}

func with() {
	user.With("x", func() {
		go refresh() // want `holds the values of user`
	})
}

// From here on everything is as it should be.

func good(w http.ResponseWriter, r *http.Request) {
	go func() {
		for {
			select {
			case <-r.Context().Done():
				return
			case <-time.After(time.Second):
			}
		}
	}()
	go func() {
	loop:
		for {
			select {
			case <-r.Context().Done():
				break loop
			}
		}
	}()
	go func() {
		for range jobs {
		}
	}()
	go once.Do(func() {})
	contextvars.GoDetached(func() {
		for {
		}
	})
	contextvars.Detach(func() {
		db, _ = sql.Open("x", "y")
		go refresh()
	})
	conn, _ := nats.Connect("url")
	defer conn.Close()
}

var jobs chan int

func noVariableYet(ctx context.Context) {
	go refresh()
	db, _ = sql.Open("x", "y")
	defer user.Set("x").Restore()
}

func main() {
	defer user.Set("x").Restore()
}
