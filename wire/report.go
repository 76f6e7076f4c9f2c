package wire

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/internal/current"
)

// Reasons for which something is dropped, for errors.Is with [Report.Err].
var (
	// ErrMalformed says that an entry is not as W3C Baggage wants it.
	ErrMalformed = errors.New("wire: malformed baggage")
	// ErrTooLarge says that a value, or the whole list, is over its limit.
	ErrTooLarge = errors.New("wire: too large")
	// ErrNotAllowed says that the peer is not open for the variable, or the variable does not travel in this
	// direction.
	ErrNotAllowed = errors.New("wire: not allowed from this peer")
	// ErrCodec says that the variable's codec failed or panicked.
	ErrCodec = errors.New("wire: codec failed")
)

// A Report says that something did not cross, and why.
//
// Reports go to the func of [ReportTo]. Without one they are logged by slog's default
// logger as warnings, those with [ErrNotAllowed] at level Debug; each peer logs one a
// second at most, and says how many it has left out. Values are never logged as such, but an error of a
// codec may quote one; it is left out if the variable is redacted.
type Report struct {
	Peer     string               // the name of the [Peer]
	Sending  bool                 // it was to be sent, not received
	Reply    bool                 // with a reply, not a request
	Key      string               // the entry's key, cut to 64 bytes; empty for the whole list
	Variable contextvars.Variable // nil if there is none with that key
	Err      error                // why
}

// String is a line for people.
func (r Report) String() string {
	what := "baggage"
	if r.Key != "" {
		what = "baggage " + strconv.Quote(r.Key)
	}
	direction := "from"
	if r.Sending {
		direction = "to"
	}
	reply := ""
	if r.Reply {
		reply = " in a reply"
	}
	return fmt.Sprintf("%s %s peer %q%s was dropped: %s", what, direction, r.Peer, reply, shortened(r.Err.Error(), 300))
}

const maxReportedKey = 64

func (p *Peer) tell(r Report) {
	r.Peer, r.Key = p.name, strings.Clone(shortened(r.Key, maxReportedKey)) // not to keep the list alive
	if p.report != nil {
		aside(func() {
			defer func() {
				if e := recover(); e != nil {
					slog.Error(fmt.Sprintf("wire: the func that ReportTo gave to peer %q panicked: %v; it was told: %v", p.name, e, r))
				}
			}()
			p.report(r)
		})
		return
	}
	level := slog.LevelWarn
	if errors.Is(r.Err, ErrNotAllowed) {
		level = slog.LevelDebug
	}
	ctx := context.Background()
	if !slog.Default().Enabled(ctx, level) {
		return
	}
	if skipped, ok := p.log.pass(); ok {
		slog.Default().Log(ctx, level, "wire: "+r.String(), "left out since the last report", skipped)
	}
}

func shortened(s string, n int) string {
	if len(s) > n {
		return s[:n] + "..."
	}
	return s
}

// limiter lets one pass a second.
type limiter struct {
	last, skipped atomic.Int64 // last is 0 if there was none
}

var start = time.Now().Add(-time.Hour) // what has passed since is monotonic, and never 0

func (l *limiter) pass() (skipped int64, ok bool) {
	last, now := l.last.Load(), int64(time.Since(start))
	if last > 0 && now-last < int64(time.Second) || !l.last.CompareAndSwap(last, now) {
		l.skipped.Add(1)
		return 0, false
	}
	return l.skipped.Swap(0), true
}

// aside calls a function of users where what it sets is seen by nobody else: the goroutine may be
// that of a connection.
func aside(f func()) { current.Do(current.Shared(), f) }

// failed wraps an error of v's codec.
func (v *variable) failed(err error) error {
	if v.Key.Redacted {
		return fmt.Errorf("%w, for a reason that may show the value, which is redacted", ErrCodec)
	}
	return fmt.Errorf("%w: %w", ErrCodec, err)
}

// errPanic is for a panic(nil), where GODEBUG=panicnil=1 allows one.
var errPanic = fmt.Errorf("%w: panic", ErrCodec)

// recovered turns a panic of v's codec into an error.
func (v *variable) recovered(err *error) {
	if r := recover(); r != nil {
		*err = v.failed(fmt.Errorf("panic: %v", r))
	}
}
