package zapvars_test

import (
	"fmt"
	"runtime"
	"sync"
	"testing"
	"time"
	"weak"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/contrib/zapvars"
)

// A logger is shared by goroutines, which also derive loggers from it.
func TestGoroutinesLogTheirOwnValues(t *testing.T) {
	var (
		out output
		wg  sync.WaitGroup
	)
	shared := zap.New(jsonCore(zapcore.Lock(&out)), zapvars.WrapCore(request, tenant))
	spaced := shared.With(zap.Namespace("n"), zap.Int("a", 1))
	lazy := shared.WithLazy(zap.Int("a", 1))
	const goroutines, rounds = 8, 50
	for g := range goroutines {
		wg.Go(func() {
			id := fmt.Sprint("r-", g)
			defer request.Set(id).Restore()
			for range rounds {
				shared.Info(id)
				spaced.With(zap.Int("b", 2)).Info(id)
				lazy.Info(id)
				done := make(chan bool)
				go func() { // sees what its creator has set
					defer close(done)
					shared.Sugar().Infow(id, "a", 1)
				}()
				<-done
			}
		})
	}
	wg.Wait()

	lines := out.lines(t)
	if want := goroutines * rounds * 4; len(lines) != want {
		t.Errorf("%d lines, want %d", len(lines), want)
	}
	for _, line := range lines {
		if line["request_id"] != line["msg"] || line["tenant"] != "nobody" {
			t.Errorf("another goroutine's value in %v", line)
		}
	}
}

func TestBufferedWriteSyncer(t *testing.T) {
	defer request.Set("r-1").Restore()
	var out output
	buffered := &zapcore.BufferedWriteSyncer{WS: &out, FlushInterval: time.Hour}
	l := zap.New(jsonCore(buffered), zapvars.WrapCore(request))
	l.Info("m")
	request.With("r-2", func() { l.Info("m") })
	if err := buffered.Stop(); err != nil {
		t.Error(err)
	}
	wantLines(t, &out, fields{"msg": "m", "request_id": "r-1"}, fields{"msg": "m", "request_id": "r-2"})
}

// thing is large enough not to share an allocation with anything.
type thing struct{ _ [128]*int }

var held = contextvars.New[*thing]("held")

// firstLine logs with held set to a thing that nobody else knows, and returns a weak
// pointer to it.
//
//go:noinline
func firstLine(l *zap.Logger) weak.Pointer[thing] {
	p := new(thing)
	held.With(p, func() { l.Info("m") })
	return weak.Make(p)
}

// A BufferedWriteSyncer starts its goroutine at the first Write.
func TestBufferedWriteSyncerHoldsFirstWritersValues(t *testing.T) {
	for _, detached := range []bool{false, true} {
		buffered := &zapcore.BufferedWriteSyncer{WS: new(output), FlushInterval: time.Hour}
		if detached {
			contextvars.Detach(func() { _, _ = buffered.Write(nil) })
		}
		w := firstLine(zap.New(jsonCore(buffered), zapvars.WrapCore(request)))
		rounds := 5 // of which two would do
		if detached {
			rounds = 1000
		}
		for range rounds {
			runtime.GC()
			if w.Value() == nil {
				break
			}
			runtime.Gosched()
		}
		if got := w.Value() != nil; got == detached {
			t.Errorf("detached %v: the value is held: %v", detached, got)
		}
		if err := buffered.Stop(); err != nil {
			t.Error(err)
		}
	}
}

// queueing is a core that has a goroutine of its own write, and keeps the fields till then.
type queueing struct {
	zapcore.Core
	queue chan<- func()
}

func (q queueing) With(fs []zapcore.Field) zapcore.Core { return queueing{q.Core.With(fs), q.queue} }

func (q queueing) Check(e zapcore.Entry, ce *zapcore.CheckedEntry) *zapcore.CheckedEntry {
	return ce.AddCore(e, q)
}

func (q queueing) Write(e zapcore.Entry, fs []zapcore.Field) error {
	q.queue <- func() { _ = q.Core.Write(e, fs) }
	return nil
}

func TestCoreThatWritesElsewhere(t *testing.T) {
	defer request.Set("the consumer's").Restore()
	queue := make(chan func(), 20)
	var out output
	inside := zap.New(queueing{jsonCore(&out), queue}, zapvars.WrapCore(request)).With(zap.Namespace("n"))
	around := zap.New(queueing{zapvars.NewCore(jsonCore(&out), request), queue})
	done := make(chan bool)
	go func() {
		defer close(done)
		for _, id := range []string{"r-1", "r-2", "r-3"} {
			request.Set(id)
			inside.Info(id, zap.Int("a", 1))
		}
		around.Info("m")
	}()
	<-done
	close(queue)
	for write := range queue {
		write()
	}
	wantLines(t, &out,
		fields{"msg": "r-1", "request_id": "r-1", "n": fields{"a": 1.0}},
		fields{"msg": "r-2", "request_id": "r-2", "n": fields{"a": 1.0}},
		fields{"msg": "r-3", "request_id": "r-3", "n": fields{"a": 1.0}},
		fields{"msg": "m", "request_id": "the consumer's"})
}
