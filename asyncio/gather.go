package asyncio

// Gather waits until all are done and returns their values, in the order of the arguments.
//
// The first that fails, or is cancelled, ends the wait with its error at once; the
// others go on, and if they fail, too, that is not reported (C12). If the waiting task is cancelled, all that are
// pending are cancelled, and Gather returns when the first of them has ended by that, or
// all have ended in another way: with a *CancelledError then, whatever their results. One
// that is passed twice is waited for once.
//
// What is passed are tasks, each with a context of its own, so that nothing is copied here
// (146, 147). A goroutine that no loop runs is blocked. In a callback, if there is anything to wait
// for, the error is ErrNotInTask; in another loop's task ErrOtherLoop; in a task that one of them waits
// for ErrAwaitCycle. It costs four allocations, however many are passed.
func Gather[T any, A AwaitableOf[T]](all ...A) ([]T, error) {
	s := several{futures: collect("Gather", all), until: firstFailure, passesOn: true}
	if err := s.wait(NoTimeout); err != nil {
		return nil, err
	}
	if s.decisive != nil {
		return nil, s.decisive.Err()
	}
	values := make([]T, len(all))
	for i, a := range all {
		values[i], _ = a.Result()
	}
	return values, nil
}

// GatherAll waits until all are done, however they end, and returns how each did, in the order of the
// arguments: gather with return_exceptions. The error is nil unless it could not wait to the end. If the
// waiting task is cancelled, all that are pending are cancelled, waited for, and the error is a *CancelledError. Else
// it is as [Gather].
func GatherAll[T any, A AwaitableOf[T]](all ...A) ([]Outcome[T], error) {
	s := several{futures: collect("GatherAll", all), until: AllCompleted, passesOn: true}
	if err := s.wait(NoTimeout); err != nil {
		return nil, err
	}
	outcomes := make([]Outcome[T], len(all))
	for i, a := range all {
		outcomes[i].Value, outcomes[i].Err = a.Result()
	}
	return outcomes, nil
}
