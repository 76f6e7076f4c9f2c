package dump

import (
	"strconv"
	"strings"
)

const (
	createdBy       = "created by "
	inGoroutine     = " in goroutine "
	unavailableText = "goroutine running on other thread; stack unavailable"
	originating     = "[originating from goroutine "
	nonGo           = "non-Go function"
	nonGoAt         = nonGo + " at pc="
	runtimeStack    = "runtime stack:"
)

// parseCall reads "main.(*T).method(0x1, {0x2?, ...})".
func parseCall(s string) (f Frame, ok bool) {
	if !strings.HasSuffix(s, ")") {
		return f, false
	}
	i := strings.LastIndexByte(s, '(')
	if i <= 0 {
		return f, false
	}
	f.Func, f.Args = s[:i], s[i+1:len(s)-1]
	for j := range len(f.Args) {
		if strings.IndexByte("0123456789abcdefx?_{}., ", f.Args[j]) < 0 {
			return f, false
		}
	}
	return f, !hasSpaceAround(f.Func)
}

// parsePlace reads "\t/dir/file.go:12 +0x1d fp=0xc0 sp=0xc0 pc=0x48". Frames of C code have
// only pc.
func parsePlace(s string) (f Frame, native, ok bool) {
	trimmed := strings.TrimLeft(s, " \t")
	if trimmed == s || trimmed == "" {
		return f, false, false
	}
	s = strings.TrimRight(trimmed, " ")
	native = true
	for {
		space := strings.LastIndexByte(s, ' ')
		word := s[space+1:]
		if n, ok := cutHex(word, "+0x"); ok {
			f.Offset, native = n, false
		} else if n, ok := cutHex(word, "pc=0x"); ok {
			f.PC = n
		} else if _, ok := cutHex(word, "fp=0x"); ok {
			native = false
		} else if _, ok := cutHex(word, "sp=0x"); !ok {
			break
		}
		if space < 0 {
			return f, native, f.PC != 0
		}
		s = strings.TrimRight(s[:space], " ")
	}
	f.File, f.Line, ok = parseFile(s)
	return f, native && f.PC != 0, ok
}

func parseFile(s string) (file string, line int, ok bool) {
	i := strings.LastIndexByte(s, ':')
	if i <= 0 {
		return "", 0, false
	}
	n, err := strconv.ParseUint(s[i+1:], 10, 31)
	return s[:i], int(n), err == nil && !hasSpaceAround(s[:i])
}

func cutHex(s, prefix string) (uint64, bool) {
	digits, ok := strings.CutPrefix(s, prefix)
	if !ok {
		return 0, false
	}
	n, err := strconv.ParseUint(digits, 16, 64)
	return n, err == nil
}

// parseCreatedBy reads "created by main.main in goroutine 1".
func parseCreatedBy(s string) (f Frame, id uint64, ok bool) {
	name, ok := strings.CutPrefix(s, createdBy)
	if !ok {
		return f, 0, false
	}
	if i := strings.LastIndex(name, inGoroutine); i > 0 {
		if n, err := strconv.ParseUint(name[i+len(inGoroutine):], 10, 64); err == nil && n != 0 {
			name, id = name[:i], n
		}
	}
	f.Func = name
	return f, id, name != "" && !hasSpaceAround(name)
}

// parseElided reads "...12 frames elided..." and "...additional frames elided...".
func parseElided(s string) (n int, ok bool) {
	s, ok = strings.CutPrefix(s, "...")
	if !ok {
		return 0, false
	}
	if s, ok = strings.CutSuffix(s, " frames elided..."); !ok {
		return 0, false
	}
	if s == "additional" {
		return -1, true
	}
	u, err := strconv.ParseUint(s, 10, 31)
	return int(u), err == nil && u > 0
}

// parseOriginating reads "[originating from goroutine 5]:".
func parseOriginating(s string) (id uint64, ok bool) {
	s, ok = strings.CutPrefix(s, originating)
	if !ok {
		return 0, false
	}
	if s, ok = strings.CutSuffix(s, "]:"); !ok {
		return 0, false
	}
	id, err := strconv.ParseUint(s, 10, 64)
	return id, err == nil
}

func hasSpaceAround(s string) bool { return strings.Trim(s, " \t\r") != s }

const module = "github.com/gocontextvars/contextvars"

// waitsForOthers says of a function that what calls it tells more.
func waitsForOthers(name string) bool {
	for _, p := range []string{
		"runtime.", "runtime/", "internal/", "sync.", "sync/", "syscall.", "time.", "iter.",
		module + ".", module + "/internal/", module + "/asyncio.", // Bind, Run and its like; where a task waits
	} {
		if strings.HasPrefix(name, p) {
			return true
		}
	}
	return name == "panic"
}
