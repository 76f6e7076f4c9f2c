package asyncio

import (
	"math/rand/v2"
	"runtime"
	"testing"
	"time"
)

// checkDoors fails unless one goroutine of l runs, which is the calling one, and in each door there stands one of the
// others.
func checkDoors(t *testing.T, l *EventLoop) {
	t.Helper()
	me := here()
	stands := map[*door]*party{}
	doors := map[*door]bool{}
	parties := []*party{&l.caller}
	l.crew.lock.Lock()
	for _, w := range l.crew.workers {
		parties = append(parties, &w.party)
		doors[w.home] = true
	}
	l.crew.lock.Unlock()
	for _, p := range parties {
		switch {
		case p == &me.party:
			if p.at != nil {
				t.Fatal("the one who runs stands in a door")
			}
		case p.at == nil:
			t.Fatal("one who does not run stands nowhere")
		case p.at.inside != p:
			t.Fatal("one stands in a door, and somebody else is inside")
		case stands[p.at] != nil:
			t.Fatal("two stand in one door")
		case !doors[p.at]:
			t.Fatal("one stands in a door of nobody's")
		default:
			stands[p.at] = p
		}
	}
	if len(stands) != len(doors) {
		t.Fatalf("%d stand in %d doors", len(stands), len(doors))
	}
	if len(l.route) > 0 {
		t.Fatal("there is a route left")
	}
}

// Tasks and callbacks that wait, end, panic and exit, eager ones too, at random: there is always just one who
// runs, and everybody stands where he is thought to.
func TestDoors(t *testing.T) {
	for seed := range uint64(40) {
		onLoop(t, func(l *EventLoop, _ *reportLog) {
			defer l.SetExceptionHandler(func(*EventLoop, ErrorContext) {})
			l.SetExceptionHandler(func(*EventLoop, ErrorContext) { checkDoors(t, l) })
			r := rand.New(rand.NewPCG(seed, 5))
			left := 400
			futures := []*Future[int]{NewFuture[int](), NewFuture[int](), NewFuture[int]()}
			var act func()
			act = func() {
				for range r.IntN(6) {
					checkDoors(t, l)
					if left--; left < 0 {
						return
					}
					switch r.IntN(12) {
					case 0:
						panic("p")
					case 1:
						runtime.Goexit()
					case 2, 3:
						Go(func() error { act(); return nil }, Eager())
					case 4, 5:
						Go(func() error { act(); return nil })
					case 6:
						l.CallSoon(act)
					case 7:
						l.CallLater(time.Duration(r.IntN(3))*time.Second, act)
					case 8:
						Sleep(time.Duration(r.IntN(3)) * time.Second)
					case 9:
						defer act()
					case 10:
						if tasks := l.AllTasks(); r.IntN(3) == 0 && len(tasks) > 1 {
							tasks[1+r.IntN(len(tasks)-1)].Cancel()
						}
					case 11:
						i := r.IntN(len(futures))
						if r.IntN(2) == 0 {
							futures[i].SetResult(1)
							futures[i] = NewFuture[int]()
						} else {
							futures[i].Await()
						}
					}
				}
				checkDoors(t, l)
			}
			for left > 0 {
				Go(func() error { act(); return nil })
				l.CallSoon(act)
				Sleep(time.Second)
				checkDoors(t, l)
			}
		})
	}
}

// All the workers that there may be, all of which exit.
func TestDoorsOfMany(t *testing.T) {
	onLoop(t, func(l *EventLoop, _ *reportLog) {
		defer l.SetExceptionHandler(func(*EventLoop, ErrorContext) {})
		for round := range 3 {
			var tasks []*Task[struct{}]
			for i := range 3 * maxIdle {
				tasks = append(tasks, Go(func() error {
					Sleep(time.Duration(i*7%5) * time.Second)
					if (i+round)%3 == 0 {
						runtime.Goexit()
					}
					return nil
				}))
			}
			for i, task := range tasks {
				if i%10 == 0 {
					checkDoors(t, l)
				}
				task.Await()
			}
			checkDoors(t, l)
		}
	})
}
