package debugvars

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"time"

	"github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/asyncio"
)

// What a look at event loops may cost. A loop does nothing else while it looks at its tasks: for 0.4 µs a task, and 2.5 µs
// more if it also takes down the stack. So that is 4 ms for 1,000 tasks with stacks, and 10 ms at most. What nobody
// can tell but a dump of all goroutines stops the world, for 3 to 10 µs a goroutine.
const (
	// loopsTime is how long all loops together have to answer.
	loopsTime = 100 * time.Millisecond
	// maxTasks is how many tasks of a loop are shown; one with more is not asked for stacks.
	maxTasks = 1_000
	// maxAsked is how many tasks a loop may have that is asked at all.
	maxAsked = 20_000
	// maxPrinted is how many goroutines' stacks are printed, in all dumps of a look together.
	maxPrinted = 20_000
)

// loops returns the event loops of the process that are not closed, in the order they were made in. It takes
// 100 ms at most, and as long as the dumps for loops that have not answered by then.
//
// Loops of a testing/synctest bubble must not be asked from outside of it, nor others from inside: the runtime ends the
// process when they meet.
func loops() []*Loop {
	inTime, cancel := context.WithTimeout(context.Background(), loopsTime)
	defer cancel()
	var looks []*loopLook
	var asked sync.WaitGroup
	own, _ := asyncio.RunningLoop()
	for _, l := range asyncio.Loops() {
		k := &loopLook{loop: l}
		looks = append(looks, k)
		if l == own {
			k.ask(inTime) // it cannot answer while it waits for this
			continue
		}
		asked.Add(1)
		// Detached, so that these are not among the goroutines that hold the caller's variables.
		contextvars.GoDetached(func() {
			defer asked.Done()
			k.ask(inTime)
		})
	}
	asked.Wait()

	var shown []*Loop
	printed, r := 0, newReader()
	for _, k := range looks {
		if n := runtime.NumGoroutine(); k.needsDump() && printed+n <= maxPrinted {
			printed += n
			k.dump()
		}
		if !k.loop.IsClosed() {
			shown = append(shown, k.show(r, len(shown)+1))
		}
	}
	return shown
}

// tasks returns the tasks that run on a goroutine, of all event loops but those with over 20,000 tasks, by the goroutine's
// number. It waits for no loop, and so does not know what the tasks do: their state is "pending". It takes up to
// 1 µs a task.
func tasks() map[uint64]TaskRef {
	all := make(map[uint64]TaskRef)
	for _, l := range asyncio.Loops() {
		if len(l.AllTasks()) > maxAsked {
			continue
		}
		g, _ := l.CaptureCallGraph(ended, asyncio.LimitFrames(0)) // the error says that nobody has waited
		for _, n := range g.Tasks {
			if n.Goroutine != 0 {
				all[n.Goroutine] = refOf(n)
			}
		}
	}
	return all
}

// ended is for what a loop's graph has without the loop.
var ended = func() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}()

// A loopLook is a look at one loop.
type loopLook struct {
	loop  *asyncio.EventLoop
	graph *asyncio.LoopGraph
	err   error // why the loop did not make the graph
	// crowded: the loop was not asked, since it has too many tasks.
	crowded bool
	printed bool // a dump was made
}

// ask asks the loop, first without stacks: where it does not answer, those would take a dump for each loop that is in the
// same trouble.
func (k *loopLook) ask(ctx context.Context) {
	if k.crowded = len(k.loop.AllTasks()) > maxAsked; k.crowded {
		ctx = ended
	}
	k.graph, k.err = k.loop.CaptureCallGraph(ctx, asyncio.LimitFrames(0))
	n := len(k.graph.Tasks)
	if k.err != nil || n == 0 || n > maxTasks || runtime.NumGoroutine() > maxPrinted {
		return
	}
	if g, err := k.loop.CaptureCallGraph(ctx, recentCalls); err == nil {
		k.graph = g
	}
}

// recentCalls keeps what is most telling of a deep recursion.
var recentCalls = asyncio.LimitFrames(-64)

// needsDump reports whether there is something that only a dump can tell.
func (k *loopLook) needsDump() bool {
	if k.err == nil || k.crowded || k.loop.IsClosed() {
		return false
	}
	return k.loop.IsRunning() || len(k.graph.Tasks) > 0
}

// dump looks once more, without the loop.
func (k *loopLook) dump() {
	k.graph, k.err = k.loop.CaptureCallGraph(ended, recentCalls)
	k.printed = true
}

// show returns what there is to show. Number is the loop's in the list.
func (k *loopLook) show(r *reader, number int) *Loop {
	g := k.graph
	l := &Loop{
		Number:     number,
		Running:    k.loop.IsRunning(),
		Ready:      g.Ready,
		Timers:     g.Timers,
		Operations: g.Operations,
		HeldUp:     callsOf(g.HeldUp),
		Note:       k.note(),
	}
	for _, n := range g.Tasks[:min(len(g.Tasks), maxTasks)] {
		l.Tasks = append(l.Tasks, r.taskOf(n))
	}
	return l
}

// note says what is missing, and why.
func (k *loopLook) note() string {
	var sentences []string
	say := func(format string, args ...any) { sentences = append(sentences, fmt.Sprintf(format, args...)) }
	const unknown = "variables, who waits for whom, and what is ready or scheduled are not known."
	switch {
	case k.crowded:
		say("The loop has more than %d tasks and was not asked: "+unknown, maxAsked)
	case k.err == nil:
	case errors.Is(k.err, asyncio.ErrLoopStopped):
		say("The loop does not run: " + unknown)
	default:
		say("The loop has not answered in time: " + unknown)
	}
	n := len(k.graph.Tasks)
	switch {
	case k.err != nil && !k.crowded && !k.printed && n > 0:
		say("There was no dump of all goroutines, which would have shown stacks.")
	case k.err == nil && n > maxTasks:
		say("Stacks are not shown of a loop with more than %d tasks: it would have to stand still for too long.", maxTasks)
	}
	if n > maxTasks {
		say("%d more tasks are not shown.", n-maxTasks)
	}
	return strings.Join(sentences, " ")
}
