package thirdparty_test

import (
	"testing"

	cv "github.com/gocontextvars/contextvars"
)

// consumed calls produce where user is set to "producer", with a channel of funcs
// whose consumer has it set to "consumer".
func consumed(produce func(queue chan<- func())) {
	queue, done := make(chan func()), make(chan bool)
	user.With("consumer", func() {
		go func() {
			defer close(done)
			for job := range queue {
				job()
			}
		}()
	})
	user.With("producer", func() { produce(queue) })
	close(queue)
	<-done
}

func TestQueueWithoutHelp(t *testing.T) {
	var first, second string
	consumed(func(queue chan<- func()) {
		queue <- func() { first = user.Get(); user.Set("leftover") }
		queue <- func() { second = user.Get() }
	})
	want(t, "a job sees", first, "consumer")
	want(t, "the next job sees", second, "leftover")
}

func TestQueueWithBind(t *testing.T) {
	var first, second, unbound string
	consumed(func(queue chan<- func()) {
		queue <- cv.Bind(func() { first = user.Get(); user.Set("leftover") })
		queue <- cv.Bind(func() { second = user.Get(); user.Set("leftover") })
		queue <- func() { unbound = user.Get() }
	})
	want(t, "a job sees", first, "producer")
	want(t, "the next job sees", second, "producer")
	want(t, "nothing is left: an unbound job sees", unbound, "consumer")
}
