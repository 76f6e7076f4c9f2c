package asyncio

import (
	"slices"
	"sync"
	"sync/atomic"
)

// letter is what a goroutine that is not the loop's wants of it: a callback, or an operation that is
// done right when the inbox is emptied, and calls no function of users'.
type letter struct {
	handle *Handle // nil: do is wanted
	do     func()
	asked  bool // somebody waits for do
}

// ask has f, which calls no function of users', called where the loop runs, or here if it does not run, and
// waits for that.
func (l *EventLoop) ask(call string, f func()) {
	if l.mine() {
		f()
		return
	}
	answered := make(chan struct{})
	if !l.inbox.ask(letter{do: func() { f(); close(answered) }, asked: true}) {
		f()
		return
	}
	l.strange(call, "CallSoonThreadsafe, and call it there")
	<-answered
}

// inbox is how other goroutines reach a loop.
type inbox struct {
	lock    sync.Mutex
	letters []letter
	closed  bool
	tended  bool        // the loop runs, and is going to look
	filled  atomic.Bool // there are letters
	asleep  atomic.Bool // the loop waits for wake
	wake    chan struct{}
	emptied []letter // the loop's, to be used again
}

// post puts a letter in; false if the loop is closed.
func (b *inbox) post(l letter) bool { return b.postIf(l, &b.closed, false) }

// ask is post for letters that somebody waits for: it returns false also if the loop does not run.
func (b *inbox) ask(l letter) bool { return b.postIf(l, &b.tended, true) }

func (b *inbox) postIf(l letter, flag *bool, is bool) bool {
	b.lock.Lock()
	if *flag != is {
		b.lock.Unlock()
		return false
	}
	b.letters = append(b.letters, l)
	if len(b.letters) == 1 {
		b.filled.Store(true)
	}
	b.lock.Unlock()
	// The loop looks at filled after it has fallen asleep.
	if b.asleep.Load() && b.asleep.CompareAndSwap(true, false) {
		select {
		case b.wake <- struct{}{}:
		default: // one from earlier is there, and serves as well
		}
	}
	return true
}

// take returns what is in.
func (b *inbox) take() []letter {
	b.lock.Lock()
	letters := b.letters
	b.letters, b.emptied = b.emptied[:0], nil
	b.filled.Store(false)
	b.lock.Unlock()
	return letters
}

// done gives back what take returned.
func (b *inbox) done(letters []letter) {
	clear(letters)
	if cap(letters) <= 1024 {
		b.emptied = letters[:0]
	}
}

// sleep calls wait, which returns at the latest when there is something in wake, unless
// there are letters.
func (b *inbox) sleep(wait func(wake <-chan struct{})) {
	b.asleep.Store(true)
	if !b.filled.Load() {
		wait(b.wake)
	}
	if !b.asleep.CompareAndSwap(true, false) {
		// Somebody has woken the loop, or is about to, and wait may have taken it
		// out. What comes later wakes the loop once too often.
		select {
		case <-b.wake:
		default:
		}
	}
}

// tend says that the loop runs.
func (b *inbox) tend() {
	b.lock.Lock()
	b.tended = true
	b.lock.Unlock()
}

// untend says that the loop does not run any more, and answers who asks: it may never run again. The other letters
// stay for the next run.
func (b *inbox) untend() {
	b.lock.Lock()
	b.tended = false
	var questions []letter
	b.letters = slices.DeleteFunc(b.letters, func(l letter) bool {
		if l.asked {
			questions = append(questions, l)
		}
		return l.asked
	})
	b.filled.Store(len(b.letters) > 0)
	b.lock.Unlock()
	for _, q := range questions {
		q.do()
	}
}

// close makes post fail, and returns what was in.
func (b *inbox) close() []letter {
	b.lock.Lock()
	defer b.lock.Unlock()
	b.closed, b.tended = true, false
	letters := b.letters
	b.letters = nil
	return letters
}
