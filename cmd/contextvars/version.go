package main

import (
	"flag"
	"fmt"
	"runtime"
	"runtime/debug"
)

const versionUsage = `Usage: contextvars version

Version prints the version of this command, and the Go release that it was built
with. The command vet reads packages for that release and older ones.
`

func version(t *terminal, args []string) error {
	rest, err := parse("version", new(flag.FlagSet), args)
	switch {
	case err != nil:
		return err
	case len(rest) > 0:
		return wrong("version", "it takes no arguments")
	}
	built := "(devel)"
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		built = info.Main.Version
	}
	_, err = fmt.Fprintf(t.out, "contextvars %s %s %s/%s\n", built, runtime.Version(), runtime.GOOS, runtime.GOARCH)
	return err
}
