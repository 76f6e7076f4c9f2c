package wire_test

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

	"github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/wire"
)

const once, all, back = wire.OneHop, wire.AllHops, wire.Back

// played are the variables of the model, one of each reach.
var played = []played1{
	play("one", once), play("all", all), play("back", back), play("one-back", once|back), play("all-back", all|back),
}

type played1 struct {
	*contextvars.ContextVar[string]
	reach wire.Reach
}

func play(name string, reach wire.Reach) played1 {
	return played1{contextvars.New[string]("played-"+name, wire.Travels(reach)), reach}
}

// model is what a process should hold: per played variable its value, and whether that is just the
// received one; and what passes through.
type model struct {
	value    [5]string // empty is none
	received [5]bool
	passing  []string
}

// side is what one side of a connection is open for.
type side struct {
	send, accept [5]bool
	unknown      bool
	*wire.Peer
}

func randomSide(r *rand.Rand) (s side) {
	rules := []wire.Rule{wire.ReportTo(func(wire.Report) {})}
	for i := range played {
		if s.send[i] = r.IntN(4) > 0; s.send[i] {
			rules = append(rules, wire.Send(played[i]))
		}
		if s.accept[i] = r.IntN(4) > 0; s.accept[i] {
			rules = append(rules, wire.Accept(played[i]))
		}
	}
	if s.unknown = r.IntN(3) > 0; s.unknown {
		rules = append(rules, wire.PassUnknown())
	}
	s.Peer = wire.NewPeer("side", rules...)
	return s
}

// chain is a chain of processes, each of which calls the next one.
type chain struct {
	*testing.T
	*rand.Rand
	depth int
}

// process is one of them: it takes a request, changes variables, calls, and replies. Sent is what the
// request should hold.
func (c chain) process(from side, request wire.Map, sent model) (reply wire.Map, back model) {
	var here model
	for i, v := range played {
		if v.reach&(once|all) != 0 && from.accept[i] && sent.value[i] != "" {
			here.value[i], here.received[i] = sent.value[i], true
		}
	}
	if from.unknown {
		here.passing = sent.passing
	}
	reply = wire.Map{}
	contextvars.Detach(func() {
		from.Extract(request).Run(func() {
			c.wantHere(here)
			for range c.IntN(4) {
				c.change(&here)
				c.wantHere(here)
			}
			for range c.IntN(3) {
				if c.depth < 4 {
					c.call(&here)
				}
			}
			from.InjectReply(reply)
			for i, v := range played {
				if v.reach&wire.Back != 0 && from.send[i] && !here.received[i] {
					back.value[i] = here.value[i]
				}
			}
			c.wantList(reply[wire.ReplyKey], back, false)
		})
	})
	return reply, back
}

// call calls the next process.
func (c chain) call(here *model) {
	to := randomSide(c.Rand)
	var sent model
	for i, v := range played {
		if to.send[i] && (v.reach&all != 0 || v.reach&once != 0 && !here.received[i]) {
			sent.value[i] = here.value[i]
		}
	}
	if to.unknown {
		sent.passing = here.passing
	}
	request := wire.Map{}
	if c.IntN(3) == 0 {
		request[wire.Key] = "played-all=not from the variable,played-one-back=x" // copied by a proxy
	}
	to.Inject(request)
	c.wantList(request[wire.Key], sent, true)
	if c.IntN(3) == 0 { // the next one hears of something that this one does not know
		stranger := fmt.Sprintf("stranger-%d=%d;p", c.depth, c.IntN(3))
		request[wire.Key] = strings.TrimPrefix(request[wire.Key]+","+stranger, ",")
		sent.passing = append(sent.passing[:len(sent.passing):len(sent.passing)], stranger)
	}
	c.depth++
	reply, back := c.process(randomSide(c.Rand), request, sent)
	to.ExtractReply(reply)
	for i, v := range played {
		if v.reach&wire.Back != 0 && to.accept[i] && back.value[i] != "" {
			here.value[i], here.received[i] = back.value[i], false
		}
	}
	c.wantHere(*here)
}

func (c chain) change(here *model) {
	i := c.IntN(len(played))
	value := "v" + strconv.Itoa(c.IntN(5))
	switch c.IntN(5) {
	case 0:
		played[i].Unset()
		here.value[i], here.received[i] = "", false
		return
	case 1: // and back: nothing has happened
		defer played[i].Set(value).Restore()
		return
	case 2:
		if here.value[i] != "" {
			value = here.value[i] // set anew, to the same
		}
	}
	played[i].Set(value)
	here.value[i], here.received[i] = value, false
}

func (c chain) wantHere(m model) {
	c.Helper()
	for i, v := range played {
		if got := v.Get(); got != m.value[i] {
			c.Fatalf("depth %d: %s is %q, want %q", c.depth, v.Name(), got, m.value[i])
		}
	}
}

func (c chain) wantList(list string, m model, request bool) {
	c.Helper()
	var members []string
	for i, v := range played {
		if m.value[i] != "" {
			member := v.Name() + "=" + m.value[i]
			if request && v.reach&once != 0 {
				member += ";hops=1"
			}
			members = append(members, member)
		}
	}
	passing := m.passing[:len(m.passing):len(m.passing)]
	if want := strings.Join(append(passing, members...), ","); list != want {
		c.Fatalf("depth %d: the list is %q, want %q", c.depth, list, want)
	}
}

func TestChainsAgainstModel(t *testing.T) {
	n := 3000
	if testing.Short() {
		n = 300
	}
	for seed := range n {
		c := chain{t, rand.New(rand.NewPCG(uint64(seed), 4)), 0}
		if c.process(randomSide(c.Rand), wire.Map{}, model{}); t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
}
