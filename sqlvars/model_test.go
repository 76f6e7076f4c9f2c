package sqlvars_test

import (
	"context"
	"database/sql"
	"errors"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/sqlvars"
)

// A walk makes random nests of InTx on two databases, and keeps a plain model beside them: a
// list of rows for each transaction that is open.
type walk struct {
	t         testing.TB
	program   []byte // what to do; an end of it ends everything
	engines   [2]*engine
	dbs       [2]*sql.DB
	committed [2][]string
	words     int
}

// scope is an InTx in the model.
type scope struct {
	outer  *scope
	rows   []string
	broken bool // something in it could not be undone
}

func (s *scope) all(committed []string) []string {
	if s == nil {
		return slices.Clone(committed)
	}
	return append(s.outer.all(committed), s.rows...)
}

func (w *walk) next(n int) int {
	if len(w.program) == 0 {
		return 0
	}
	b := w.program[0]
	w.program = w.program[1:]
	return int(b) % n
}

// block does some things where these transactions are live, and says how it wants to end.
func (w *walk) block(live [2]*scope, depth int) error {
	for len(w.program) > 0 {
		i := w.next(2)
		switch what := w.next(8); {
		case what <= 1:
			w.insert(i, live)
		case what <= 4 && depth < 8:
			if err := w.nest(i, live, depth); err != nil && w.next(2) == 0 {
				return err // else it is handled
			}
		case what == 5 && depth < 8:
			// Somebody who has no part in the transactions.
			run := []func(f func()){elsewhere, contextvars.Detach, w.inCopy}[w.next(3)]
			run(func() { w.block([2]*scope{}, depth+1) })
		case what == 6:
			return nil
		default:
			return errTest
		}
		w.check(live)
	}
	return nil
}

func (w *walk) inCopy(f func()) { contextvars.CopyContext().Run(f) }

func (w *walk) insert(i int, live [2]*scope) {
	w.words++
	word := strconv.Itoa(w.words)
	insert(w.t, w.dbs[i], word)
	if s := live[i]; s != nil {
		s.rows = append(s.rows, word)
	} else {
		w.committed[i] = append(w.committed[i], word)
	}
}

func (w *walk) check(live [2]*scope) {
	for i, s := range live {
		tx, ok := sqlvars.Tx(w.dbs[i])
		if ok != (s != nil) || ok != (tx != nil) {
			w.t.Fatalf("Tx: %v, want %v", ok, s != nil)
		}
		got, want := selected(w.t, w.dbs[i]), strings.Join(s.all(w.committed[i]), " ")
		if got != want {
			w.t.Fatalf("selected: %s, want %s", got, want)
		}
	}
}

// nest calls InTx, and says whether it failed.
func (w *walk) nest(i int, live [2]*scope, depth int) error {
	outer, s := live[i], new(scope)
	s.outer = outer
	live[i] = s
	// What fails of what follows f: one of these, or nothing.
	failing := []string{"", "", "", "RELEASE", "ROLLBACK TO", "COMMIT", "ROLLBACK"}[w.next(7)]
	panics := w.next(4) == 0
	var ended error
	err := w.inTx(i, func() error {
		ended = w.block(live, depth+1)
		w.engines[i].failOnce(outer != nil, failing)
		if panics && ended != nil {
			panic(ended)
		}
		return ended
	})
	w.engines[i].fail = nil

	kept := ended == nil && !s.broken
	switch {
	case outer == nil && kept && failing == "COMMIT":
		kept = false
	case outer != nil && kept && failing == "RELEASE":
		kept = false
	case outer != nil && !kept && strings.HasPrefix(failing, "ROLLBACK"):
		outer.broken = true
		outer.rows = append(outer.rows, s.rows...) // as long as it lasts
	}
	if kept != (err == nil) {
		w.t.Fatalf("InTx returns %v, want success: %v", err, kept)
	}
	if ended != nil && !errors.Is(err, ended) {
		w.t.Fatalf("InTx returns %v, want %v", err, ended)
	}
	switch {
	case !kept:
	case outer != nil:
		outer.rows = append(outer.rows, s.rows...)
	default:
		w.committed[i] = append(w.committed[i], s.rows...)
	}
	return err
}

// inTx is InTx with panics as errors.
func (w *walk) inTx(i int, f func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = p.(error)
		}
	}()
	return sqlvars.InTx(w.dbs[i], f)
}

// failOnce has the first statement fail that begins so, and is about savepoints or is not.
func (e *engine) failOnce(savepoints bool, beginning string) {
	if beginning == "" {
		return
	}
	done := false
	e.fail = func(statement string) error {
		is := strings.HasPrefix(statement, beginning) && savepoints == strings.Contains(statement, "SAVEPOINT")
		if done || !is {
			return nil
		}
		done = true
		return errors.New("injected")
	}
}

func walkThrough(t testing.TB, program []byte) {
	w := &walk{t: t, program: program}
	for i := range w.dbs {
		w.engines[i] = &engine{}
		w.dbs[i] = sql.OpenDB(w.engines[i])
		defer w.dbs[i].Close()
	}
	contextvars.Detach(func() {
		for len(w.program) > 0 {
			w.block([2]*scope{}, 0)
		}
		w.check([2]*scope{})
	})
	for i := range w.dbs {
		if got, want := w.engines[i].committed(), strings.Join(w.committed[i], " "); got != want {
			t.Errorf("committed: %s, want %s", got, want)
		}
		if n := w.dbs[i].Stats().InUse; n != 0 {
			t.Errorf("%d connections are in use", n)
		}
		if err := w.dbs[i].PingContext(context.Background()); err != nil {
			t.Error(err)
		}
	}
}

func TestRandomNests(t *testing.T) {
	n := 2000
	if testing.Short() {
		n = 200
	}
	for seed := range n {
		r := rand.New(rand.NewPCG(uint64(seed), 4))
		program := make([]byte, 20+r.IntN(300))
		for i := range program {
			program[i] = byte(r.Uint32())
		}
		walkThrough(t, program)
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
}

func FuzzNests(f *testing.F) {
	f.Add([]byte{0, 2, 0, 1, 0, 0, 0, 6, 0, 0})
	f.Add([]byte{0, 2, 4, 0, 0, 3, 4, 1, 0, 0, 1, 7, 1, 0, 6})
	f.Fuzz(func(t *testing.T, program []byte) {
		if len(program) < 2000 {
			walkThrough(t, program)
		}
	})
}
