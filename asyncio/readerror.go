package asyncio

import (
	"fmt"
	"io"
)

// IncompleteReadError says that the connection has ended before what was asked for was complete. It is
// io.EOF (errors.Is) if there was nothing at all, and else io.ErrUnexpectedEOF.
type IncompleteReadError struct {
	Partial  []byte // what there was
	Expected int    // how many bytes were asked for; -1 if it was a separator
}

func (e *IncompleteReadError) Error() string {
	if e.Expected < 0 {
		return fmt.Sprintf("asyncio: the connection ended after %d bytes, before a separator", len(e.Partial))
	}
	return fmt.Sprintf("asyncio: the connection ended after %d of %d bytes", len(e.Partial), e.Expected)
}

// Unwrap makes errors.Is work.
func (e *IncompleteReadError) Unwrap() error {
	if len(e.Partial) == 0 {
		return io.EOF
	}
	return io.ErrUnexpectedEOF
}

// LimitOverrunError says that what comes before a separator is longer than the limit.
type LimitOverrunError struct {
	Consumed int // that many bytes, at least, come before the separator
	Limit    int // of WithStreamLimit
}

func (e *LimitOverrunError) Error() string {
	return fmt.Sprintf("asyncio: no separator in the first %d bytes, and the limit is %d; see WithStreamLimit",
		e.Consumed, e.Limit)
}
