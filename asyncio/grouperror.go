package asyncio

import "strings"

// GroupError is the error of a TaskGroup in which something failed. errors.Is and errors.As reach each of
// its errors.
type GroupError struct {
	Errors []error // in the order in which they came; the one that the body returned is the last
	who    []string
}

func (e *GroupError) Error() string {
	var b strings.Builder
	b.WriteString("asyncio: a TaskGroup failed")
	for i, err := range e.Errors {
		b.WriteString([]string{": ", "; "}[min(i, 1)])
		b.WriteString(e.who[i] + ": " + err.Error())
	}
	return b.String()
}

// Unwrap makes errors.Is and errors.As work.
func (e *GroupError) Unwrap() []error { return e.Errors }
