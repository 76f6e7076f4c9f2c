package dump

import "strings"

// What stands before the goroutines of a crash.

var reasonStarts = []string{
	"panic: ", "fatal error: ", "runtime: goroutine stack exceeds ", "runtime: out of memory",
	"unexpected fault address ", "SIG", "Signal ",
}

func startsReason(s string) bool {
	for _, start := range reasonStarts {
		if after, ok := strings.CutPrefix(s, start); ok {
			switch start {
			case "SIG": // "SIGQUIT: quit"
				name, _, ok := strings.Cut(after, ": ")
				return ok && name != "" && strings.Trim(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") == ""
			case "Signal ":
				return after != "" && strings.Trim(after, "0123456789") == ""
			}
			return true
		}
	}
	return false
}

// continuesReason: a message's further lines begin with a tab.
func continuesReason(s string) bool {
	for _, start := range []string{"\t", "[signal ", "PC=0x", "runtime: ", "signal arrived during cgo execution", "instruction bytes:"} {
		if strings.HasPrefix(s, start) {
			return true
		}
	}
	return startsReason(s)
}

const (
	// threadRule stands between the threads of a GOTRACEBACK=crash.
	threadRule = "-----"
	raceRule   = "=================="
	// dumpRule is what WriteTo puts between two dumps.
	dumpRule  = "===== another dump ====="
	maxReason = 64 << 10
)

// isRegister reads "rax    0xc000002380" and "r10 0x0	r11 0x7f".
func isRegister(s string) bool {
	words := strings.Fields(s)
	if len(words) == 0 || len(words)%2 != 0 {
		return false
	}
	for i := 0; i < len(words); i += 2 {
		name, value := words[i], words[i+1]
		if len(name) > len("rflags")+2 || name[0] < 'a' || name[0] > 'z' {
			return false
		}
		if _, ok := cutHex(value, "0x"); !ok {
			return false
		}
	}
	return true
}
