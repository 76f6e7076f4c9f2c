// Package machine tells what a benchmark ran on.
package machine

import (
	"fmt"
	"os"
	"runtime"
	"strings"
)

// Machine is what figures depend on beside the code.
type Machine struct {
	Go       string `json:"go"`
	Platform string `json:"platform"`
	CPU      string `json:"cpu,omitempty"`
	Procs    int    `json:"gomaxprocs"`
}

// This is the machine that the program runs on.
func This() Machine {
	return Machine{runtime.Version(), runtime.GOOS + "/" + runtime.GOARCH, cpuModel(), runtime.GOMAXPROCS(0)}
}

func (m Machine) String() string {
	s := fmt.Sprintf("%s, %s, GOMAXPROCS=%d", m.Go, m.Platform, m.Procs)
	if m.CPU != "" {
		s += ", " + m.CPU
	}
	return s
}

// cpuModel returns the processor's name where the system tells it, on Linux.
func cpuModel() string {
	info, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return ""
	}
	for line := range strings.Lines(string(info)) {
		if key, name, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(key) == "model name" {
			return strings.TrimSpace(name)
		}
	}
	return ""
}
