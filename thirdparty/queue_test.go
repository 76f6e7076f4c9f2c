package thirdparty_test

import (
	"testing"

	cv "github.com/gocontextvars/contextvars"
)

// consumed calls produce where user is set to "the producer's", with a channel of funcs
// whose consumer has it set to "the consumer's".
func consumed(produce func(queue chan<- func())) {
	queue, done := make(chan func()), make(chan bool)
	user.With("the consumer's", func() {
		go func() {
			defer close(done)
			for job := range queue {
				job()
			}
		}()
	})
	user.With("the producer's", func() { produce(queue) })
	close(queue)
	<-done
}

func TestQueueWithoutHelp(t *testing.T) {
	var first, second string
	consumed(func(queue chan<- func()) {
		queue <- func() { first = user.Get(); user.Set("leftover") }
		queue <- func() { second = user.Get() }
	})
	want(t, "a job sees", first, "the consumer's")
	want(t, "the next job sees", second, "leftover")
}

func TestQueueWithBind(t *testing.T) {
	var first, second, unbound string
	consumed(func(queue chan<- func()) {
		queue <- cv.Bind(func() { first = user.Get(); user.Set("leftover") })
		queue <- cv.Bind(func() { second = user.Get(); user.Set("leftover") })
		queue <- func() { unbound = user.Get() }
	})
	want(t, "a job sees", first, "the producer's")
	want(t, "the next job sees", second, "the producer's")
	want(t, "nothing is left: an unbound job sees", unbound, "the consumer's")
}

// queued returns what a func from a channel sees that comes after another one.
func queued(bind func(func()) func(), first func()) (saw string) {
	consumed(func(queue chan<- func()) {
		queue <- bind(first)
		queue <- bind(func() { saw = sees() })
	})
	return saw
}
