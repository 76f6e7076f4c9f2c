package census

import (
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"

	"github.com/gocontextvars/contextvars/internal/frame"
	"github.com/gocontextvars/contextvars/internal/slot"
	"github.com/gocontextvars/contextvars/internal/traceback"
)

// A world has goroutines that are looked at as a census does it, and knows who is who.
type world struct {
	r    *rand.Rand
	next uint64
	all  []*inhabitant // in the runtime's order
}

type inhabitant struct {
	id, creator uint64
	entry       []traceback.Frame
	place       place
	own         *frame.Owner
	frame       *frame.Frame
}

var key = func() *frame.Key {
	k := &frame.Key{Name: "key"}
	k.Init()
	return k
}()

var value = slot.Pack(1, slot.PackingOf[int]())

func (w *world) place() place { return place(strconv.Itoa(w.r.IntN(4))) }

// where is its place: goroutines that were started with different functions never stand at one.
func (i *inhabitant) where() place { return place(i.entry[0].Function) + i.place }

// set gives it a frame of its own.
func (i *inhabitant) set() {
	if i.own == nil {
		i.own = new(frame.Owner)
		i.own.Enter(i.id, new(slot.Published[frame.Frame]))
	}
	i.frame = frame.New(i.own, nil).With(key, value, "")
}

func (w *world) start() {
	w.next++
	n := &inhabitant{id: w.next, place: w.place(), entry: []traceback.Frame{{Function: "entry " + strconv.Itoa(w.r.IntN(4))}}}
	if len(w.all) > 0 {
		c := w.all[w.r.IntN(len(w.all))]
		n.creator, n.frame = c.id, c.frame
		if w.r.IntN(3) == 0 {
			c.set() // it goes on to the next one
		}
	}
	switch w.r.IntN(6) {
	case 0:
		n.set()
	case 1:
		n.frame = nil
	}
	w.all = slices.Insert(w.all, w.r.IntN(len(w.all)+1), n) // a place in the runtime's list is used again
}

// seen returns what a look sees, in which one in ran has just run; 0: none.
func (w *world) seen(ran int) (all []*sighting) {
	early := 0
	for _, i := range w.all {
		s := &sighting{stack: stack{i.where(), i.entry}, seen: i.frame}
		if i.frame != nil {
			s.head = &i.frame.Head
		}
		if all = append(all, s); ran > 0 && w.r.IntN(ran) == 0 {
			all = slices.Insert(all[:len(all)-1], early, s) // it ran
			early++
		}
	}
	return all
}

func (w *world) printed() (all []*print) {
	for _, i := range w.all {
		all = append(all, &print{Goroutine: &traceback.Goroutine{ID: i.id, Creator: i.creator, Frames: i.entry}, place: i.where()})
	}
	return all
}

// goOn changes a few of them.
func (w *world) goOn() {
	for range w.r.IntN(4) {
		n := w.r.IntN(len(w.all))
		switch i := w.all[n]; w.r.IntN(4) {
		case 0:
			w.all = slices.Delete(w.all, n, n+1)
			w.start()
		case 1:
			i.place = w.place()
		case 2:
			i.set()
		case 3:
			w.start()
		}
	}
}

// settle lets the world be looked at, with what happens between the looks, and counts what is told.
func (w *world) settle(happens func(), ran int) (right, open, wrong int) {
	for range 2 + w.r.IntN(40) {
		w.start()
	}
	truth := make(map[uint64]*frame.Frame)
	for _, i := range w.all {
		truth[i.id] = i.frame
	}
	before := w.seen(ran)
	happens()
	printed := w.printed()
	happens()
	for _, g := range join(before, printed, w.seen(ran)) {
		is := truth[g.ID] // nil, too, if it was not there yet: nothing is to be said of it
		switch {
		case g.Content == nil:
		case g.ID == 0:
			open++
		case is == g.Content && g.Own == (is.Owner.Goroutine() == g.ID):
			right++
		default:
			wrong++
		}
	}
	return right, open, wrong
}

func TestJoinOfThoseThatStandStill(t *testing.T) {
	for seed := range uint64(2000) {
		w := &world{r: rand.New(rand.NewPCG(seed, 1))}
		if right, open, wrong := w.settle(func() {}, 0); open+wrong > 0 {
			t.Fatalf("seed %d: %d right, %d left open, %d wrong", seed, right, open, wrong)
		}
	}
}

// Up to three changes between two looks, among up to forty goroutines at four places, are far more than a program
// makes in a millisecond. What is wrong then takes two changes at one place that look like none.
func TestJoinWhileTheyComeAndGo(t *testing.T) {
	right, open, wrong := 0, 0, 0
	for seed := range uint64(20000) {
		w := &world{r: rand.New(rand.NewPCG(seed, 1))}
		r, o, f := w.settle(w.goOn, 200)
		right, open, wrong = right+r, open+o, wrong+f
	}
	if wrong*1000 > right || open*2 > right {
		t.Errorf("%d right, %d left open, %d wrong", right, open, wrong)
	}
}

func TestLongestRise(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	for range 500 {
		numbers := r.Perm(r.IntN(9))
		rise := longestRise(numbers)
		for k, i := range rise {
			if k > 0 && (rise[k-1] >= i || numbers[rise[k-1]] >= numbers[i]) {
				t.Fatalf("%v of %v does not rise", rise, numbers)
			}
		}
		longest := 0
		for set := range 1 << len(numbers) {
			var chosen []int
			for i, n := range numbers {
				if set>>i&1 == 1 {
					chosen = append(chosen, n)
				}
			}
			if slices.IsSorted(chosen) {
				longest = max(longest, len(chosen))
			}
		}
		if len(rise) != longest {
			t.Fatalf("%v of %v: there is one of length %d", rise, numbers, longest)
		}
	}
}

// Two that cannot be told apart: they change places in the runtime's list between the looks.
func TestOneOfACrowd(t *testing.T) {
	owner := new(frame.Owner)
	owner.Enter(1, new(slot.Published[frame.Frame]))
	a, b := frame.New(owner, nil).With(key, value, ""), frame.New(owner, nil).With(key, value, "")
	seen := func(frames ...*frame.Frame) (all []*sighting) {
		for _, f := range frames {
			all = append(all, &sighting{stack: stack{place: "p"}, head: &f.Head, seen: f})
		}
		return all
	}
	created := traceback.Frame{Function: "main.main", File: "main.go", Line: 7}
	printed := []*print{
		{Goroutine: &traceback.Goroutine{ID: 9, State: "select", WaitMinutes: 3, Creator: 1, Created: created}, place: "p"},
		{Goroutine: &traceback.Goroutine{ID: 8, State: "sleep", WaitMinutes: 2, Creator: 1, Created: created}, place: "p"},
	}
	all := join(seen(a, b), printed, seen(b, a))
	if len(all) != 2 {
		t.Fatalf("%d goroutines, want 2", len(all))
	}
	for i, g := range all {
		if g.ID != 0 || !slices.Equal(g.OneOf, []uint64{8, 9}) || g.Content != []*frame.Frame{a, b}[i] {
			t.Errorf("%+v", g)
		}
		if g.State != "" || g.WaitMinutes != 2 || g.Creator != 1 || g.Created != created {
			t.Errorf("what they have in common is said to be %+v", g)
		}
		if g.Own || !g.Inherited || g.InheritedFrom != 1 { // neither is goroutine 1
			t.Errorf("own: %v, inherited: %v from %d", g.Own, g.Inherited, g.InheritedFrom)
		}
	}
	printed[0].ID, printed[0].taken, printed[1].taken = 1, false, false
	for _, g := range join(seen(a, b), printed, seen(b, a)) {
		if g.ID == 0 && (g.Own || g.Inherited) {
			t.Errorf("it may be goroutine 1: %+v", g)
		}
	}
}
