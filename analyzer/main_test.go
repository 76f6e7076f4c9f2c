package analyzer

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/analysistest"
)

// tree is a GOPATH with what is below testdata, which has stand-ins for other libraries, and
// the packages of the root module themselves.
var tree string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "analyzer")
	if err != nil {
		panic(err)
	}
	tree = dir
	code := 1
	if err := grow(dir); err != nil {
		os.Stderr.WriteString(err.Error() + "\n")
	} else {
		code = m.Run()
	}
	os.RemoveAll(dir)
	os.Exit(code)
}

func grow(dir string) error {
	if err := os.CopyFS(dir, os.DirFS("testdata")); err != nil {
		return err
	}
	root := filepath.Join(dir, "src", filepath.FromSlash(home))
	for _, part := range []string{"", "internal", "asyncio", "httpvars", "syncvars", "wire", "vartest", "sqlvars", "lifetime"} {
		from := filepath.Join("..", part)
		err := filepath.WalkDir(from, func(path string, d fs.DirEntry, err error) error {
			switch {
			case err != nil:
				return err
			case d.IsDir():
				if path != from && (part == "" || strings.HasSuffix(path, "testdata")) {
					return fs.SkipDir
				}
				return nil
			case strings.HasSuffix(path, "_test.go"), filepath.Ext(path) != ".go" && filepath.Ext(path) != ".s":
				return nil
			}
			text, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			to := filepath.Join(root, strings.TrimPrefix(path, ".."))
			if err := os.MkdirAll(filepath.Dir(to), 0o777); err != nil {
				return err
			}
			return os.WriteFile(to, text, 0o666)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// test runs a check on packages of the tree, and compares findings and fixes with what they say.
func test(t *testing.T, check *analysis.Analyzer, packages ...string) {
	t.Helper()
	analysistest.RunWithSuggestedFixes(t, tree, check, packages...)
}
