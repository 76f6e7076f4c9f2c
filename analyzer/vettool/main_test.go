package vettool

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// tool is the command contextvarsvet, built for the tests.
var tool string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "vettool")
	if err != nil {
		panic(err)
	}
	tool = filepath.Join(dir, "contextvarsvet.exe")
	code := 1
	if out, err := exec.Command("go", "build", "-o", tool, "../cmd/contextvarsvet").CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "%v\n%s", err, out)
	} else {
		code = m.Run()
	}
	os.RemoveAll(dir)
	os.Exit(code)
}
