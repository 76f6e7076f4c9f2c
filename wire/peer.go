package wire

import (
	"fmt"

	"github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/internal/declaration"
)

// A Peer is the other side of a connection, with the rules for what crosses. It is
// closed but for what its rules open. A nil *Peer is closed. It never changes, and may
// be used by any number of goroutines.
type Peer struct {
	name         string
	send, accept map[*variable]bool
	all, unknown bool
	replies      bool // send has variables with Back
	report       func(Report)
	log          limiter // where report is nil
}

// A Rule opens a [Peer] for something.
type Rule struct{ apply func(*Peer) }

// NewPeer returns a peer that is open for what the rules say. The name is for reports.
func NewPeer(name string, rules ...Rule) *Peer {
	p := &Peer{name: name, send: make(map[*variable]bool), accept: make(map[*variable]bool)}
	for i, rule := range rules {
		if rule.apply == nil {
			panic(fmt.Sprintf("wire: NewPeer(%q) was given an empty Rule, number %d; make rules with Send, Accept and the like", name, i+1))
		}
		rule.apply(p)
	}
	for v := range p.send {
		p.replies = p.replies || v.reach&Back != 0
	}
	return p
}

// Send lets values of these variables go to the peer: those with [OneHop] or [AllHops] with
// requests to it, those with [Back] with replies to its requests. It panics if a variable does not travel.
func Send(vars ...contextvars.Variable) Rule {
	list := checked("Send", vars)
	return Rule{func(p *Peer) { allow(p.send, list) }}
}

// Accept takes values of these variables from the peer: those with [OneHop] or [AllHops] with
// requests from it, those with [Back] with replies of it. It panics if a variable does not travel.
func Accept(vars ...contextvars.Variable) Rule {
	list := checked("Accept", vars)
	return Rule{func(p *Peer) { allow(p.accept, list) }}
}

// PassUnknown takes from the peer entries that this process has no variable for, so that
// they go on, unchanged, with the requests that are sent because of this one, and
// sends it such entries of other peers that are open in this way.
func PassUnknown() Rule { return Rule{func(p *Peer) { p.unknown = true }} }

// Everything sends and accepts all variables that travel, also ones that are made
// later, and entries that this process has no variable for.
func Everything() Rule { return Rule{func(p *Peer) { p.all, p.unknown = true, true }} }

// ReportTo gives reports of what is dropped to f. It may be called by any number of goroutines at once, in
// the midst of a request. Without it they are logged: see [Report].
func ReportTo(f func(Report)) Rule {
	if f == nil {
		panic("wire: ReportTo was given a nil func")
	}
	return Rule{func(p *Peer) { p.report = f }}
}

var closed = NewPeer("nobody")

var trusted = NewPeer("trusted", Everything())

// Trusted returns a peer that is open for [Everything]: one's own processes, over
// connections that nobody else can make.
func Trusted() *Peer { return trusted }

// Name returns the name that the peer was made with.
func (p *Peer) Name() string {
	if p == nil {
		p = closed
	}
	return p.name
}

// String describes the peer with its name.
func (p *Peer) String() string { return fmt.Sprintf("<Peer %q>", p.Name()) }

// Replies reports whether a reply to the peer could carry anything, so that an integration can
// leave its preparations for that out.
func (p *Peer) Replies() bool {
	return p != nil && (p.replies || p.all && known.Load().back)
}

func (p *Peer) sends(v *variable) bool   { return p.all || p.send[v] }
func (p *Peer) accepts(v *variable) bool { return p.all || p.accept[v] }

func allow(set map[*variable]bool, list []*variable) {
	for _, v := range list {
		set[v] = true
	}
}

func checked(rule string, vars []contextvars.Variable) []*variable {
	var list []*variable
	for i, v := range vars {
		if v == nil {
			panic(fmt.Sprintf("wire: %s was given a nil variable, number %d", rule, i+1))
		}
		w, ok := declaration.KeyOf(v, "wire."+rule).Wire.(*variable)
		if !ok {
			panic(fmt.Sprintf("wire: %s was given %v, which does not travel; make it with the option wire.Travels", rule, v))
		}
		list = append(list, w)
	}
	return list
}
