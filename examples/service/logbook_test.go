package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"testing"
	"time"
)

// book returns two requests' claims, and the lines that fulfil them.
func book(t *testing.T) (lines [][]byte, claims []claim) {
	t.Helper()
	deadline := time.Date(2026, 1, 2, 15, 4, 5, 0, time.UTC)
	for number := range 2 {
		sent := numbered(number, deadline)
		for i, place := range []string{"confirm", "price"} {
			c := claim{int64(2*number + i + 1), place, sent}
			line, err := json.Marshal(entry{c.place, c.line, c.want})
			if err != nil {
				t.Fatal(err)
			}
			lines, claims = append(lines, line), append(claims, c)
		}
	}
	return lines, claims
}

func TestLogThatIsRight(t *testing.T) {
	lines, claims := book(t)
	tl, b := new(tally), new(logbook)
	for _, line := range lines {
		fmt.Fprintf(b, "%s\n", line)
	}
	gathered := tl.checkLog(b.take(), claims, "r-000001")
	if tl.wrong.Load() != 0 || tl.checked.Load() != 12 {
		t.Errorf("%d wrong of %d: %q", tl.wrong.Load(), tl.checked.Load(), tl.found())
	}
	if len(gathered) != 2 || string(gathered[0]) != string(lines[2]) || string(gathered[1]) != string(lines[3]) {
		t.Errorf("gathered %s", gathered)
	}
	if left := b.take(); len(left) != 0 {
		t.Errorf("%d lines are left after take", len(left))
	}
}

func TestEachWrongLogLineIsFound(t *testing.T) {
	for name, spoil := range map[string]func([][]byte) [][]byte{
		"missing":     func(l [][]byte) [][]byte { return l[1:] },
		"twice":       func(l [][]byte) [][]byte { return append(l, l[0]) },
		"of nobody":   func(l [][]byte) [][]byte { return append(l, []byte(`{"msg":"confirm","line":99}`)) },
		"no JSON":     func(l [][]byte) [][]byte { return append(l, []byte(`{`)) },
		"other place": func(l [][]byte) [][]byte { return append(l[1:], []byte(`{"msg":"price","line":1}`)) },
		"no values":   func(l [][]byte) [][]byte { return append(l[1:], []byte(`{"msg":"confirm","line":1}`)) },
		"two requests swapped": func(l [][]byte) [][]byte {
			var a, b entry
			if err := errors.Join(json.Unmarshal(l[0], &a), json.Unmarshal(l[2], &b)); err != nil {
				panic(err)
			}
			a.request, b.request = b.request, a.request
			l[0], _ = json.Marshal(a)
			l[2], _ = json.Marshal(b)
			return l
		},
	} {
		t.Run(name, func(t *testing.T) {
			lines, claims := book(t)
			tl := new(tally)
			tl.checkLog(spoil(lines), claims, "")
			if tl.wrong.Load() == 0 {
				t.Error("not found")
			}
		})
	}
}
