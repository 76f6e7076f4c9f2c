package asyncio

// A Timeout and a TaskGroup cancel the task that they run in, and take that back in the end. Whether
// somebody else has cancelled it meanwhile they know from the number of requests (C9, C10).

// heeded returns the number of requests to cancel that have led to an error already: those that
// come on top of it are the business of a scope that is entered now.
func (t *task) heeded() int {
	if t.mustCancel && t.cancels > 0 {
		return t.cancels - 1
	}
	return t.cancels
}

// takeBack takes a scope's own request back, and reports whether there is no other that came after the
// scope was entered, with so many heeded.
func (t *task) takeBack(heeded int) bool {
	if t.uncancel() > heeded {
		return false
	}
	t.mustCancel = false // it was for this request
	return true
}
