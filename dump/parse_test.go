package dump_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/gocontextvars/contextvars/dump"
)

// handwritten are what the tests make no program write.
var handwritten = map[string]string{
	"go 1.26": "goroutine 7 [chan receive, 5 minutes, locked to thread, synctest bubble 3 labels:{\"a\": \"b\", \"c d\": \"\\\"\\xff\\u00e9\"}]:\nmain.f(0x1, {0x2?, ...}, _)\n\t/a b/main.go:12 +0x1d\ncreated by main.main in goroutine 1\n\t/a/main.go:3 +0x2\n",
	"go 1.27": "goroutine 7 gp=0xc0 m=nil [chan receive (durable) (scan), 5 minutes] {a: b, \"c d\": , github.com/gocontextvars/contextvars: }:\nmain.f[...](...)\n\tC:/main.go:12\n...12 frames elided...\nmain.main()\n\tC:/main.go:1 +0x1 fp=0x1 sp=0x2 pc=0x3\n",
	"leaked":  "goroutine 9 [chan send (nil chan) (leaked)]:\nmain.f()\n\t/main.go:1 +0x1\ncreated by main.main\n\t/main.go:3 +0x2\n",
	"cgo": "goroutine 1 [syscall]:\nnon-Go function at pc=0x7f\nstd::vector<int>::at(int)\n\t/a.cc:3 pc=0x80\nnon-Go function\n\tpc=0x81\n" +
		"main._Cfunc_f()\n\t_cgo_gotypes.go:45 +0x2\n",
	"unavailable": "goroutine 5 [running]:\n\tgoroutine running on other thread; stack unavailable\ncreated by main.main in goroutine 1\n\t/main.go:3 +0x2\n",
	"ancestors": "goroutine 5 [running]:\nmain.f()\n\t/main.go:1 +0x1\ncreated by main.g in goroutine 4\n\t/main.go:3 +0x2\n" +
		"[originating from goroutine 4]:\nmain.g(...)\n\t/main.go:4 +0x1\n...additional frames elided...\ncreated by main.main\n\t/main.go:5 +0x2\n",
	"signal":  "panic: x [recovered]\n\tpanic: y\n[signal SIGSEGV: segmentation violation code=0x1 addr=0x0 pc=0x1]\n\ngoroutine 1 [running]:\nmain.main()\n\t/main.go:1 +0x1\nexit status 2\n",
	"profile": "goroutine profile: total 5\n3 @ 0x1 0x2\n# labels: {\"a\":\"b\\u00e9é\"}\n#\t0x1\tmain.f+0x0\t\t/main.go:1\n#\t0x2\n\n2 @ 0x3\n#\t0x3\tmain.g+0x1\t/main.go:2\n\n",
}

func TestHandwritten(t *testing.T) {
	for name, text := range handwritten {
		t.Run(name, func(t *testing.T) { one(t, text, dump.Foreign) })
	}
}

func TestHeader(t *testing.T) {
	g := one(t, handwritten["go 1.26"]).Goroutines[0]
	want := dump.Goroutine{ID: 7, Count: 1, State: "chan receive", WaitMinutes: 5, Locked: true, Bubble: 3, Line: 1, CreatorID: 1,
		Labels: dump.Labels{{Key: "a", Value: "b"}, {Key: "c d", Value: "\"\xffé"}},
		Stack: dump.Stack{
			Frames:    []dump.Frame{{Func: "main.f", Args: "0x1, {0x2?, ...}, _", File: "/a b/main.go", Line: 12, Offset: 0x1d}},
			CreatedBy: &dump.Frame{Func: "main.main", File: "/a/main.go", Line: 3, Offset: 2},
		}}
	if !reflect.DeepEqual(*g, want) {
		t.Errorf("got  %+v\nwant %+v", *g, want)
	}
	g = one(t, handwritten["go 1.27"]).Goroutines[0]
	want = dump.Goroutine{ID: 7, Count: 1, State: "chan receive", WaitMinutes: 5, Scan: true, Durable: true, Thread: "gp=0xc0 m=nil", Line: 1, Carried: true,
		Labels: dump.Labels{{Key: "a", Value: "b"}, {Key: "c d", Value: ""}},
		Stack: dump.Stack{Elided: 12, ElidedAt: 1, Frames: []dump.Frame{
			{Func: "main.f[...]", Args: "...", File: "C:/main.go", Line: 12},
			{Func: "main.main", File: "C:/main.go", Line: 1, Offset: 1, PC: 3},
		}}}
	if !reflect.DeepEqual(*g, want) {
		t.Errorf("got  %+v\nwant %+v", *g, want)
	}
}

func TestFrames(t *testing.T) {
	frames := one(t, handwritten["cgo"]).Goroutines[0].Frames
	want := []dump.Frame{
		{Func: "non-Go function", PC: 0x7f, Cgo: true},
		{Func: "std::vector<int>::at(int)", File: "/a.cc", Line: 3, PC: 0x80, Cgo: true},
		{Func: "non-Go function", PC: 0x81, Cgo: true},
		{Func: "main._Cfunc_f", File: "_cgo_gotypes.go", Line: 45, Offset: 2},
	}
	if !reflect.DeepEqual(frames, want) {
		t.Errorf("got %+v", frames)
	}
	g := one(t, handwritten["ancestors"]).Goroutines[0]
	if len(g.Ancestors) != 1 || g.Ancestors[0].ID != 4 || g.Ancestors[0].Elided != -1 || g.Ancestors[0].CreatedBy.Func != "main.main" || len(g.Ancestors[0].Frames) != 1 {
		t.Errorf("ancestors: %+v", g.Ancestors)
	}
	if g := one(t, handwritten["leaked"]).Goroutines[0]; !g.Leaked || g.State != "chan send (nil chan)" || g.CreatorID != 0 {
		t.Errorf("%+v", *g)
	}
	if g := one(t, handwritten["unavailable"]).Goroutines[0]; !g.Unavailable || g.CreatorID != 1 || g.Truncated {
		t.Errorf("%+v", *g)
	}
	if d := one(t, handwritten["profile"]); d.Count() != 5 || d.Goroutines[0].Count != 3 || d.Goroutines[0].Labels[0].Value != "béé" {
		t.Errorf("%+v", *d.Goroutines[0])
	}
	if d := one(t, handwritten["signal"], dump.Foreign); strings.Count(d.Reason, "\n") != 2 {
		t.Errorf("Reason %q", d.Reason)
	}
}

const plainDump = "panic: boom\n\tof two lines\n\ngoroutine 1 [running]:\nmain.main()\n\t/main.go:1 +0x1\n\n" +
	"goroutine 7 [select, 2 minutes] {tenant: acme}:\nmain.f(0x1)\n\t/main.go:2 +0x1\ncreated by main.main in goroutine 1\n\t/main.go:3 +0x1\n"

// What collectors of logs make of a dump.
func TestPrefixes(t *testing.T) {
	want := parse(t, plainDump).Dumps
	lines := strings.Split(strings.TrimSuffix(plainDump, "\n"), "\n")
	for name, f := range map[string]func(i int, s string) string{
		"compose":  func(_ int, s string) string { return "web-1  | " + s },
		"kubectl":  func(i int, s string) string { return fmt.Sprintf("2026-01-02T03:04:%02d.%dZ ", i, i*i+1) + s },
		"pods":     func(_ int, s string) string { return "[pod/web-7d9/app] " + s },
		"journald": func(i int, s string) string { return fmt.Sprintf("Jan %2d 03:04:05 host app[71]: ", i+5) + s },
		"syslog": func(_ int, s string) string {
			return "Jan  2 03:04:05 host app[71]: " + strings.Replace(s, "\t", "#011", 1)
		},
		"trimmed": func(_ int, s string) string { return strings.TrimRight("web  | "+s, " ") },
		"CRI":     func(i int, s string) string { return fmt.Sprintf("2026-01-02T03:04:05.%09dZ stderr F ", i) + s },
		"CRI pieces": func(_ int, s string) string {
			return pieces("2026-01-02T03:04:05.1Z stderr P ", "2026-01-02T03:04:05.1Z stderr F ", s)
		},
		"docker": func(_ int, s string) string {
			b, _ := json.Marshal(map[string]string{"log": s + "\n", "stream": "stderr", "time": "now"})
			return string(b)
		},
		"docker, between": func(_ int, s string) string {
			b, _ := json.Marshal(s + "\n")
			return `{"log":` + string(b) + `,"stream":"stderr"}`
		},
	} {
		t.Run(name, func(t *testing.T) {
			var text []string
			for i, s := range lines {
				text = append(text, f(i, s))
			}
			file := parse(t, strings.Join(text, "\n")+"\n")
			if len(file.Notes) > 0 {
				t.Errorf("notes: %v", file.Notes)
			}
			wantSame(t, file.Dumps, want, strings.Join(text, "\n"))
		})
	}
	stack := plainDump[strings.Index(plainDump, "goroutine 1"):]
	for name, text := range map[string]string{
		"log.Printf": "2026/01/02 03:04:05 stack: " + stack,
		"T.Log":      "    x_test.go:12: " + strings.ReplaceAll(strings.TrimSuffix(stack, "\n"), "\n", "\n        ") + "\n",
		"JSON":       `{"level":"ERROR","stack":` + quoteJSON(stack) + "}\n",
	} {
		file := parse(t, text)
		for _, d := range file.Dumps {
			d.Reason = want[0].Reason
		}
		wantSame(t, file.Dumps, want, name+": "+text)
	}
}

func pieces(partial, full, s string) string {
	if len(s) < 2 {
		return full + s
	}
	return partial + s[:len(s)/2] + "\n" + full + s[len(s)/2:]
}

func quoteJSON(s string) string {
	b, _ := json.Marshal(s)
	return string(b)
}

func TestBetween(t *testing.T) {
	race := "==================\nWARNING: DATA RACE\nRead at 0x1 by goroutine 7:\n  main.f()\n      /main.go:9 +0x44\n\nGoroutine 7 (running) created at:\n  main.main()\n      /main.go:3 +0x2\n==================\n"
	want := parse(t, plainDump).Dumps
	for at := range strings.Count(plainDump, "\n") {
		lines := strings.SplitAfter(plainDump, "\n")
		for between, kind := range map[string]dump.Kind{"2026/01/02 03:04:05 a line of a log (12ms)\n": dump.Foreign, race: dump.Race} {
			text := strings.Join(lines[:at], "") + between + strings.Join(lines[at:], "")
			f := parse(t, text)
			if len(f.Notes) != 1 || f.Notes[0] != (dump.Note{Line: at + 1, Lines: strings.Count(between, "\n"), Kind: kind, Text: f.Notes[0].Text}) {
				t.Errorf("notes: %v\n%s", f.Notes, text)
			}
			wantSame(t, f.Dumps, want, text)
		}
	}
}

func TestSeveral(t *testing.T) {
	stack := plainDump[strings.Index(plainDump, "goroutine 1"):]
	text := plainDump + "restarted\n" + plainDump + "\n" + stack + "\n" + stack + handwritten["profile"] +
		"2026/01/02 03:04:05 http: panic serving 127.0.0.1:9: oops\ngoroutine 44 [running]:\nmain.h()\n\t/main.go:8 +0x1\ncreated by main.main in goroutine 1\n\t/main.go:3 +0x1\n" +
		"2026/01/02 03:04:06 http: panic serving 127.0.0.1:9: again\ngoroutine 45 [running]:\nmain.h()\n\t/main.go:8 +0x1\ncreated by main.main in goroutine 1\n\t/main.go:3 +0x1\n"
	f := parse(t, text)
	roundTrip(t, f)
	var got []string
	for _, d := range f.Dumps {
		first, _, _ := strings.Cut(d.Reason, "\n")
		got = append(got, fmt.Sprint(first, d.Profile, " ", d.Count()))
	}
	want := []string{"panic: boom 2", "panic: boom 2", " 2", " 2", "goroutine 5",
		"2026/01/02 03:04:05 http: panic serving 127.0.0.1:9: oops 1", "2026/01/02 03:04:06 http: panic serving 127.0.0.1:9: again 1"}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if len(f.Notes) != 1 || f.Notes[0].Text != "restarted" {
		t.Errorf("notes: %v", f.Notes)
	}
}

// A text that ends anywhere gives all that came before.
func TestCut(t *testing.T) {
	for _, text := range []string{plainDump, handwritten["go 1.26"], handwritten["profile"]} {
		whole := parse(t, text)
		last := -1
		for n := range len(text) {
			f := parse(t, text[:n])
			roundTrip(t, f)
			count := 0
			for i, d := range f.Dumps {
				for j, g := range d.Goroutines {
					count++
					w := whole.Dumps[i].Goroutines[j]
					if g.ID != w.ID || len(g.Frames) > len(w.Frames) || len(g.Labels) > len(w.Labels) {
						t.Fatalf("%q: goroutine %+v", text[:n], *g)
					}
				}
			}
			if count < last {
				t.Fatalf("%q: %d goroutines, %d before", text[:n], count, last)
			}
			last = count
			if s := text[:n]; len(f.Dumps) == 0 && strings.TrimSpace(s) != "" && len(f.Notes) == 0 {
				t.Fatalf("%q: nothing is said", s)
			}
		}
	}
	f := parse(t, strings.TrimSuffix(plainDump, " in goroutine 1\n\t/main.go:3 +0x1\n"))
	if g := f.Dumps[0].Goroutines[1]; !g.Truncated || g.CreatedBy == nil || len(f.Notes) != 1 || f.Notes[0].Kind != dump.Truncated || f.Notes[0].Line != 11 {
		t.Errorf("%+v, notes %v", *g, f.Notes)
	}
	f = parse(t, strings.Replace(handwritten["profile"], "total 5", "total 9", 1))
	if len(f.Notes) != 1 || f.Notes[0].Kind != dump.Truncated || f.Notes[0].Text != "5 goroutines of 9" {
		t.Errorf("notes: %v", f.Notes)
	}
}

func TestForeign(t *testing.T) {
	for _, text := range []string{"", "\n\n", "hello", "heap profile: 1: 2\n", "goroutine", "goroutine 1", "\x00\xff\n", "created by main.main in goroutine 1\n\t/a.go:1 +0x1\n",
		"panic: boom\n\tx: goroutine 8 [running]:\n\tmain.f()\n",
		"panic: boom goroutine 7 [running]:\n\tgoroutine 8 [running]:\n\tmain.f()\n", "Goroutine 7 (running) created at:\n"} {
		f := parse(t, text)
		for _, d := range f.Dumps {
			if len(d.Goroutines) > 0 {
				t.Errorf("%q: %+v", text, *d.Goroutines[0])
			}
		}
		if len(f.Notes) == 0 && len(f.Dumps) == 0 && strings.TrimSpace(text) != "" {
			t.Errorf("%q: nothing is said", text)
		}
	}
	f := parse(t, strings.Repeat("x\n", 100_000)+strings.Repeat("goroutine 1 [new kind]?:\ny y \n", 3000))
	if len(f.Notes) != 1000 || f.OmittedNotes == 0 || f.Notes[0].Lines < 99_000 {
		t.Errorf("%d notes, %d omitted, first %v", len(f.Notes), f.OmittedNotes, f.Notes[0])
	}
}

func TestUnknownHeader(t *testing.T) {
	f := parse(t, "goroutine 7 [select] <tenant=acme>:\nmain.f()\n\t/main.go:1 +0x1\n")
	if g := f.Dumps[0].Goroutines[0]; g.ID != 7 || g.State != "select" || len(g.Frames) != 1 || f.Notes[0].Kind != dump.Odd {
		t.Errorf("%+v, notes %v", *g, f.Notes)
	}
}

func TestLongLines(t *testing.T) {
	value := strings.Repeat("1 MB ", 1<<20/5)
	text := (&dump.Goroutine{ID: 1, Count: 1, State: "running", Labels: dump.Labels{{Key: "a", Value: value}}}).String() + "main.f()\n\t/main.go:1 +0x1\n"
	if v, _ := one(t, text).Goroutines[0].Labels.Get("a"); v != value {
		t.Error("a label of 1 MB")
	}
	text = strings.Replace(text, "1 MB", strings.Repeat("x", 100), 1<<20)
	f := parse(t, text)
	g := f.Dumps[0].Goroutines[0]
	if v, _ := g.Labels.Get("a"); len(v) < 4<<20-100 || len(v) > 4<<20 || !g.Truncated || len(g.Frames) != 1 {
		t.Errorf("%d bytes of a label of 20 MB, %d frames", len(v), len(g.Frames))
	}
	if len(f.Notes) == 0 || f.Notes[0].Kind != dump.TooLong {
		t.Errorf("notes: %v", f.Notes)
	}
}

func TestReaderFails(t *testing.T) {
	failed := errors.New("failed")
	f, err := dump.Parse(io.MultiReader(strings.NewReader(plainDump), iotest.ErrReader(failed)))
	if err != failed || len(f.Dumps) != 1 || len(f.Dumps[0].Goroutines) != 2 {
		t.Errorf("%v, %+v", err, f)
	}
	f, err = dump.Parse(iotest.OneByteReader(strings.NewReader(plainDump)))
	if err != nil || len(f.Dumps[0].Goroutines) != 2 {
		t.Errorf("%v, %+v", err, f)
	}
}

// generator writes a dump of many goroutines.
type generator struct {
	n, max, size int
	rest         []byte
}

func (g *generator) Read(p []byte) (int, error) {
	if len(g.rest) == 0 {
		if g.n == g.max {
			return 0, io.EOF
		}
		g.n++
		g.rest = fmt.Appendf(nil, "goroutine %d [select, %d minutes] {request: \"r-%d\", tenant: t%d}:\n", g.n, g.n%50, g.n, g.n%100)
		for i := range 12 {
			g.rest = fmt.Appendf(g.rest, "example.com/some/package.(*Server).method%d(0x%x, {0x%x, 0x%x})\n\t/src/example.com/some/package/server.go:%d +0x%x\n", i, g.n*8, g.n*16, i, 100+i, i+1)
		}
		g.rest = append(g.rest, "created by example.com/some/package.Serve in goroutine 1\n\t/src/example.com/some/package/server.go:20 +0x30\n\n"...)
	}
	n := copy(p, g.rest)
	g.size += n
	g.rest = g.rest[n:]
	return n, nil
}

func TestMemory(t *testing.T) {
	many := 100_000
	if testing.Short() {
		many = 10_000
	}
	heap := func() uint64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	before := heap()
	r := dump.NewReader(&generator{max: many})
	n := 0
	for {
		g, err := r.Next()
		if err != nil {
			break
		}
		n++
		if n == many/2 || n == many-1 {
			if now := heap(); now > before+32<<20 {
				t.Errorf("after %d goroutines the Reader holds %d bytes", n, now-before)
			}
		}
		if len(g.Frames) != 12 || len(g.Labels) != 2 {
			t.Fatalf("%+v", *g)
		}
	}
	if n != many || r.Lines() != many*28 {
		t.Errorf("%d goroutines, %d lines", n, r.Lines())
	}
	text := &generator{max: many}
	f, err := dump.Parse(text)
	if err != nil || len(f.Dumps) != 1 || f.Dumps[0].Count() != many {
		t.Fatal(err)
	}
	now := heap() - before
	if now > uint64(text.size)*5/4 {
		t.Errorf("a text of %d bytes takes %d", text.size, now)
	}
	runtime.KeepAlive(f)
}

func TestJSON(t *testing.T) {
	d := one(t, handwritten["go 1.26"])
	d.Goroutines[0].Labels = dump.Labels{{Key: "z", Value: "<é>"}, {Key: "a", Value: ""}}
	text, err := json.Marshal(d)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(text, []byte(`"labels":{"z":"\u003cé\u003e","a":""}`)) {
		t.Errorf("JSON %s", text)
	}
	var again dump.Dump
	if err := json.Unmarshal(text, &again); err != nil || !reflect.DeepEqual(again, *d) {
		t.Errorf("%v\ngot  %+v\nwant %+v", err, again, *d)
	}
}

// In a crash each thread shows the goroutine that it runs, whose stack was not to be had before.
func TestThreads(t *testing.T) {
	d := one(t, "SIGQUIT: quit\nPC=0x1 m=0 sigcode=0\n\ngoroutine 1 gp=0x1 m=0 mp=0x2 [running]:\nmain.main()\n\t/main.go:1 +0x1\n\n"+
		handwritten["unavailable"]+"\nrax    0x0\nrbx    0x1\n\n-----\n\nSIGQUIT: quit\nPC=0x2 m=3 sigcode=0\n\n"+
		"goroutine 5 gp=0x3 m=3 mp=0x4 [running]:\nmain.f()\n\t/main.go:2 +0x1\ncreated by main.main in goroutine 1\n\t/main.go:3 +0x2\nrax    0x0\n",
		dump.Signal, dump.Registers)
	if len(d.Goroutines) != 2 || d.Goroutines[1].ID != 5 || d.Goroutines[1].Unavailable || len(d.Goroutines[1].Frames) != 1 {
		t.Errorf("%+v", d.Goroutines)
	}
}
