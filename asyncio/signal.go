package asyncio

import (
	"errors"
	"fmt"
	"os"
	"os/signal"
	"sync"

	"github.com/gocontextvars/contextvars"
)

// signals are a loop's handlers of signals.
type signals struct {
	mutex    sync.Mutex
	handlers map[os.Signal]*signalHandler
	over     bool
}

type signalHandler struct {
	f       func()
	context *contextvars.Context
	arrived chan os.Signal
	removed chan struct{}
}

// AddSignalHandler has the loop call f whenever the signal arrives. f is called in one copy of the context, made
// now and used for all calls: what f sets is there when it is called again (113). A second handler for
// the signal replaces the first. What the program does with the signal otherwise is as with
// signal.Notify, which is what this uses: signals of one kind that arrive faster than the loop
// is told may be merged, and SIGKILL and SIGSTOP never arrive; for os.Kill there is an error.
//
// With [WithInterrupt], SIGINT still cancels the main function, too. Any goroutine may call this, before the loop
// runs or later; on a closed loop the error is ErrLoopClosed. It cannot be used inside testing/synctest, where
// signal.Notify ends the test.
func (l *EventLoop) AddSignalHandler(sig os.Signal, f func()) error {
	checkFunc(f == nil, "AddSignalHandler")
	switch sig {
	case nil:
		panic("asyncio: AddSignalHandler was given a nil os.Signal")
	case os.Kill:
		return errors.New("asyncio: AddSignalHandler: no program can handle " + sig.String())
	}
	s := &l.signals
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if s.over {
		return fmt.Errorf("AddSignalHandler: %w", ErrLoopClosed)
	}
	h := s.handlers[sig]
	if h == nil {
		h = &signalHandler{arrived: make(chan os.Signal, 1), removed: make(chan struct{})}
		if s.handlers == nil {
			s.handlers = make(map[os.Signal]*signalHandler)
		}
		s.handlers[sig] = h
		signal.Notify(h.arrived, sig)
		beside(l, func() error { l.forward(h); return nil }, func(error) {})
	}
	h.f, h.context = f, contextvars.CopyContext()
	return nil
}

// RemoveSignalHandler takes AddSignalHandler back, and reports whether there was a handler (114).
func (l *EventLoop) RemoveSignalHandler(sig os.Signal) bool {
	s := &l.signals
	s.mutex.Lock()
	defer s.mutex.Unlock()
	h := s.handlers[sig]
	if h == nil {
		return false
	}
	delete(s.handlers, sig)
	h.remove()
	return true
}

func (h *signalHandler) remove() {
	signal.Stop(h.arrived)
	close(h.removed)
	h.f, h.context = nil, nil
}

// forward tells the loop of signals until h is removed.
func (l *EventLoop) forward(h *signalHandler) {
	for {
		select {
		case <-h.arrived:
			l.post(letter{do: func() { l.deliver(h) }})
		case <-h.removed:
			return
		}
	}
}

// deliver schedules a call of h's function.
func (l *EventLoop) deliver(h *signalHandler) {
	s := &l.signals
	s.mutex.Lock()
	defer s.mutex.Unlock()
	call := &Handle{f: h.f, more: &particulars{context: h.context}} // nil, as if cancelled: it was removed
	l.ready.push(entry{handle: call})
}

// endAll is called once, when the loop is closed.
func (s *signals) endAll() {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	for _, h := range s.handlers {
		h.remove()
	}
	s.handlers, s.over = nil, true
}
