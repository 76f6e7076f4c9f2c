package asyncio

import (
	"errors"
	"os"
	"os/signal"
)

// ErrInterrupted is what Run returns when its main function has ended because SIGINT cancelled
// it, where Python raises KeyboardInterrupt.
var ErrInterrupted = errors.New("asyncio: interrupted")

// WithInterrupt has SIGINT cancel the main task, once. If main ends by that, Run returns
// ErrInterrupted. A second SIGINT ends the program. Without the option signals are the
// program's business. It cannot be used inside testing/synctest.
func WithInterrupt() RunOption {
	return RunOption{func(r *Runner) { r.interrupt = true }}
}

// interruptible lets SIGINT cancel t until the loop's run is over. over then returns ErrInterrupted if
// that is why t has ended.
func (l *EventLoop) interruptible(t *task) (over func() error) {
	signals, ended := make(chan os.Signal, 1), make(chan struct{})
	interrupted := false // the loop's
	signal.Notify(signals, os.Interrupt)
	go func() {
		select {
		case <-signals:
			signal.Stop(signals) // a second one has its default effect: the program ends
			l.post(letter{do: func() { interrupted = t.cancel("interrupted") }})
		case <-ended:
		}
	}()
	return func() error {
		signal.Stop(signals)
		close(ended)
		// As asyncio does, if it was this request that ended it, and no other.
		if interrupted && t.Cancelled() && t.uncancel() == 0 {
			return ErrInterrupted
		}
		return nil
	}
}
