package main

import (
	"fmt"

	"github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/asyncio"
)

var place = contextvars.New[string]("place")

// call is the first sample of aiocontextvars' documentation. There main is
//
//	async def main():
//		var.set("main")
//		await sub()
//		assert var.get() == "sub"
//
// A coroutine that is awaited right where it is made is a call, and both have one context. So
// here it is a plain function, although it waits.
func call(s *show) error {
	place.Set("main")
	s.say("main sets %q and calls sub", place.Get())
	if err := s.callSub(); err != nil {
		return err
	}
	s.say("main sees %q", place.Get())
	check(s, "call: what main sees after the call", place.Get(), "sub")
	return nil
}

func (s *show) callSub() error {
	sub := func() error {
		s.say("sub sees %q, sets \"sub\" and waits", place.Get())
		check(s, "call: what sub sees", place.Get(), "main")
		place.Set("sub")
		if err := asyncio.Sleep(0); err != nil {
			return fmt.Errorf("sub: %w", err)
		}
		check(s, "call: what sub sees after it has waited", place.Get(), "sub")
		return nil
	}
	if s.mistake == callsInTasks {
		_, err := asyncio.Go(sub).Await()
		return err
	}
	return sub()
}
