package vettool

import (
	"encoding/json"
	"fmt"
	"os"
	"runtime/debug"
	"strings"

	"golang.org/x/tools/go/analysis/unitchecker"
)

const home = "github.com/gocontextvars/contextvars"

// skipped reports whether the package that the go command describes in a file has no findings
// and no facts for sure, and if so writes down that it has none.
func skipped(configFile string) bool {
	data, err := os.ReadFile(configFile)
	if err != nil {
		return false // the checker says what is wrong
	}
	var cfg unitchecker.Config
	if json.Unmarshal(data, &cfg) != nil {
		return false
	}
	for path := range cfg.ImportMap { // as the source has it, without vendor folders
		if path == home || strings.HasPrefix(path, home+"/") {
			return false
		}
	}
	for _, file := range cfg.PackageVetx {
		if info, err := os.Stat(file); err != nil || info.Size() > 0 {
			return false
		}
	}
	return cfg.VetxOutput == "" || os.WriteFile(cfg.VetxOutput, nil, 0o666) == nil
}

// mayBeEmpty reports whether an empty file will do for a package without facts. From v0.50.0 of
// golang.org/x/tools on it will not: such a file has the package's types, too, and these
// are to be had only by reading the package.
func mayBeEmpty() bool {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return false
	}
	for _, m := range info.Deps {
		if m.Path == "golang.org/x/tools" {
			var minor int
			_, err := fmt.Sscanf(m.Version, "v0.%d.", &minor)
			return err == nil && m.Replace == nil && minor < 50
		}
	}
	return false
}
