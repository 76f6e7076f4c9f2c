package asyncio

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
)

func TestSignalHandlerBadInput(t *testing.T) {
	l := NewEventLoop()
	for want, f := range map[string]func(){
		"asyncio: AddSignalHandler was given a nil func":      func() { l.AddSignalHandler(os.Interrupt, nil) },
		"asyncio: AddSignalHandler was given a nil os.Signal": func() { l.AddSignalHandler(nil, func() {}) },
	} {
		if got := fmt.Sprint(netPanic(f)); got != want {
			t.Errorf("%q, not %q", got, want)
		}
	}
	if err := l.AddSignalHandler(os.Kill, func() {}); err == nil || !strings.HasPrefix(err.Error(), "asyncio: ") {
		t.Error(err)
	}
	if l.RemoveSignalHandler(os.Kill) || l.RemoveSignalHandler(nil) {
		t.Error("there was none")
	}
	l.Close()
	if err := l.AddSignalHandler(os.Interrupt, func() {}); !errors.Is(err, ErrLoopClosed) {
		t.Error(err)
	}
	if l.RemoveSignalHandler(os.Interrupt) {
		t.Error("there was none")
	}
}
