package vartest

import (
	"fmt"
	"runtime/pprof"
	"strconv"
	"strings"
)

// holder is a number of goroutines with the same stack that have one mark.
type holder struct {
	goroutines int
	frames     []frame // the innermost first
}

type frame struct{ function, position string }

// holdersOf looks for the goroutines that have the mark among their labels. The
// goroutine profile is all that tells about the labels of others.
func holdersOf(mark string) []holder {
	var profile strings.Builder
	pprof.Lookup("goroutine").WriteTo(&profile, 1) // fails only if the writer does
	return parseHolders(profile.String(), fmt.Sprintf("%q:%q", marker.Name(), mark))
}

// parseHolders reads a goroutine profile as text:
//
//	goroutine profile: total 3
//	2 @ 0x47a0ce 0x4101a5 0x4822a1
//	# labels: {"key":"value", "vartest":"7"}
//	#	0x562b10	example.com/m.work+0x30	/src/m/work.go:12
//	(an empty line)
//
// The label is written as it stands there. It cannot be a part of another label, in
// which each quote would have a backslash before it.
func parseHolders(profile, label string) []holder {
	var (
		holders    []holder
		goroutines int  // of the stack that is being read
		marked     bool // whether that has the label
	)
	for line := range strings.SplitSeq(profile, "\n") {
		if number, _, ok := strings.Cut(line, " @"); ok {
			if n, err := strconv.Atoi(number); err == nil {
				goroutines, marked = n, false
				continue
			}
		}
		switch {
		case strings.HasPrefix(line, "# labels: "):
			if marked = strings.Contains(line, label); marked {
				holders = append(holders, holder{goroutines: goroutines})
			}
		case marked && strings.HasPrefix(line, "#\t"):
			h := &holders[len(holders)-1]
			h.frames = append(h.frames, parseFrame(line))
		}
	}
	return holders
}

// parseFrame reads a line of a stack. Its columns are apart by one tab or more.
func parseFrame(line string) frame {
	columns := strings.FieldsFunc(line, func(r rune) bool { return r == '\t' })
	if len(columns) < 4 {
		return frame{function: strings.TrimPrefix(line, "#\t")}
	}
	function := columns[2]
	if i := strings.LastIndex(function, "+0x"); i >= 0 {
		function = function[:i]
	}
	return frame{function, columns[3]}
}

func (h holder) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s:\n", count(h.goroutines))
	for _, f := range h.frames {
		fmt.Fprintf(&b, "\t%s\n", f.function)
		if f.position != "" {
			fmt.Fprintf(&b, "\t\t%s\n", f.position)
		}
	}
	return b.String()
}

func count(goroutines int) string {
	if goroutines == 1 {
		return "1 goroutine"
	}
	return fmt.Sprintf("%d goroutines", goroutines)
}
