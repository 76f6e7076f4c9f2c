package matrix

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// update is the environment variable that has Check write the page.
const update = "UPDATE_MATRIX"

// Check fails t unless the section of docs/matrix.md is made of just these rows. With
// UPDATE_MATRIX=1 in the environment it writes the section, in one step, and keeps
// the others.
//
// It looks for the page in the folder of the repository that the test runs in. A module that
// was downloaded by itself has none: then Check logs so and does nothing else.
//
// It asks the go command for the versions of modules, which takes some ten milliseconds for
// each of them.
func Check(t testing.TB, section string, rows ...Row) {
	t.Helper()
	here, err := os.Getwd()
	if err != nil {
		t.Errorf("matrix: %v", err)
		return
	}
	root, ok := repository(here)
	if !ok {
		t.Logf("matrix: %s is not in a clone of the repository, so there is no docs/matrix.md to compare with", here)
		return
	}
	updating := os.Getenv(update) != ""
	if err := check(root, section, rows, updating, versions{updating}.of); err != nil {
		t.Errorf("matrix: %v", err)
	}
}

func check(root, section string, rows []Row, updating bool, versionOf func(string) (string, error)) error {
	name, _, _ := strings.Cut(section, ":")
	if strings.TrimSpace(section) != section || strings.ContainsAny(section, "\r\n") {
		return fmt.Errorf("section %q is no heading; give a line without spaces around it", section)
	}
	if info, err := os.Stat(filepath.Join(root, filepath.FromSlash(name))); section == "" || err != nil || !info.IsDir() {
		return fmt.Errorf("section %q does not begin with the path of a folder; "+
			"name it after the one that its test is in, such as \"contrib/antsvars\"", section)
	}
	want, err := table(rows, versionOf)
	if err != nil {
		return fmt.Errorf("section %q: %w", section, err)
	}
	path := filepath.Join(root, "docs", "matrix.md")
	if updating {
		return rewrite(path, section, want)
	}
	page, err := load(path)
	if err != nil {
		return err
	}
	run := fmt.Sprintf("; if that is right, run this in the folder %s: %s=1 go test -count=1 ./...", name, update)
	got, ok := page[section]
	if !ok {
		return fmt.Errorf("docs/matrix.md has no section %q%s", section, run)
	}
	if got != want {
		return fmt.Errorf("docs/matrix.md says something else in section %q than was seen%s\n%s",
			section, run, difference(got, want))
	}
	return nil
}

// difference shows the lines that only one of the texts has.
func difference(page, seen string) string {
	var b strings.Builder
	only := func(mark, text, other string) {
		for line := range strings.Lines(text) {
			if !strings.Contains("\n"+other, "\n"+line) {
				fmt.Fprintf(&b, "%s %s\n", mark, strings.TrimSuffix(line, "\n"))
			}
		}
	}
	only("page:", page, seen)
	only("seen:", seen, page)
	if b.Len() == 0 {
		return "the rows are in another order, or there more than once\n"
	}
	return b.String()
}

const rootPath = "github.com/gocontextvars/contextvars"

var rootModule = regexp.MustCompile(`(?m)^module ` + regexp.QuoteMeta(rootPath) + `\s*$`)

// repository returns the folder of the root module, which is this one or above it.
func repository(folder string) (root string, ok bool) {
	for {
		text, err := os.ReadFile(filepath.Join(folder, "go.mod"))
		if err == nil && rootModule.Match(text) {
			return folder, true
		}
		parent := filepath.Dir(folder)
		if parent == folder {
			return "", false
		}
		folder = parent
	}
}
