package asyncio

// Shield waits for t as Await does, but if the waiting task is cancelled, t is not: Shield then returns a
// *CancelledError at once, and t goes on. If it fails later and nobody else asks, that is
// reported to the exception handler (C11). Hold on to t to wait for it again.
//
// If t itself is cancelled, Shield returns that *CancelledError. Else it is as [Gather].
func Shield[T any](t AwaitableOf[T]) (T, error) {
	s := several{futures: collect("Shield", []AwaitableOf[T]{t})}
	if err := s.wait(NoTimeout); err != nil {
		var none T
		return none, err
	}
	return t.Result()
}
