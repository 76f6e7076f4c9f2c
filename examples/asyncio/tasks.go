package main

import (
	"fmt"
	"strings"

	"github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/asyncio"
)

var count = contextvars.New[int]("count")

// tasks is the second sample of aiocontextvars' documentation: tasks that each set their own count, sleep,
// and await sub, which adds one. Each ends with its own count and one.
func tasks(s *show) error {
	count.Set(-1)
	s.say("%d tasks set their count and sleep for %v", s.sizes.tasks, s.sizes.pause)
	start, own := asyncio.CurrentTask().Loop().Time(), s.own()
	all := make([]*asyncio.Task[int], s.sizes.tasks)
	for i := range all {
		all[i] = asyncio.CreateTask(func() (int, error) { return s.counter(i) }, own...)
	}
	counts, err := asyncio.Gather(all...)
	if err != nil {
		return err
	}
	var seen strings.Builder
	for i, n := range counts {
		fmt.Fprintf(&seen, " %d→%d", i, n)
		check(s, fmt.Sprintf("tasks: what task %d ends with", i), n, i+1)
	}
	s.say("they end with%s, all within %v", &seen, (asyncio.CurrentTask().Loop().Time() - start).Round(s.sizes.pause/10))
	check(s, "tasks: the count of who has created them", count.Get(), -1)
	return nil
}

func (s *show) counter(i int) (int, error) {
	check(s, fmt.Sprintf("tasks: what task %d begins with", i), count.Get(), -1)
	count.Set(i)
	if err := asyncio.Sleep(s.sizes.pause); err != nil {
		return 0, err
	}
	check(s, fmt.Sprintf("tasks: what task %d sees after its sleep", i), count.Get(), i)
	addOne()
	return count.Get(), nil
}

// addOne is the sample's sub.
func addOne() { count.Set(count.Get() + 1) }
