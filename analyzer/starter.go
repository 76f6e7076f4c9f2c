package analyzer

import (
	"go/types"
	"strings"
)

// What a function does with a function that it is given decides which variables that
// one sees. This file is what the checks know of the functions of other packages.

// inPlace call their function on the caller's goroutine, before they return.
var inPlace = names(
	home+".ContextVar.With", home+".Lend", home+"/sqlvars.InTx",
	"sync.Once.Do", "runtime/pprof.Do", "runtime/trace.WithRegion", "testing.AllocsPerRun",
	"slices.SortFunc", "slices.SortStableFunc", "slices.IndexFunc", "slices.ContainsFunc", "slices.DeleteFunc",
	"sort.Slice", "sort.SliceStable", "sort.Search", "strings.Map", "strings.FieldsFunc",
	"path/filepath.WalkDir", "path/filepath.Walk", "io/fs.WalkDir", "go/ast.Inspect",
)

// starters start a goroutine for the function, from the caller's.
var starters = names(
	home+".Go", "sync.WaitGroup.Go",
	"golang.org/x/sync/errgroup.Group.Go", "golang.org/x/sync/errgroup.Group.TryGo",
	"github.com/sourcegraph/conc.WaitGroup.Go", "github.com/sourcegraph/conc/internal/multierror.WaitGroup.Go",
	"testing.T.Run", "testing.B.Run", "testing.B.RunParallel", "testing.F.Fuzz", "testing.Benchmark",
	"testing/synctest.Test", "testing/synctest.Run", "iter.Pull", "iter.Pull2",
)

// timers start one from nobody's goroutine, or from that of somebody else.
var timers = names("time.AfterFunc", "context.AfterFunc")

// servers serve each request in a context of its own.
var servers = names(
	home+"/httpvars.Handler", home+"/httpvars.HandlerFrom", home+"/httpvars.HandlerFromFunc",
)

// onces call their function for the first of many callers, and argument number key says
// which callers share a call; there is none if key is negative.
var onces = map[string]struct {
	key  int
	help string
}{
	"sync.Once.Do":    {-1, "syncvars.Once"},
	"sync.OnceFunc":   {-1, "syncvars.OnceFunc"},
	"sync.OnceValue":  {-1, "syncvars.OnceValue"},
	"sync.OnceValues": {-1, "syncvars.OnceValues"},
	"golang.org/x/sync/singleflight.Group.Do":     {0, "syncvars.Group"},
	"golang.org/x/sync/singleflight.Group.DoChan": {0, "syncvars.Group"},
}

// A pool has functions that hand what they are given to goroutines that are used again.
type pool struct {
	funcs map[string]bool // names of functions and methods
	help  string          // what to use instead
}

var pools = map[string]pool{
	"github.com/panjf2000/ants":              {names("Submit", "NewPoolWithFunc"), "antsvars"},
	"github.com/panjf2000/ants/v2":           {names("Submit", "NewPoolWithFunc", "NewPoolWithFuncGeneric", "NewMultiPoolWithFunc", "NewMultiPoolWithFuncGeneric"), "antsvars"},
	"github.com/alitto/pond":                 {names("Submit", "TrySubmit", "SubmitAndWait", "SubmitBefore"), "pondvars"},
	"github.com/alitto/pond/v2":              {names("Submit", "SubmitErr", "Go", "TrySubmit", "TrySubmitErr", "TryGo"), "pondvars"},
	"github.com/sourcegraph/conc/pool":       {names("Go"), "concvars"},
	"github.com/sourcegraph/conc/stream":     {names("Go"), "concvars"},
	"github.com/gammazero/workerpool":        {names("Submit", "SubmitWait"), ""},
	"github.com/bytedance/gopkg/util/gopool": {names("Go", "CtxGo"), ""},
	"github.com/Jeffail/tunny":               {names("NewFunc", "NewCallback"), ""},
}

// poolOf returns the pool that fn hands functions to.
func poolOf(fn *types.Func) (pool, bool) {
	if fn == nil {
		return pool{}, false
	}
	p, ok := pools[pathOf(fn.Pkg())]
	return p, ok && p.funcs[fn.Name()]
}

// lasting start goroutines that live as long as what they return.
var lasting = names(
	"database/sql.Open", "database/sql.OpenDB",
	"google.golang.org/grpc.NewClient", "google.golang.org/grpc.Dial", "google.golang.org/grpc.DialContext",
	"github.com/nats-io/nats.go.Connect",
	"github.com/jackc/pgx/v5/pgxpool.New", "github.com/jackc/pgx/v5/pgxpool.NewWithConfig",
	"go.mongodb.org/mongo-driver/mongo.Connect", "go.mongodb.org/mongo-driver/v2/mongo.Connect",
	"github.com/rabbitmq/amqp091-go.Dial", "go.etcd.io/etcd/client/v3.New",
	"github.com/panjf2000/ants/v2.NewPool", "github.com/alitto/pond/v2.NewPool",
)

// entersContext reports whether fn calls the functions it is given in a context of their
// own, at once or later: what they set is gone when they end.
func (u *unit) entersContext(fn *types.Func) bool {
	path, name := pathOf(fn.Pkg()), u.funcName(fn)
	switch {
	case inPlace[name]:
		return false
	case timers[name], starters[name]:
		return true
	case path == home:
		return true
	}
	// Their functions run tasks, requests, messages and jobs, each in its own context.
	for _, part := range []string{"/asyncio", "/httpvars", "/lifetime", "/syncvars", "/contrib/"} {
		if strings.HasPrefix(path, home+part) {
			return true
		}
	}
	// Package temporalvars has workflows and activities run in contexts of their own; nothing
	// else in Go's SDK uses a goroutine for two of them.
	return strings.HasPrefix(path, "go.temporal.io/sdk/") && strings.HasPrefix(fn.Name(), "Register")
}

func names(list ...string) map[string]bool {
	set := make(map[string]bool, len(list))
	for _, name := range list {
		set[name] = true
	}
	return set
}
