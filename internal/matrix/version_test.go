package matrix

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// inModule runs the test in a module that requires some others, in a workspace with another one
// that wants a newer version of one of them. A folder is the module proxy.
func inModule(t *testing.T) {
	t.Helper()
	if _, err := exec.LookPath("go"); err != nil {
		t.Skip("there is no go command here")
	}
	root := t.TempDir()
	files := map[string]string{
		"m/go.mod": `module example.com/m
go 1.26.0
require (
	example.com/a v1.2.3
	example.com/b v1.0.0
	example.com/c v1.0.0
	example.com/d v1.1.0
)
replace (
	example.com/b => example.com/fork v1.5.0
	example.com/c => ./c
)
`,
		"m/c/go.mod": "module example.com/c\n",
		"n/go.mod":   "module example.com/n\ngo 1.26.0\nrequire example.com/a v1.4.0\n",
		"go.work":    "go 1.26.0\nuse (\n\t./m\n\t./n\n)\n",
	}
	for _, of := range []string{"a/@v/v1.2.3", "a/@v/v1.4.0", "fork/@v/v1.5.0", "d/@v/v1.1.0"} {
		module := "example.com/" + filepath.Dir(filepath.Dir(of))
		files["proxy/example.com/"+of+".mod"] = "module " + module + "\n"
		files["proxy/example.com/"+of+".info"] = `{"Version":"` + filepath.Base(of) + `"}`
	}
	for name, text := range files {
		path := filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	t.Chdir(filepath.Join(root, "m"))
	for name, value := range map[string]string{
		"GOPROXY": "file://" + filepath.ToSlash(root) + "/proxy", "GOSUMDB": "off", "GOFLAGS": "-modcacherw",
		"GOMODCACHE": filepath.Join(root, "cache"), "GOWORK": "", "GOPRIVATE": "", "GONOPROXY": "",
	} {
		t.Setenv(name, value)
	}
}

func wantVersion(t *testing.T, v versions, module, want string) {
	t.Helper()
	got, err := v.of(module)
	if err != nil {
		t.Error(err)
	}
	if got != want {
		t.Errorf("%s: got %q, want %q", module, got, want)
	}
}

func TestVersionIsThatOfGoMod(t *testing.T) {
	inModule(t)
	wantVersion(t, versions{}, "example.com/a", "v1.2.3")
	wantVersion(t, versions{built: true}, "example.com/d", "v1.1.0")
}

func TestVersionOfReplacement(t *testing.T) {
	inModule(t)
	wantVersion(t, versions{}, "example.com/b", "example.com/fork v1.5.0")
}

func TestVersionOfFolder(t *testing.T) {
	inModule(t)
	_, err := versions{}.of("example.com/c")
	wantError(t, err, "example.com/c has no version")
}

func TestVersionOfModuleThatIsNotRequired(t *testing.T) {
	inModule(t)
	_, err := versions{}.of("example.com/unheard")
	wantError(t, err, "the version of example.com/unheard is not known", "exit status")
}

func TestVersionIsNotWrittenWhereAWorkspaceHasAnother(t *testing.T) {
	inModule(t)
	_, err := versions{built: true}.of("example.com/a")
	wantError(t, err, "the workspace has example.com/a v1.4.0", "v1.2.3", "GOWORK=off")
}
