package frame

import (
	"maps"
	"math/bits"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/gocontextvars/contextvars/internal/slot"
)

// model is what a frame means, in plain Go.
type model struct {
	words map[*Key]slot.Word
	sites map[*Key]*Site
	tags  []*Key // in the order of their last With
	own   []slot.Label
	owner *Owner
	life  *Life
}

func (m model) revoked() bool { return m.life != nil && m.life.Revoke && m.life.Ended() != 0 }

// shown is the words that can be seen.
func (m model) shown() map[*Key]slot.Word {
	if m.revoked() {
		return nil
	}
	return m.words
}

// standing is what changes start from.
func (m model) standing() model {
	if m.revoked() {
		return model{words: map[*Key]slot.Word{}, sites: map[*Key]*Site{}, own: m.own, owner: m.owner}
	}
	return m
}

func (m model) living(l *Life) model {
	m = m.standing()
	m.life = l
	return m
}

func (m model) with(k *Key, w slot.Word, s *Site) model {
	m = m.standing().without(k)
	m.words[k] = w
	if s != nil {
		m.sites[k] = s
	}
	if k.Text != nil {
		m.tags = append(m.tags, k)
	}
	return m
}

func (m model) without(k *Key) model {
	return m.standing().filter(func(other *Key) bool { return other != k })
}

func (m model) filter(keep func(*Key) bool) model {
	without := func(k *Key) bool { return !keep(k) }
	m.words, m.sites = maps.Clone(m.words), maps.Clone(m.sites)
	maps.DeleteFunc(m.words, func(k *Key, _ slot.Word) bool { return without(k) })
	maps.DeleteFunc(m.sites, func(k *Key, _ *Site) bool { return without(k) })
	m.tags = slices.DeleteFunc(slices.Clone(m.tags), without)
	return m
}

func (m model) owned(o *Owner, own []slot.Label) model {
	if o != m.owner {
		m = m.shared()
	}
	m.owner, m.own = o, own
	return m
}

func (m model) shared() model { return m.filter(func(k *Key) bool { return !k.Local }) }

func (m model) labels() []slot.Label {
	all := make(map[string]string)
	for _, l := range m.own {
		all[l.Key] = l.Value
	}
	for _, l := range m.tagLabels() {
		all[l.Key] = l.Value
	}
	var list []slot.Label
	for k, v := range all {
		list = append(list, slot.Label{Key: k, Value: v})
	}
	slices.SortFunc(list, func(a, b slot.Label) int { return strings.Compare(a.Key, b.Key) })
	return list
}

func (m model) tagLabels() (list []slot.Label) {
	for _, k := range m.tags {
		list = append(list, slot.Label{Key: k.Name, Value: strconv.Itoa(number(m.words[k]))})
	}
	return list
}

func (m model) changes(base model) []string {
	var list []string
	for k, w := range m.shown() {
		if was, ok := base.shown()[k]; !ok || was != w {
			list = append(list, k.Name)
		}
	}
	for k := range base.shown() {
		if _, ok := m.shown()[k]; !ok {
			list = append(list, k.Name)
		}
	}
	slices.Sort(list)
	return list
}

// version is a frame and what it should be.
type version struct {
	f *Frame
	m model
}

func (v version) check(t *testing.T) {
	t.Helper()
	expect(t, v.f, v.m.shown())
	if v.f.Life() != v.m.life {
		t.Fatal("another life")
	}
	if v.f.Owner != v.m.owner {
		t.Fatal("another owner")
	}
	if have, want := v.f.Labels(), v.m.labels(); !slices.Equal(have, want) {
		t.Fatalf("Labels are %v, want %v", have, want)
	}
	var tags []slot.Label
	for _, tag := range v.f.tags() {
		tags = append(tags, slot.Label{Key: tag.key.Name, Value: tag.value})
	}
	if want := v.m.tagLabels(); !slices.Equal(tags, want) {
		t.Fatalf("tags are %v, want %v", tags, want)
	}
	for _, k := range playKeys {
		want := ""
		if w, ok := v.m.words[k]; ok {
			want = k.Label(w)
		}
		if have := v.f.LabelOf(k); have != want {
			t.Fatalf("LabelOf(%s) is %q, want %q", k.Name, have, want)
		}
		site := v.m.sites[k]
		if v.m.revoked() {
			site = nil
		}
		if have, want := v.f.Site(k), site; have != want {
			t.Fatalf("Site(%s) is %v, want %v", k.Name, have, want)
		}
	}
	if !slices.Equal(v.f.Own(), v.m.own) || !v.f.HasOwn(v.m.own) {
		t.Fatalf("Own is %v, want %v itself", v.f.Own(), v.m.own)
	}
}

func (v version) checkChanges(t *testing.T, base version) {
	t.Helper()
	var keys []*Key
	v.f.Seen().Changes(base.f.Seen(), func(k *Key) { keys = append(keys, k) })
	if have, want := names(keys), v.m.changes(base.m); !slices.Equal(have, want) {
		t.Fatalf("Changes are %v, want %v", have, want)
	}
}

// playKeys are the keys that scripts play with: few enough that a short script
// sets, changes and removes the same ones, and with numbers that meet at every
// depth. Their names are all different but for two labels of one name.
var playKeys = func() []*Key {
	var nums []uint
	for i := range uint(12) {
		nums = append(nums, i) // neighbours: cells without collision
	}
	for i := uint(2); i < 8; i++ {
		nums = append(nums, i*8, i*16+3) // the same cell
	}
	for shift := uint(8); shift < bits.UintSize; shift += 8 {
		nums = append(nums, 1<<shift, 3<<shift|3) // the same way down the trie
	}
	nums = append(nums, 1<<(bits.UintSize-1), 1<<(bits.UintSize-1)|3, 1<<(bits.UintSize-2), 1<<(bits.UintSize-2)|3)
	var keys []*Key
	for _, num := range nums {
		keys = append(keys, numbered(num))
	}
	for i := range uint(3) {
		keys = append(keys, local(1<<17+8*i))
	}
	return append(keys, labelled(200, "b"), labelled(208, "d"), labelled(216, "f"), labelled(1<<18, "d"))
}()

var playLabels = [][]slot.Label{
	nil,
	{{Key: "a", Value: "own"}},
	{{Key: "b", Value: "own"}, {Key: "d", Value: "own"}},
	{{Key: "c", Value: "own"}, {Key: "e", Value: "own"}, {Key: "g", Value: "own"}},
}

// play does what script says to a frame and to its model, and compares.
func play(t *testing.T, script []byte) {
	owners := []*Owner{new(Owner), new(Owner)}
	lives := []*Life{nil, {}, {Revoke: true}, {Revoke: true}, {OnRead: func(*Key) {}}}
	v := version{New(owners[0], nil), model{words: map[*Key]slot.Word{}, sites: map[*Key]*Site{}, owner: owners[0]}}
	var kept []version
	next := func() (b byte) {
		if len(script) > 0 {
			b, script = script[0], script[1:]
		}
		return b
	}
	pick := func() version { return kept[int(next())%len(kept)] }
	for len(script) > 0 {
		switch op := next(); {
		case op < 120:
			k, n := playKeys[int(next())%len(playKeys)], next()
			w, s := word(int(n%4)), siteOf(int(n/4))
			v = version{v.f.WithSite(k, w, k.Label(w), s), v.m.with(k, w, s)}
		case op < 200:
			k := playKeys[int(next())%len(playKeys)]
			v = version{v.f.Without(k), v.m.without(k)}
		case op < 210:
			o, own := owners[next()%2], playLabels[next()%4]
			v = version{v.f.Owned(o, own), v.m.owned(o, own)}
		case op < 213:
			v = version{v.f.Shared(), v.m.shared()}
		case op < 217:
			o, own := owners[next()%2], playLabels[next()%4]
			m := v.m.standing().owned(o, own)
			var entries []Entry
			for range next() % 20 {
				k, n := playKeys[int(next())%len(playKeys)], next()
				w, s := word(int(n%4)), siteOf(int(n/4))
				entries = append(entries, Entry{k, w, k.Label(w), s})
				m = m.with(k, w, s)
			}
			v = version{v.f.OwnedWith(o, own, entries), m}
		case op < 220:
			l := lives[next()%byte(len(lives))]
			v = version{v.f.WithLife(l), v.m.living(l)}
		case op < 221:
			if l := lives[next()%byte(len(lives))]; l != nil {
				l.End(time.Now())
			}
		case op < 225:
			kept = append(kept, v)
		case len(kept) == 0:
		case op < 240:
			base := pick()
			v.checkChanges(t, base)
			base.checkChanges(t, v)
		case op < 248: // and on from an old version
			v = pick()
		default:
			pick().check(t)
		}
		v.check(t)
	}
	for _, old := range append(kept, v) {
		old.check(t)
		v.checkChanges(t, old)
		old.checkChanges(t, v)
		old.checkChanges(t, old)
	}
	empty := version{nil, model{}}
	v.checkChanges(t, empty)
	empty.checkChanges(t, v)
}

func TestRandomScripts(t *testing.T) {
	scripts := 300
	if testing.Short() {
		scripts = 30
	}
	for seed := range scripts {
		r := rand.New(rand.NewPCG(uint64(seed), 177))
		script := make([]byte, 600)
		for i := range script {
			script[i] = byte(r.Uint32())
		}
		// Some mostly fill and some mostly empty, else none ever holds many.
		for i := range script[:len(script)/2] {
			if seed%2 == 0 && script[i] >= 120 && script[i] < 200 {
				script[i] -= 120
			}
		}
		if t.Run(strconv.Itoa(seed), func(t *testing.T) { play(t, script) }); t.Failed() {
			t.Fatalf("script: %v", script)
		}
	}
}

// Run with: go test -fuzz FuzzScripts ./internal/frame
func FuzzScripts(f *testing.F) {
	f.Add([]byte{})
	fill := []byte{}
	for i := range byte(len(playKeys)) {
		fill = append(fill, 0, i, i)
	}
	f.Add(fill)
	f.Add(append(slices.Clone(fill), 220, 120, 3, 120, 30, 230, 0, 205, 1, 3, 212, 240, 0, 215, 1, 2, 9, 1, 1, 2, 2, 3, 3, 40, 0, 41, 1, 42, 1, 43, 2, 3, 0, 8, 1))
	f.Fuzz(play)
}
