package lifetime_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/lifetime"
)

// uses is what was reported.
type uses struct {
	lock sync.Mutex
	all  []lifetime.Use
}

func (u *uses) add(use lifetime.Use) {
	u.lock.Lock()
	defer u.lock.Unlock()
	u.all = append(u.all, use)
}

func (u *uses) names() (names string) {
	u.lock.Lock()
	defer u.lock.Unlock()
	for _, use := range u.all {
		names += use.Variable.Name() + " "
	}
	return names
}

func TestReport(t *testing.T) {
	var got uses
	track(t, lifetime.Report(got.add))
	for name, c := range map[string]struct {
		read func()
		want string
	}{
		"Get":       {func() { want(t, "Get", user.Get(), "ann") }, "user "},
		"Lookup":    {func() { user.Lookup() }, "user "},
		"GetOr":     {func() { user.GetOr("") }, "user "},
		"MustGet":   {func() { user.MustGet() }, "user "},
		"LookupAny": {func() { contextvars.LookupAny(user) }, "user "},
		"two":       {func() { user.Get(); zone.Get() }, "user zone "},
		"many":      {func() { many[19].Get() }, "many19 "},
		"a loop": {func() {
			for range 10 {
				user.Get()
			}
		}, "user "},
		"two calls": {func() { user.Get(); user.Get() }, "user user "},
		"bound": {func() {
			f := contextvars.Bind(func() { user.Get() })
			f()
		}, "user "},
		"a new goroutine": {func() { done := make(chan bool); go func() { user.Get(); close(done) }(); <-done }, "user "},
		"lent":            {func() { contextvars.Lend(func() { user.Get() }) }, "user "},
		"own Local":       {func() { local.Set("mine"); local.Get() }, "local "},

		"not set":           {func() { other.Get() }, ""},
		"other's Local":     {func() { local.Get() }, ""},
		"Set and Restore":   {func() { a := user.Set("x"); b := user.Unset(); b.Restore(); a.Restore() }, ""},
		"with older tokens": {func() { a, b := user.Set("x"), user.Set("y"); a.OldValue(); a.Restore(); b.Restore() }, ""},
		"in a context":      {func() { c := contextvars.CopyContext(); c.Value(user); user.In(c); c.Contains(user) }, ""},
		"all": {func() {
			for range contextvars.CopyContext().All() {
			}
		}, ""},
		"Equal":         {func() { contextvars.CopyContext().Equal(contextvars.CopyContext()) }, ""},
		"Adopt":         {func() { c := contextvars.CopyContext(); zone.Set("x"); contextvars.Adopt(c, contextvars.NewContext()) }, ""},
		"Detach":        {func() { contextvars.Detach(func() { user.Get() }) }, ""},
		"in a new work": {func() { during("inner", func() { user.Get() }) }, ""},
		"Isolate": {func() {
			for range contextvars.Isolate(func(yield func(int) bool) { zone.Set("g"); yield(1) }) {
				zone.Set("b")
			}
		}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			got.all = nil
			afterwards(func() { user.Get() }, c.read)
			want(t, "reported", got.names(), c.want)
		})
	}
}

var other = contextvars.New[string]("other")

func readUser() string { return user.Get() }

func TestUse(t *testing.T) {
	var got uses
	track(t, lifetime.Report(got.add))
	afterwards(nil, func() { readUser() })
	if len(got.all) != 1 {
		t.Fatalf("reported %v, want one", got.all)
	}
	u := got.all[0]
	want(t, "work", u.Work.Name(), "w")
	want[contextvars.Variable](t, "variable", u.Variable, user)
	want(t, "goroutine is known", u.Goroutine != 0, true)
	if len(u.Stack) < 2 || !strings.HasSuffix(u.Stack[0].Func, ".readUser") || !strings.Contains(u.Stack[1].Func, ".TestUse.func") {
		t.Errorf("stack %v, want readUser, TestUse", u.Stack)
	}
	text := regexp.MustCompile(`\d+(\.\d+)?([nµm]?s)?`).ReplaceAllString(u.String(), "N")
	want(t, "text", regexp.MustCompile(`\(.*/`).ReplaceAllString(text, "("),
		`goroutine N reads "user" of <Work N "w" ended N ago, after N> at github.com/gocontextvars/contextvars/lifetime_test.readUser (report_test.go:N)`)
	want(t, "text without a stack", strings.HasSuffix(lifetime.Use{Work: u.Work, Variable: user}.String(), "at an unknown place"), true)
}

// The same place counts anew for another Work.
func TestReportEachWork(t *testing.T) {
	var got uses
	track(t, lifetime.Report(got.add))
	for range 3 {
		afterwards(nil, func() { readUser() })
	}
	want(t, "reported", got.names(), "user user user ")
}

func TestReportWithRevoke(t *testing.T) {
	var got uses
	track(t, lifetime.Report(got.add), lifetime.Revoke())
	afterwards(nil, func() {
		want(t, "user", user.Get(), "")
		zone.Set("anew")
		zone.Get()
	})
	want(t, "reported", got.names(), "user ")
}

func TestSeveralReports(t *testing.T) {
	var first, second, third uses
	stop := lifetime.Track(lifetime.Report(first.add), lifetime.Report(second.add))
	track(t, lifetime.Report(third.add))
	afterwards(nil, func() {
		user.Get()
		stop()
		zone.Get()
	})
	want(t, "first", first.names(), "user ")
	want(t, "second", second.names(), "user ")
	want(t, "third", third.names(), "user zone ")
}

// The func may do whatever it likes to variables.
func TestReportReads(t *testing.T) {
	var got uses
	track(t, lifetime.Report(func(u lifetime.Use) {
		got.add(u)
		want(t, "in the func", user.Get()+zone.Get(), "anncet")
		user.Set("of the func")
		want(t, "set in the func", user.Get(), "of the func")
		done := make(chan bool)
		go func() { contextvars.CopyContext().Len(); close(done) }()
		<-done
	}))
	afterwards(nil, func() {
		want(t, "first", user.Get(), "ann")
		want(t, "second", user.Get(), "ann")
	})
	want(t, "reported", got.names(), "user user ")
}

func TestReportPanics(t *testing.T) {
	var log bytes.Buffer
	old := slog.Default()
	slog.SetDefault(slog.New(slog.NewTextHandler(&log, nil)))
	defer slog.SetDefault(old)
	var got uses
	track(t, lifetime.Report(func(lifetime.Use) { panic("oh") }), lifetime.Report(got.add))
	afterwards(nil, func() { want(t, "user", user.Get(), "ann"); zone.Get() })
	want(t, "reported", got.names(), "user zone ")
	want(t, "logged", strings.Count(log.String(), `msg="lifetime: a func that Report was given has panicked" panic=oh use="goroutine`), 2)
}

// A Goexit, such as t.Fatal's, is not the reader's, nor is the panic of a log handler.
func TestReportEndsNobody(t *testing.T) {
	old := slog.Default()
	slog.SetDefault(slog.New(panicking{slog.DiscardHandler}))
	defer slog.SetDefault(old)
	var got uses
	track(t, lifetime.Report(func(lifetime.Use) { runtime.Goexit() }), lifetime.Report(func(lifetime.Use) { panic("oh") }), lifetime.Report(got.add))
	ended := false
	afterwards(nil, func() {
		want(t, "user", user.Get(), "ann")
		ended = true
	})
	want(t, "reported", got.names(), "user ")
	want(t, "the reader went on", ended, true)
}

type panicking struct{ slog.Handler }

func (panicking) Enabled(context.Context, slog.Level) bool  { return true }
func (panicking) Handle(context.Context, slog.Record) error { panic("handler") }

func TestReportConcurrently(t *testing.T) {
	var got uses
	track(t, lifetime.Report(got.add))
	start := make(chan bool)
	var wg sync.WaitGroup
	during("w", func() {
		setAll()
		for range 8 {
			wg.Go(func() {
				<-start
				for range 100 {
					readUser()
				}
			})
		}
	})
	close(start)
	wg.Wait()
	want(t, "reported", fmt.Sprint(got.names()), "user ")
}
