package contextvars_test

import (
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// What the documents say, as far as it can be checked.

func readFile(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

var (
	behaviour = regexp.MustCompile(`(?m)^\| ([CE]?\d+) \|.*$`)
	testName  = regexp.MustCompile("^`(?:([a-z/]+)\\.)?(Test\\w+)`$")
)

// Each behaviour of docs/python.md either has tests that exist, one at least beside which its
// number stands, or a reason why it has none.
func TestPythonBehaviours(t *testing.T) {
	rows, tests := map[string]int{}, map[string]map[string]string{}
	for _, row := range behaviour.FindAllStringSubmatch(readFile(t, "docs/python.md"), -1) {
		rows[row[1]]++
		cells := strings.Split(strings.Trim(row[0], "| "), " | ")
		if len(cells) != 4 {
			t.Errorf("%s: the row has %d cells, want 4", row[1], len(cells))
			continue
		}
		reason, none := strings.CutPrefix(cells[2], "no counterpart: ")
		if none {
			want(t, row[1]+": test of what has no counterpart", cells[3], "-")
			want(t, row[1]+": there is a reason", reason != "", true)
			continue
		}
		numbered := regexp.MustCompile(`(?m)^func Test` + row[1] + `\D|//.*\b` + row[1] + `\b`)
		lines := ""
		for _, name := range strings.Split(cells[3], ", ") {
			m := testName.FindStringSubmatch(name)
			if m == nil {
				t.Errorf("%s: %q is no name of a test", row[1], name)
				continue
			}
			if tests[m[1]] == nil {
				tests[m[1]] = testsIn(t, m[1])
			}
			line := tests[m[1]][m[2]]
			want(t, row[1]+": there is a test "+name, line != "", true)
			lines += line + "\n"
		}
		want(t, row[1]+": the number stands beside a test", numbered.MatchString(lines), true)
	}
	numbers := []string{"E3", "E4", "E5", "E15"} // of PEP 550
	for number := range 195 {
		numbers = append(numbers, strconv.Itoa(number+1))
	}
	for number := range 16 { // of cancellation
		numbers = append(numbers, "C"+strconv.Itoa(number+1))
	}
	for _, number := range numbers {
		want(t, "rows with number "+number, rows[number], 1)
		delete(rows, number)
	}
	want(t, "rows with other numbers", len(rows), 0)
}

// testsIn returns the comments and first lines of the functions in a package's test files, by name.
func testsIn(t *testing.T, folder string) map[string]string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(folder, "*_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	lines := map[string]string{}
	for _, file := range files {
		source := readFile(t, file)
		positions := token.NewFileSet()
		parsed, err := parser.ParseFile(positions, file, source, parser.SkipObjectResolution|parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range parsed.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && f.Recv == nil {
				start := f.Type.Func
				if f.Doc != nil {
					start = f.Doc.Pos()
				}
				body := positions.Position(f.Body.Lbrace).Offset
				line, _, _ := strings.Cut(source[body:], "\n")
				lines[f.Name.Name] = source[positions.Position(start).Offset:body] + line
			}
		}
	}
	return lines
}

var (
	code = regexp.MustCompile("(?ms)^```.*?^```|`[^`\n]*`")
	link = regexp.MustCompile(`\]\(([^)\s]+)|(?m:^\[[^]]+\]:\s+(\S+))`)
)

// Links to files of this repository lead somewhere.
func TestLinksInDocuments(t *testing.T) {
	links := 0
	for _, pattern := range []string{"*.md", "docs/*.md", "*/README.md"} {
		docs, err := filepath.Glob(pattern)
		if err != nil || len(docs) == 0 {
			t.Fatalf("no documents %s: %v", pattern, err)
		}
		for _, doc := range docs {
			for _, m := range link.FindAllStringSubmatch(code.ReplaceAllString(readFile(t, doc), ""), -1) {
				target, _, _ := strings.Cut(m[1]+m[2], "#")
				if target == "" || strings.Contains(target, ":") { // in the document itself, or on the net
					continue
				}
				links++
				path := filepath.Join(filepath.Dir(doc), filepath.FromSlash(target))
				if _, err := os.Stat(path); err != nil || !filepath.IsLocal(path) {
					t.Errorf("%s links to %s, which is not there", doc, target)
				}
			}
		}
	}
	want(t, "there are links", links > 0, true)
}

// The example that the README begins with runs as it stands.
func TestReadmeExample(t *testing.T) {
	needsProcesses(t)
	_, example, _ := strings.Cut(readFile(t, "README.md"), "```go\n")
	example, _, ok := strings.Cut(example, "```\n")
	if !ok {
		t.Fatal("README.md has no example")
	}
	file := filepath.Join(t.TempDir(), "main.go")
	if err := os.WriteFile(file, []byte(example), 0o666); err != nil {
		t.Fatal(err)
	}
	output, err := exec.Command("go", "run", file).Output() // here, and so with this module
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		t.Fatalf("%v\n%s", err, exit.Stderr)
	} else if err != nil {
		t.Fatal(err)
	}
	want(t, "output", string(output), "working on r-1\n")
}
