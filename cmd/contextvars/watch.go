package main

import (
	"bytes"
	"context"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// A display is where one snapshot after the other goes.
type display interface {
	show(frame []byte) error
	// lost says that there is no new one, and why.
	lost(err error) error
	// end is called once, when nothing more comes.
	end()
}

// again looks until the user has seen enough. That the program cannot be reached is an error if it is so at first;
// later it may only be starting anew.
func (l *look) again(t *terminal) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	ticker := time.NewTicker(l.interval)
	defer ticker.Stop()
	var d display
	var failed error
	for {
		frame, err := l.frame(ctx, t)
		if d == nil && err == nil {
			d = l.display(t) // not before, since the answer decides on the URL
			defer d.end()
		}
		switch {
		case ctx.Err() != nil:
			return failed
		case d == nil:
			return err
		case err != nil:
			failed, err = err, d.lost(err)
		default:
			failed, err = nil, d.show(frame)
		}
		if err != nil {
			return err // of the output
		}
		select {
		case <-ctx.Done():
			return failed
		case <-ticker.C:
		}
	}
}

func (l *look) display(t *terminal) display {
	switch {
	case l.json:
		return &roll{terminal: t}
	case t.live:
		return &screen{terminal: t, title: l.title()}
	}
	return &roll{terminal: t, title: l.title()}
}

func (l *look) title() string {
	return "every " + l.interval.String() + ": " + l.client.target.String()
}

func (l *look) frame(ctx context.Context, t *terminal) ([]byte, error) {
	s, data, err := l.fetch(ctx)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	err = l.write(&b, s, data, l.width(t))
	return b.Bytes(), err
}
