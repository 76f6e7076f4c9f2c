package matrix

import (
	"errors"
	"strings"
	"testing"
)

var row = Row{"a pool", "example.com/pool", "the first submitter's", "the submitter's", "`Submit`"}

func versionOne(string) (string, error) { return "v1.0.0", nil }

func wantTable(t *testing.T, r Row, want string) {
	t.Helper()
	got, err := table([]Row{r}, versionOne)
	if err != nil {
		t.Fatal(err)
	}
	if got != head+want+"\n" {
		t.Errorf("got\n%s\nwant\n%s%s", got, head, want)
	}
}

func wantError(t *testing.T, err error, words ...string) {
	t.Helper()
	if err == nil {
		t.Fatal("there is no error")
	}
	for _, w := range words {
		if !strings.Contains(err.Error(), w) {
			t.Errorf("%q is not in the error: %v", w, err)
		}
	}
}

func TestTable(t *testing.T) {
	wantTable(t, row, "| a pool | example.com/pool v1.0.0 | the first submitter's | the submitter's | `Submit` |")
}

func TestTableKeepsTheOrderOfRows(t *testing.T) {
	second := row
	second.Where = "a timer"
	got, err := table([]Row{second, row}, versionOne)
	if err != nil || !strings.Contains(got, "| a timer ") || strings.Index(got, "| a timer ") > strings.Index(got, "| a pool ") {
		t.Errorf("got %v and\n%s", err, got)
	}
}

func TestTableEscapesWhatWouldEndACell(t *testing.T) {
	r := row
	r.Without = "a|b\nc"
	wantTable(t, r, `| a pool | example.com/pool v1.0.0 | a\|b c | the submitter's | `+"`Submit` |")
}

func TestTableLeavesOutReleases(t *testing.T) {
	for module, name := range map[string]string{
		"std": "standard library", "none": "–", rootPath: "here", rootPath + "/asyncio": "here",
	} {
		r := row
		r.Module = module
		wantTable(t, r, "| a pool | "+name+" | the first submitter's | the submitter's | `Submit` |")
	}
}

func TestTableRefusesEmptyCells(t *testing.T) {
	for field, empty := range map[string]func(*Row){
		"Where":   func(r *Row) { r.Where = "" },
		"Module":  func(r *Row) { r.Module = "" },
		"Without": func(r *Row) { r.Without = " " },
		"With":    func(r *Row) { r.With = "\n" },
		"Help":    func(r *Row) { r.Help = "" },
	} {
		r := row
		empty(&r)
		_, err := table([]Row{row, r}, versionOne)
		wantError(t, err, "row 2", "empty "+field)
	}
}

func TestTableRefusesNoRows(t *testing.T) {
	_, err := table(nil, versionOne)
	wantError(t, err, "no rows")
}

func TestTableRefusesTwoRowsForOnePlace(t *testing.T) {
	_, err := table([]Row{row, row}, versionOne)
	wantError(t, err, "two rows", "a pool")
}

func TestTablePassesOnThatAVersionIsNotKnown(t *testing.T) {
	unknown := errors.New("unknown")
	_, err := table([]Row{row}, func(string) (string, error) { return "", unknown })
	if !errors.Is(err, unknown) {
		t.Errorf("got %v", err)
	}
}
