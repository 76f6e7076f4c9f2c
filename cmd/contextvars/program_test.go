package main

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"runtime"
	"time"

	"github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/asyncio"
	"github.com/gocontextvars/contextvars/debugvars"
	"github.com/gocontextvars/contextvars/lifetime"
)

var (
	tenant    = contextvars.New[string]("tenant")
	requestID = contextvars.New[string]("request_id")
	password  = contextvars.New[string]("password", contextvars.Redacted())
	remark    = contextvars.New[string]("remark")
)

// program is what the scripts look at: two requests, one of which has started goroutines, a loop of tasks, and
// a request that has ended and left something behind. It ends with its standard input. If it is given the path of a
// socket, it listens there.
func program() {
	network, address := "tcp", "127.0.0.1:0"
	if len(os.Args) > 1 {
		network, address = "unix", os.Args[1]
	}
	l, err := net.Listen(network, address)
	if err != nil {
		panic(err)
	}
	mux := http.NewServeMux()
	debugvars.Register(mux, debugvars.Provenance())

	ready := make(chan bool)
	go serveAcme(ready)
	<-ready
	go serveGlobex(ready)
	<-ready
	go serveTasks(ready)
	<-ready

	lifetime.Run(contextvars.CopyContext(), "GET /report", func() {
		tenant.Set("hooli")
		go leftBehind(ready)
		<-ready
		contextvars.AfterFunc(time.Hour, func() {})
	})
	for range 3 {
		runtime.GC() // so that it is known which calls to come are not garbage
	}

	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		os.Exit(0)
	}()
	fmt.Println(l.Addr())
	panic(http.Serve(l, mux))
}

func serveAcme(ready chan bool) {
	tenant.Set("acme")
	requestID.Set("r-1")
	password.Set("hunter2")
	ledger := make(chan bool)
	go bookAcme(ledger)
	<-ledger
	ready <- true
	<-ledger
}

func bookAcme(ledger chan bool) {
	go auditAcme(ledger)
	<-ledger
	ledger <- true
	<-ledger
}

func auditAcme(ledger chan bool) {
	remark.Set("late, \x1b[31mred\x1b[m")
	ledger <- true
	select {}
}

func serveGlobex(ready chan bool) {
	tenant.Set("globex")
	requestID.Set("r-2")
	ready <- true
	select {}
}

func serveTasks(ready chan bool) {
	tenant.Set("initech")
	_, _ = asyncio.Run(func() (bool, error) {
		printing := asyncio.CreateTask(func() (bool, error) {
			requestID.Set("r-3")
			ready <- true
			return true, asyncio.Sleep(time.Hour)
		}, asyncio.WithName("printing"))
		billing := asyncio.CreateTask(func() (bool, error) { return printing.Await() }, asyncio.WithName("billing"))
		return billing.Await()
	})
}

// leftBehind goes on when the work that has started it has ended.
func leftBehind(ready chan bool) {
	ready <- true
	select {}
}
