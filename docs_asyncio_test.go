package contextvars_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// What docs/asyncio.md says, as far as it can be checked.

const (
	asyncioPage     = "docs/asyncio.md"
	asyncioExamples = "asyncio/example_coming_test.go"
)

var goBlock = regexp.MustCompile("(?ms)^```go\n(.*?)^```")

// Each Go block of the page is the body of an example, which go test compiles and runs, and
// there is no example that the page lacks.
func TestAsyncioPageBlocksAreExamples(t *testing.T) {
	examples := exampleBodies(t, asyncioExamples)
	blocks := goBlock.FindAllStringSubmatch(readFile(t, asyncioPage), -1)
	want(t, "there are examples", len(examples) > 0, true)
	for _, block := range blocks {
		found := false
		for name, body := range examples {
			if body == block[1] {
				found = true
				delete(examples, name)
			}
		}
		if !found {
			t.Errorf("no example in %s is\n%s", asyncioExamples, block[1])
		}
	}
	for name, body := range examples {
		t.Errorf("%s does not have %s, which is\n%s", asyncioPage, name, body)
	}
}

// exampleBodies returns what stands between the braces of a file's examples, as it would
// stand by itself, by name.
func exampleBodies(t *testing.T, file string) map[string]string {
	t.Helper()
	source := readFile(t, file)
	positions := token.NewFileSet()
	parsed, err := parser.ParseFile(positions, file, source, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	bodies := make(map[string]string)
	for _, d := range parsed.Decls {
		f, ok := d.(*ast.FuncDecl)
		if !ok || !strings.HasPrefix(f.Name.Name, "Example") {
			continue
		}
		text := source[positions.Position(f.Body.Lbrace).Offset+1 : positions.Position(f.Body.Rbrace).Offset]
		bodies[f.Name.Name] = strings.Trim(strings.ReplaceAll(text, "\n\t", "\n"), "\n") + "\n"
	}
	return bodies
}

var (
	nameRow  = regexp.MustCompile(`(?m)^\| [^|]* \| ([^|]*) \| [^|]*\|$`)
	codeSpan = regexp.MustCompile("`([^`]*)`")
	exported = regexp.MustCompile(`\b[A-Z]\w*`)
)

// The names in the page's tables, in the column of what is here, exist.
func TestAsyncioPageNames(t *testing.T) {
	names := exportedNames(t, "asyncio")
	for name := range exportedNames(t, ".") {
		names[name] = true
	}
	for _, name := range []string{"T"} {
		names[name] = true
	}
	rows := 0
	_, tables, _ := strings.Cut(readFile(t, asyncioPage), "\n## Names\n")
	for _, row := range nameRow.FindAllStringSubmatch(tables, -1) {
		rows++
		for _, span := range codeSpan.FindAllStringSubmatch(row[1], -1) {
			for _, name := range exported.FindAllString(span[1], -1) {
				want(t, row[0]+": there is "+name, names[name], true)
			}
		}
	}
	want(t, "there are tables", rows > 0, true)
}

// exportedNames returns the names that a folder's package exports, methods and fields among
// them, without what they belong to.
func exportedNames(t *testing.T, folder string) map[string]bool {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(folder, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(parsed, func(n ast.Node) bool {
			var found []*ast.Ident
			switch n := n.(type) {
			case *ast.FuncDecl:
				found = append(found, n.Name)
			case *ast.TypeSpec:
				found = append(found, n.Name)
			case *ast.ValueSpec:
				found = n.Names
			case *ast.Field:
				found = n.Names
			}
			for _, name := range found {
				if name.IsExported() {
					names[name.Name] = true
				}
			}
			return true
		})
	}
	return names
}
