package matrix

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"strings"
)

// versions finds out versions of modules. A test binary does not know its own.
type versions struct {
	// built says that the version has to be the one that the test was built with. A
	// workspace may choose a newer one than a module does by itself.
	built bool
}

// of returns the version that the go.mod file of the running test's module chooses.
func (v versions) of(module string) (string, error) {
	chosen, err := goList(module, "GOWORK=off")
	if err != nil || !v.built {
		return chosen, err
	}
	built, err := goList(module)
	if err == nil && built != chosen {
		err = fmt.Errorf("the workspace has %s %s, but go.mod says %s; run it with GOWORK=off", module, built, chosen)
	}
	return chosen, err
}

// versionFormat leaves out the version of a module that is replaced by a folder.
const versionFormat = `{{with .Replace}}{{if .Version}}{{.Path}} {{.Version}}{{end}}{{else}}{{.Version}}{{end}}`

// goList asks the go command in the current folder, which is the package's when a test runs.
func goList(module string, env ...string) (string, error) {
	command := exec.Command("go", "list", "-m", "-f", versionFormat, module)
	command.Env = append(os.Environ(), env...)
	var stderr bytes.Buffer
	command.Stderr = &stderr
	out, err := command.Output()
	if err != nil {
		return "", fmt.Errorf("the version of %s is not known, %s: %w\n%s", module, command, err, &stderr)
	}
	version := strings.TrimSpace(string(out))
	if version == "" {
		return "", fmt.Errorf("%s has no version here; give the module that has one, or \"none\"", module)
	}
	return version, nil
}
