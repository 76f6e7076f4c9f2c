package matrix

import (
	"fmt"
	"strings"
)

// A Row is what a job sees that some library starts or runs. Each field is the text of a
// cell, in Markdown, and none may be empty.
type Row struct {
	// Where is what starts or runs the job: "a reused goroutine of a pool".
	Where string
	// Module is the path of the library's module, or "std" for the standard library. Its
	// version is found by itself. That of this repository's own modules is left out, as
	// is that of "none", the language and whatever is in no module.
	Module string
	// Without is what the job saw without help, and With what it saw with ours: the very
	// texts that the test observed, so that the page cannot say what was not seen.
	Without, With string
	// Help says how: "`antsvars.Pool.Submit`", or "none needed".
	Help string
}

const head = "| where | library | without help it sees | with help | the help |\n|---|---|---|---|---|\n"

// table formats the rows in the order in which they are given. versionOf is asked
// for each module.
func table(rows []Row, versionOf func(module string) (string, error)) (string, error) {
	if len(rows) == 0 {
		return "", fmt.Errorf("there are no rows; give Check one at least")
	}
	var b strings.Builder
	b.WriteString(head)
	places := map[string]bool{}
	for i, r := range rows {
		for _, cell := range []struct{ field, text string }{
			{"Where", r.Where}, {"Module", r.Module}, {"Without", r.Without}, {"With", r.With}, {"Help", r.Help},
		} {
			if strings.TrimSpace(cell.text) == "" {
				return "", fmt.Errorf("row %d (%s) has an empty %s; say what was seen", i+1, r.Where, cell.field)
			}
		}
		if places[r.Where] {
			return "", fmt.Errorf("two rows are about %q; give each a Where of its own", r.Where)
		}
		places[r.Where] = true
		library, err := library(r.Module, versionOf)
		if err != nil {
			return "", err
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s |\n",
			escape(r.Where), library, escape(r.Without), escape(r.With), escape(r.Help))
	}
	return b.String(), nil
}

// library names a module. The release of Go is not in it: the tests run with each that is
// supported, and have to see the same.
func library(module string, versionOf func(module string) (string, error)) (string, error) {
	switch module {
	case "std":
		return "standard library", nil
	case "none":
		return "–", nil
	}
	if module == rootPath || strings.HasPrefix(module, rootPath+"/") {
		return "here", nil
	}
	version, err := versionOf(module)
	if err != nil {
		return "", err
	}
	return module + " " + version, nil
}

var escape = strings.NewReplacer("|", `\|`, "\r\n", " ", "\n", " ").Replace
