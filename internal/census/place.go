package census

import (
	"encoding/binary"
	"runtime"
	"strings"

	"github.com/gocontextvars/contextvars/internal/traceback"
)

// A place is where a goroutine stands: equal if it stands in the same calls, at the same lines. The dump leaves out most
// of the runtime's own functions, so all are left out here; and it has the fifty calls at
// either end of a deep stack only, so no more than that count.
type place string

const maxDepth = 50

// places gives numbers to calls, so that a place is short.
type places struct {
	numbers map[traceback.Frame]uint32
	calls   []traceback.Frame
	ofPC    map[uintptr]uint32
	// whole is the stacks that were seen already.
	whole map[string]stack
	key   []byte
}

// stack is a place with its calls.
type stack struct {
	place  place
	frames []traceback.Frame
}

// runtimes is the number of calls of the runtime: none.
const runtimes = ^uint32(0)

func newPlaces() *places {
	return &places{numbers: map[traceback.Frame]uint32{}, ofPC: map[uintptr]uint32{}, whole: map[string]stack{}}
}

// stackOf is fast where many goroutines have the same calls.
func (p *places) stackOf(pcs []uintptr) stack {
	p.key = p.key[:0]
	for _, pc := range pcs {
		p.key = binary.LittleEndian.AppendUint64(p.key, uint64(pc))
	}
	s, ok := p.whole[string(p.key)]
	if !ok {
		var numbers []uint32
		for _, pc := range pcs {
			numbers = append(numbers, p.callAt(pc))
		}
		s.place = p.placeOf(numbers)
		for _, n := range numbers {
			if n != runtimes {
				s.frames = append(s.frames, p.calls[n])
			}
		}
		p.whole[string(p.key)] = s
	}
	return s
}

// callAt returns the number of the call at pc. The runtime's profile has a pc of its own for each function that was inlined.
func (p *places) callAt(pc uintptr) uint32 {
	n, ok := p.ofPC[pc]
	if !ok {
		f, _ := runtime.CallersFrames([]uintptr{pc}).Next()
		n = p.number(traceback.Frame{Function: f.Function, File: f.File, Line: f.Line})
		p.ofPC[pc] = n
	}
	return n
}

func (p *places) number(f traceback.Frame) uint32 {
	n, ok := p.numbers[f]
	if !ok {
		n = uint32(len(p.calls))
		if ofRuntime(f.Function) {
			n = runtimes
		} else {
			p.calls = append(p.calls, f)
		}
		p.numbers[f] = n
	}
	return n
}

func (p *places) placeOf(numbers []uint32) place {
	var b []byte
	for _, n := range numbers {
		if n == runtimes {
			continue
		}
		if b = binary.LittleEndian.AppendUint32(b, n); len(b) == 4*maxDepth {
			break
		}
	}
	return place(b)
}

func (p *places) placeOfFrames(frames []traceback.Frame) place {
	numbers := make([]uint32, len(frames))
	for i, f := range frames {
		numbers[i] = p.number(f)
	}
	return p.placeOf(numbers)
}

func ofRuntime(function string) bool {
	return function == "" || strings.HasPrefix(function, "runtime.")
}
