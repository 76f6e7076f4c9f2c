package contextvars_test

import (
	"testing"

	cv "github.com/gocontextvars/contextvars"
)

// turns lets two goroutines take turns.
type turns struct{ a, b chan bool }

func newTurns() turns { return turns{make(chan bool), make(chan bool)} }

func TestLend(t *testing.T) {
	defer user.Set("alice").Restore()
	during, after := newTurns(), make(chan string)
	cv.Lend(func() {
		want(t, "the lender", user.Get(), "alice")
		go func() {
			want(t, "borrower", user.Get(), "alice")
			during.a <- true
			<-during.b
			value, ok := user.Lookup()
			want(t, "borrower, lender has set", value, "bob")
			want(t, "Lookup", ok, true)
			during.a <- true
			<-during.b
			value, ok = user.Lookup()
			want(t, "borrower, lease ended", value, "")
			want(t, "Lookup", ok, false)
			want(t, "copy", cv.CopyContext().Len(), 0)
			after <- inChild(user.Get)
			user.Set("its own")
			after <- user.Get()
		}()
		<-during.a
		user.Set("bob")
		during.b <- true
		<-during.a
	})
	want(t, "set inside, the lender", user.Get(), "bob")
	during.b <- true
	want(t, "borrower's child, lease ended", <-after, "")
	want(t, "borrower's own value", <-after, "its own")
	want(t, "the lender after all", user.Get(), "bob")
}

// A borrower that sets a variable holds what it saw until that is restored.
func TestLendToGoroutineThatSets(t *testing.T) {
	defer user.Set("alice").Restore()
	turn, got := newTurns(), make(chan string)
	cv.Lend(func() {
		go func() {
			token := other.Set("x")
			turn.a <- true
			<-turn.b
			got <- user.Get() + " " + other.Get()
			token.Restore()
			got <- user.Get() + " " + other.Get()
		}()
		<-turn.a
	})
	turn.b <- true
	want(t, "after the lease", <-got, "alice x")
	want(t, "restored", <-got, " ")
}

// What a borrower does that leaves nothing behind leaves nothing behind.
func TestLendToGoroutineThatEnters(t *testing.T) {
	bound := cv.Bind(func() {})
	for name, enter := range map[string]func(){
		"Bind":   bound,
		"Run":    func() { cv.NewContext().Run(func() {}) },
		"Detach": func() { cv.Detach(func() {}) },
		"With":   func() { other.With("x", func() {}) },
		"Adopt":  func() { cv.Adopt(cv.NewContext(), cv.NewContext()) },
		"Lend":   func() { cv.Lend(func() { user.Get() }) },
		//contextvars:ignore token that it is taken back at once is tested
		"local": func() { local.Set("borrower's").Restore() },
		"Go":    func() { done := make(chan bool); cv.Go(func() { close(done) }); <-done },
	} {
		t.Run(name, func(t *testing.T) {
			defer user.Set("alice").Restore()
			defer local.Set("lender's").Restore()
			token, w := setMade()
			turn, got := newTurns(), make(chan string)
			cv.Lend(func() {
				go func() {
					enter()
					//contextvars:ignore local that it is not seen is tested
					got <- user.Get() + local.Get()
					cv.Lend(func() { got <- inChild(user.Get) })
					<-turn.b
					got <- user.Get()
				}()
				want(t, "during the lease", <-got, "alice")
				want(t, "lent once more", <-got, "alice")
			})
			token.Restore()
			wantFree(t, "after the lease", w)
			turn.b <- true
			want(t, "after the lease", <-got, "")
		})
	}
}

// Tokens are good on both sides of Lend: it is no context of its own.
func TestLendKeepsTheContext(t *testing.T) {
	before := user.Set("alice")
	var inside cv.Token[string]
	cv.Lend(func() {
		want(t, "restored inside", before.Restore(), true)
		want(t, "inside", user.Get(), "")
		inside = user.Set("bob")
		cv.Lend(func() { want(t, "nested", user.Get(), "bob") })
		want(t, "a child after the nested Lend", inChild(user.Get), "bob")
		want(t, "a copy", cv.CopyContext().Len() > 0, true)
		cv.NewContext().Run(func() {
			user.Set("carol")
			want(t, "child in Run", inChild(user.Get), "carol")
		})
		want(t, "after Run", user.Get(), "bob")
		want(t, "local", localSeen(), "mine")
	})
	want(t, "after", user.Get(), "bob")
	want(t, "restored after", inside.Restore(), true)
	want(t, "restored", user.Get(), "")
}

var local = cv.New[string]("local", cv.Local())

func localSeen() string {
	defer local.Set("mine").Restore()
	if seen := inChild(local.Get); seen != "" {
		return "a child sees " + seen
	}
	return local.Get()
}

func TestLendEndsWithPanic(t *testing.T) {
	defer user.Set("alice").Restore()
	turn, got := newTurns(), make(chan string)
	func() {
		defer func() { want(t, "panic", recover(), any("oops")) }()
		cv.Lend(func() {
			go func() { turn.a <- true; <-turn.b; got <- user.Get() }()
			<-turn.a
			panic("oops")
		})
	}()
	turn.b <- true
	want(t, "borrower", <-got, "")
	want(t, "lender", user.Get(), "alice")
}

// Labels cannot be taken back from a goroutine, so they are not lent.
func TestLendNoLabels(t *testing.T) {
	tenant.With("acme", func() {
		cv.Lend(func() {
			wantLabels(t)
			want(t, "child", inChild(func() int { return len(labels()) }), 0)
			want(t, "value", tenant.Get(), "acme")
		})
		wantLabels(t, "tenant=acme")
	})
}
