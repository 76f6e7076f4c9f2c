package current

import (
	"runtime"
	"runtime/pprof"
	"sync"
	"testing"

	"github.com/gocontextvars/contextvars/internal/frame"
	"github.com/gocontextvars/contextvars/internal/slot"
)

// enter is Context.Run.
func (s *State) enter(t *testing.T, f func()) {
	t.Helper()
	outer, o := Mine(), s.Owner()
	if !Enter(outer, o, &s.Top) {
		t.Error("Enter fails")
		return
	}
	defer Leave(outer, o)
	f()
}

func mustBegin(t *testing.T, s *Stage, turns *Turns, lender uint64) {
	t.Helper()
	if !turns.Begin(s.Owner(), lender) {
		t.Fatal("Begin fails")
	}
	invariants(t, "begun")
}

func TestTurns(t *testing.T) {
	onStage(func(s *Stage, h *frame.Host) {
		k, state := newKey("k"), new(State)
		turns := TurnsIn(state)
		for i := range 3 {
			mustBegin(t, s, &turns, 0)
			expect(t, "begun", k, 2*i-1)
			if Host() != h {
				t.Error("the host is not found")
			}
			set(k, 2*i)
			next, prev := set(k, 100)
			turns.End()
			if state.Owner().Goroutine() != 0 || state.Owner().Host != nil {
				t.Error("it is not left between turns")
			}
			elsewhere(func() { // somebody else's turn
				state.enter(t, func() {
					expect(t, "elsewhere", k, 100)
					set(k, 2*i+1)
				})
			})
			mustBegin(t, s, &turns, 0)
			expect(t, "the next turn", k, 2*i+1)
			if !Undo(k, next, prev) {
				t.Error("a token of an earlier turn is refused")
			}
			set(k, 2*i+1)
			turns.End()
		}
		mustBegin(t, s, &turns, 0)
		turns.End()
		turns.Over(s.Owner())
		invariants(t, "over")
		expect(t, "over", k, -1)
		if state.Owner().Goroutine() != 0 {
			t.Error("it was not left")
		}
	})
}

func TestTurnsWhereSomebodyIsIn(t *testing.T) {
	onStage(func(s *Stage, _ *frame.Host) {
		k, state := newKey("k"), new(State)
		turns := TurnsIn(state)
		entered, leave := make(chan bool), make(chan bool)
		go state.enter(t, func() { set(k, 1); close(entered); <-leave })
		<-entered
		told := make(chan bool, 1)
		for _, lender := range []uint64{0, 1, slot.ID()} {
			if turns.Begin(s.Owner(), lender) {
				t.Fatal("Begin succeeds")
			}
			invariants(t, "refused")
			expect(t, "refused", k, -1)
		}
		turns.WhenFree(func() { told <- true })
		close(leave)
		<-told
		mustBegin(t, s, &turns, 0)
		expect(t, "begun", k, 1)
		turns.End()
		turns.Over(s.Owner())
	})
}

// What a call has entered on top stays so, whoever has the context meanwhile.
func TestTurnsKeepWhatIsOnTop(t *testing.T) {
	onStage(func(s *Stage, h *frame.Host) {
		k, state, other := newKey("k"), new(State), new(State)
		turns := TurnsIn(state)
		mustBegin(t, s, &turns, 0)
		set(k, 1)
		other.enter(t, func() {
			set(k, 2)
			for i := range 3 {
				turns.End()
				elsewhere(func() {
					state.enter(t, func() { set(k, 10+i) })
					if Enter(Mine(), other.Owner(), &other.Top) {
						t.Error("what is on top can be entered")
					}
				})
				if i == 1 {
					pprof.SetGoroutineLabels(foreignLabels("a", "b")) // as pprof.Do ends while nobody looks
				}
				if !turns.Begin(s.Owner(), 0) {
					t.Fatal("Begin fails")
				}
				expect(t, "on top", k, 2)
				invariants(t, "on top")
				if Host() != h {
					t.Error("the host is not found")
				}
			}
		})
		expect(t, "below", k, 12)
		invariants(t, "below")
		turns.End()
		turns.Over(s.Owner())
		expect(t, "over", k, -1)
	})
}

// A context that the loop's caller has entered is lent by it, whatever that has entered on top.
func TestTurnsLent(t *testing.T) {
	for depth := range 3 {
		elsewhere(func() {
			k, state := newKey("k"), new(State)
			hosts := new(frame.Host)
			state.enter(t, func() {
				set(k, 1)
				nest(t, depth, func() {
					id := slot.ID()
					state.Owner().Host = hosts // if the caller is a worker itself
					inner := state.Owner().Inner
					elsewhere(func() { // the caller stands still
						var s Stage
						s.Open(new(frame.Host))
						s.Show(nil)
						turns := TurnsIn(state)
						for i := 2; i < 5; i++ {
							mustBegin(t, &s, &turns, id)
							expect(t, "borrowed", k, i-1)
							set(k, i)
							if i == 3 {
								new(contents).run(t, func() {
									turns.End()
									mustBegin(t, &s, &turns, id)
								})
							}
							turns.End()
							if o := state.Owner(); o.Goroutine() != id || o.Inner != inner || o.Host != hosts {
								t.Error("it was not given back as it was")
							}
						}
						turns.Over(s.Owner())
						expect(t, "over", k, -1)
						s.Close()
					})
					Refresh()
					invariants(t, "given back")
				})
				expect(t, "given back", k, 4)
				if depth == 0 {
					next, prev := set(k, 7)
					if !Undo(k, next, prev) {
						t.Error("Undo fails")
					}
				}
			})
			if state.Owner().Goroutine() != 0 {
				t.Error("it was not left")
			}
		})
	}
}

// nest calls f in so many contexts, one on top of the other.
func nest(t *testing.T, depth int, f func()) {
	if depth == 0 {
		f()
		return
	}
	new(contents).run(t, func() { nest(t, depth-1, f) })
}

// The context on show becomes one that can be held.
func TestTurnsAfter(t *testing.T) {
	onStage(func(s *Stage, h *frame.Host) {
		k := newKey("k")
		s.Show(captured(map[*frame.Key]int{k: 1}))
		next, prev := set(k, 2)
		state := new(State)
		turns := s.TurnsAfter(state)
		invariants(t, "begun")
		if state.Owner() != Mine().Owner || Host() != h {
			t.Error("it is another context, or has no host")
		}
		set(k, 3)
		turns.End()
		elsewhere(func() {
			state.enter(t, func() { expect(t, "elsewhere", k, 3); set(k, 4) })
		})
		mustBegin(t, s, &turns, 0)
		expect(t, "the next turn", k, 4)
		if !Undo(k, next, prev) {
			t.Error("a token from before is refused")
		}
		expect(t, "undone", k, 1)
		turns.End()
		turns.Over(s.Owner())
		expect(t, "over", k, -1)
		s.Show(captured(map[*frame.Key]int{k: 5}))
		expect(t, "the next call", k, 5)
		invariants(t, "the next call")
		elsewhere(func() { state.enter(t, func() { expect(t, "afterwards", k, 1) }) })
	})
}

func TestTurnsGiveUp(t *testing.T) {
	onStage(func(s *Stage, h *frame.Host) {
		k := newKey("k")
		for _, open := range []func(turns *Turns){
			nil,
			func(turns *Turns) { new(contents).run(t, func() { turns.End(); giveUp(t, s, turns, false) }) },
			func(turns *Turns) { Lend(func() { turns.End(); giveUp(t, s, turns, false) }) },
		} {
			state := new(State)
			turns := TurnsIn(state)
			mustBegin(t, s, &turns, 0)
			set(k, 1)
			if open != nil {
				open(&turns)
				turns.End()
				turns.Over(s.Owner())
				continue
			}
			turns.End()
			entered, leave := make(chan bool), make(chan bool)
			go state.enter(t, func() { close(entered); <-leave })
			<-entered
			giveUp(t, s, &turns, true)
			invariants(t, "given up")
			expect(t, "given up", k, -1)
			if Host() != h {
				t.Error("the host is not found")
			}
			close(leave)
		}
	})
}

// giveUp tries to, and begins another turn if that fails.
func giveUp(t *testing.T, s *Stage, turns *Turns, want bool) {
	t.Helper()
	if turns.GiveUp(s.Owner()) != want {
		t.Errorf("GiveUp returns %v", !want)
	}
	if !want && !turns.Begin(s.Owner(), 0) {
		t.Error("Begin fails after that")
	}
}

// Stages and others that want one context, all at the same time.
func TestTurnsByMany(t *testing.T) {
	const each = 300
	k, state := newKey("k"), new(State)
	add := func() { set(k, get(k)+1) }
	var wg sync.WaitGroup
	state.enter(t, func() { set(k, 0) })
	for range 3 {
		wg.Go(func() {
			onStage(func(s *Stage, _ *frame.Host) {
				turns := TurnsIn(state)
				for range each {
					for !turns.Begin(s.Owner(), 0) {
						free := make(chan struct{})
						turns.WhenFree(func() { close(free) })
						<-free
					}
					add()
					turns.End()
				}
				turns.Over(s.Owner())
			})
		})
		wg.Go(func() {
			outer := Mine()
			for n := 0; n < each; {
				if !Enter(outer, state.Owner(), &state.Top) {
					runtime.Gosched()
					continue
				}
				add()
				Leave(outer, state.Owner())
				n++
			}
		})
	}
	wg.Wait()
	state.enter(t, func() { expect(t, "in the end", k, 6*each) })
}
