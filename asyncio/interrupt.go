package asyncio

import (
	"errors"
	"os"
	"os/signal"
)

// ErrInterrupted is what Run returns when SIGINT has cancelled its main function. It also is a
// *CancelledError.
var ErrInterrupted = errors.New("asyncio: interrupted")

// interruptible lets SIGINT cancel t until undo is called.
func (l *EventLoop) interruptible(t *task) (undo func()) {
	signals, over := make(chan os.Signal, 1), make(chan struct{})
	signal.Notify(signals, os.Interrupt)
	go func() {
		select {
		case <-signals:
			signal.Stop(signals) // a second one has its default effect: the program ends
			l.post(letter{do: func() { t.cancel(ErrInterrupted.Error()) }})
		case <-over:
		}
	}()
	return func() {
		signal.Stop(signals)
		close(over)
	}
}
