package wire_test

import (
	"bufio"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gocontextvars/contextvars/wire"
)

// OpenTelemetry for Node reads what we write, and we read what it writes. It takes its own way
// in these cases, all of which are tested below:
//
//   - It drops entries whose value is empty, and those of more than 4096 bytes, both when it
//     reads and (the long ones) when it writes. We have no limit for a single entry but the variable's
//     own and that of the list.
//   - It reads and writes up to 180 entries; we 64, as the specification has it, and drop a list
//     with more as a whole.
//   - Of a list that has more than 8192 bytes it reads the beginning; we drop it.
//   - It percent-encodes keys and decodes them; the specification knows no such thing. Keys of our
//     variables consist of characters that it writes as they are. An encoded key that spells one of them is
//     dropped; others are unknown entries
//     to us, and pass unchanged. Keys with parentheses, which it writes as they are, are not
//     allowed by the specification, and we drop them.
//   - It takes values with spaces, quotes, backslashes and non-ASCII characters as they are; the specification wants
//     them percent-encoded, and we drop them if they are not.
//   - Properties are opaque text to it, so it sends on what has the property hops=1. The property
//     stays, so a process of ours behind it does not send it on.
func TestNode(t *testing.T) {
	n := startNode(t)
	t.Run("it reads what we write", n.testReadsOurs)
	t.Run("we read what it writes", n.testReadTheirs)
	t.Run("several variables", n.testSeveral)
	t.Run("properties", n.testProperties)
	t.Run("unknown entries go through us", n.testThrough)
	t.Run("one hop", n.testOneHop)
	t.Run("where it differs", n.testDifferences)
	t.Run("limits", n.testLimits)
}

// entry is one of Node's baggage.
type entry struct {
	Key      string `json:"key"`
	Value    string `json:"value"`
	Metadata string `json:"metadata"`
}

// nodeMaxEntry is how long an entry may be for Node.
const nodeMaxEntry = 4096

// nodeValues are values that have to survive both ways.
func nodeValues() []string {
	values := []string{
		"plain", "ünï çødé", "日本語", "😀 \U0010ffff", "a,b;c=d", "100 %", "%41%zz%", "  spaces  ", "+", "a+b c", "\"quoted\\\"",
		"line\r\nfeed\ttab", "null", "__proto__", "{\"json\": [1, 2]}", "\ufeffbom", "\u00a0no break\u00a0", "e\u0301", "=", ";", ",",
		strings.Repeat("v", nodeMaxEntry-len("long=")), strings.Repeat("€", 400),
	}
	var ascii strings.Builder
	for c := range byte(128) {
		values = append(values, string(rune(c)))
		ascii.WriteByte(c)
	}
	return append(values, ascii.String())
}

func (n *node) testReadsOurs(t *testing.T) {
	for _, value := range nodeValues() {
		clean(func() {
			long.Set(value)
			wantEntries(t, n.read(t, sent(wire.Trusted())), entry{"long", value, ""})
		})
	}
	clean(func() {
		long.Set("")
		wantSent(t, wire.Trusted(), "long=")
		wantEntries(t, n.read(t, "long=")) // dropped
	})
}

func (n *node) testReadTheirs(t *testing.T) {
	p, r := open()
	for _, value := range append(nodeValues(), "") {
		received(p, n.write(t, entry{"long", value, ""}), func() { wantGet(t, long, value) })
	}
	r.want(t, nil)
}

func (n *node) testSeveral(t *testing.T) {
	p, r := open()
	var list string
	clean(func() {
		tenant.Set("a,b")
		request.Set("ü")
		person.Set(account{"Zoë", 40})
		list = sent(p)
	})
	entries := n.read(t, list)
	wantEntries(t, entries, entry{"tenant", "a,b", ""}, entry{"request", "ü", ""}, entry{"person", `{"name":"Zoë","age":40}`, ""})
	received(p, n.write(t, entries...), func() {
		wantGet(t, tenant, "a,b")
		wantGet(t, request, "ü")
		wantGet(t, person, account{"Zoë", 40})
	})
	r.want(t, nil)
}

// Properties of entries that we have variables for are not kept.
func (n *node) testProperties(t *testing.T) {
	p, r := open()
	received(p, n.write(t, entry{"tenant", "a b", "flag; key=value ;x=%20"}), func() {
		wantGet(t, tenant, "a b")
		wantSent(t, p, "tenant=a%20b")
	})
	r.want(t, nil)
}

// Node, we, Node: what we do not know comes back the same, beside what we do.
func (n *node) testThrough(t *testing.T) {
	p, r := open()
	for _, value := range nodeValues() {
		theirs := []entry{
			{"them", value, ""},
			{"with-property", "v", "flag;key=value"},
			{"spaced", "v", " flag ; key = value"},
			{"my key", "v", ""}, {"ключ", "v", "p"}, {"a/b@c", "v", ""}, {"100%", "v", ""}, {"1", "v", ""},
		}
		received(p, n.write(t, append(theirs, entry{"tenant", "t", ""})...), func() {
			tenant.Set("ours")
			got := n.read(t, sent(p))
			wantSameEntries(t, got, append(theirs, entry{"tenant", "ours", ""}))
		})
	}
	r.want(t, nil)
}

func (n *node) testOneHop(t *testing.T) {
	p, r := open()
	var list string
	clean(func() {
		debug.Set(true)
		list = sent(p)
	})
	entries := n.read(t, list)
	wantEntries(t, entries, entry{"debug", "true", "hops=1"})
	received(p, n.write(t, entries...), func() {
		wantGet(t, debug, true)
		wantSent(t, p, "")
	})
	r.want(t, nil)
}

func (n *node) testDifferences(t *testing.T) {
	const nothing = "(nothing)"
	for _, tt := range []struct{ list, node, ours string }{ // what each reads as tenant
		// Alike.
		{"tenant=a,tenant=b", "b", "b"},
		{"tenant=a,,  ,", "a", "a"},
		{"\ttenant \t=\t a\t ;p", "a", "a"},
		{"tenant=a=b", "a=b", "a=b"},
		{"tenant=%E2%82%AC%e2%82%ac", "€€", "€€"},
		{"tenant=a%2Cb", "a,b", "a,b"},
		{"tenant=a+b", "a+b", "a+b"},
		{"tenant", nothing, nothing},
		{"=a", nothing, nothing},
		{"tenant=%zz", nothing, nothing},
		{"tenant=%", nothing, nothing},
		{"tenant=%ff", nothing, nothing},
		{"tenant=%ed%a0%80", nothing, nothing}, // half a surrogate pair
		{"tenant=%c0%80", nothing, nothing},    // overlong
		{"Tenant=a", nothing, nothing},
		// Not alike.
		{"tenant=", nothing, ""},
		{"tenant=a b", "a b", nothing},
		{`tenant="a"`, `"a"`, nothing},
		{`tenant=a\b`, `a\b`, nothing},
		{"tenant=ü", "ü", nothing},
		{"tenant=a;p=ü", "a", nothing},
		{"%74enant=a", "a", nothing},
	} {
		got := nothing
		for _, e := range n.read(t, tt.list) {
			if e.Key == "tenant" {
				got = e.Value
			}
		}
		if got != tt.node {
			t.Errorf("Node reads %q as %q, want %q", tt.list, got, tt.node)
		}
		p, _ := open()
		received(p, tt.list, func() {
			if got := tenant.GetOr(nothing); got != tt.ours {
				t.Errorf("we read %q as %q, want %q", tt.list, got, tt.ours)
			}
		})
	}
	p, r := open()
	received(p, n.write(t, entry{"f(x)", "v", ""}, entry{"g", "v", ""}), func() { wantSent(t, p, "g=v") })
	r.want(t, map[string]error{"f(x)": wire.ErrMalformed})
}

func (n *node) testLimits(t *testing.T) {
	tooLong := strings.Repeat("v", nodeMaxEntry-len("long=")+1)
	clean(func() {
		long.Set(tooLong)
		wantEntries(t, n.read(t, sent(wire.Trusted())))
	})
	if got := n.write(t, entry{"long", tooLong, ""}); got != "" {
		t.Errorf("it writes %d bytes", len(got))
	}
	p, r := open()
	for entries, bytes := range map[int]int{wire.MaxMembers: 1, wire.MaxMembers + 1: 1, 4: 2000, 5: 2000, 100: 60} {
		list := []entry{{"tenant", "t", ""}}
		for i := len(list); i < entries; i++ {
			list = append(list, entry{fmt.Sprint("k", i), strings.Repeat("v", bytes), ""})
		}
		text := n.write(t, list...)
		wantEntries(t, n.read(t, text), list...)
		received(p, text, func() {
			if entries > wire.MaxMembers {
				wantNone(t, tenant)
				r.want(t, map[string]error{"": wire.ErrTooLarge})
				return
			}
			wantGet(t, tenant, "t")
			wantEntries(t, n.read(t, sent(p)), append(list[1:], list[0])...) // ours come last
			r.want(t, nil)
		})
	}
	over := "tenant=t" + strings.Repeat(",k="+strings.Repeat("v", 1000), 9)
	if got := n.read(t, over); len(got) != 2 || got[0].Value != "t" {
		t.Errorf("it reads %d entries", len(got))
	}
	received(p, over, func() { wantNone(t, tenant) })
	r.want(t, map[string]error{"": wire.ErrTooLarge})
}

func wantEntries(t *testing.T, got []entry, want ...entry) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("Node has %.300q, want %.300q", got, want)
	}
}

// wantSameEntries takes any order: keys that are numbers come first in an object of JavaScript's.
func wantSameEntries(t *testing.T, got, want []entry) {
	t.Helper()
	byKey := func(a, b entry) int { return strings.Compare(a.Key, b.Key) }
	wantEntries(t, slices.SortedFunc(slices.Values(got), byKey), slices.SortedFunc(slices.Values(want), byKey)...)
}

// node is a process of Node's that runs testdata/node/script.js.
type node struct {
	in  io.Writer
	out *bufio.Reader
}

// read returns what Node finds in a list.
func (n *node) read(t *testing.T, list string) (entries []entry) {
	t.Helper()
	n.ask(t, map[string]any{"read": list}, &entries)
	return entries
}

// write returns the list that Node makes.
func (n *node) write(t *testing.T, entries ...entry) (list string) {
	t.Helper()
	n.ask(t, map[string]any{"write": entries}, &list)
	return list
}

func (n *node) ask(t *testing.T, request, answer any) {
	t.Helper()
	line, err := json.Marshal(request)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := n.in.Write(append(line, '\n')); err != nil {
		t.Fatal(err)
	}
	reply, err := n.out.ReadBytes('\n')
	if err != nil {
		t.Fatalf("node has ended: %v", err)
	}
	if err := json.Unmarshal(reply, answer); err != nil {
		t.Fatalf("%v: %.300q", err, reply)
	}
}

func startNode(t *testing.T) *node {
	t.Helper()
	program, err := exec.LookPath("node")
	if err != nil {
		t.Skip("there is no node, so it is not compared with OpenTelemetry's propagator for it")
	}
	cmd := exec.CommandContext(t.Context(), program, "script.js")
	cmd.Dir = withPackages(t)
	cmd.Stderr = t.Output()
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		in.Close()
		cmd.Wait()
	})
	return &node{in, bufio.NewReader(out)}
}

// withPackages returns a folder that has what testdata/node has, and the packages. It is made
// once and kept in the user's cache.
func withPackages(t *testing.T) string {
	t.Helper()
	source := filepath.Join("testdata", "node")
	if hasPackages(source) {
		return source
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		cache = t.TempDir()
	}
	kept := filepath.Join(cache, "contextvars-test", "node-"+contentOf(t, source))
	if hasPackages(kept) {
		return kept
	}
	if err := os.MkdirAll(filepath.Dir(kept), 0o700); err != nil {
		t.Fatal(err)
	}
	fresh, err := os.MkdirTemp(filepath.Dir(kept), "new-")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(fresh)
	if err := os.CopyFS(fresh, os.DirFS(source)); err != nil {
		t.Fatal(err)
	}
	install := exec.CommandContext(t.Context(), "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline",
		"--fetch-retry-mintimeout=100", "--fetch-retry-maxtimeout=1000")
	install.Dir = fresh
	if text, err := install.CombinedOutput(); err != nil {
		note := fmt.Sprintf("the packages of testdata/node cannot be had, so nothing is compared with them: npm: %v\n%s", err, text)
		if os.Getenv("CI") != "" {
			t.Fatal(note)
		}
		t.Skip(note)
	}
	if err := os.Rename(fresh, kept); err != nil && !hasPackages(kept) { // another run may have been faster
		t.Fatal(err)
	}
	return kept
}

func hasPackages(dir string) bool {
	_, err := os.Stat(filepath.Join(dir, "node_modules", "@opentelemetry", "core"))
	return !errors.Is(err, fs.ErrNotExist)
}

// contentOf returns a hash of what is in dir, so that older packages and scripts are not used.
func contentOf(t *testing.T, dir string) string {
	t.Helper()
	sum := sha256.New()
	for _, name := range []string{"package-lock.json", "package.json", "script.js"} {
		text, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		sum.Write(text)
	}
	return fmt.Sprintf("%.8x", sum.Sum(nil))
}
