package dump

// A File is what was read from a text: the dumps in it, and notes on the rest.
type File struct {
	Dumps []*Dump `json:"dumps"`
	Notes []Note  `json:"notes,omitempty"`
	// OmittedNotes counts the notes that there was no room for.
	OmittedNotes int `json:"omitted_notes,omitempty"`
	Lines        int `json:"lines"`
}

// A Dump is one crash, one signal, one runtime.Stack or one profile.
type Dump struct {
	// Reason is what the program said before it: "panic: boom", "SIGQUIT: quit", with
	// all lines that belong to it. It is empty for runtime.Stack and profiles.
	Reason string `json:"reason,omitempty"`
	// Profile is the name of a profile of pprof with debug=1, "goroutine" or
	// "goroutineleak", and Total the number of goroutines that it claims to have.
	Profile string `json:"profile,omitempty"`
	Total   int    `json:"total,omitempty"`
	// RuntimeStack has the frames of the thread that crashed inside of the runtime.
	RuntimeStack Stack `json:"runtime_stack,omitzero"`
	// Goroutines are in the order of the text. A Reader hands them out one at a time and
	// leaves this empty.
	Goroutines []*Goroutine `json:"goroutines"`
	// Line is the number of the line where the dump begins.
	Line int `json:"line,omitempty"`
}

// Count is the number of goroutines in the dump. In an aggregated profile that is more
// than len(d.Goroutines).
func (d *Dump) Count() int { return count(d.Goroutines) }

// A Goroutine is one goroutine of a dump; in a profile with debug=1 it stands for all those
// that had the same stack and labels.
type Goroutine struct {
	// ID is 0 in an aggregated profile, and for a thread's own stack in a crash.
	ID uint64 `json:"id"`
	// Count is 1, or in an aggregated profile the number of goroutines it stands for.
	Count int `json:"count"`
	// State is what the runtime calls status: "running", "chan receive (nil chan)". An aggregated
	// profile does not know it.
	State string `json:"state,omitempty"`
	// WaitMinutes is for how long it has been blocked, in whole minutes; 0 if less than one.
	WaitMinutes uint64 `json:"wait_minutes,omitempty"`
	// Locked: to its thread.
	Locked bool `json:"locked,omitempty"`
	// Leaked: the runtime found that nothing can wake it.
	Leaked bool `json:"leaked,omitempty"`
	// Scan: the garbage collector was looking at its stack.
	Scan bool `json:"scan,omitempty"`
	// Durable: blocked in a way that only its synctest bubble, number Bubble, can end.
	Durable bool   `json:"durable,omitempty"`
	Bubble  uint64 `json:"bubble,omitempty"`
	// Flags are parts of the status that this package does not know.
	Flags []string `json:"flags,omitempty"`
	// Thread is what GOTRACEBACK=system adds: "gp=0xc000002380 m=0 mp=0x5f0dc0".
	Thread string `json:"thread,omitempty"`

	// Labels are the profiler labels, with those of variables made with the option Label.
	Labels Labels `json:"labels,omitempty"`
	// Carried: it bore the label without a value by which a ctx of WithContext leads to the
	// variables. That label is not among Labels.
	Carried bool `json:"carried,omitempty"`

	Stack
	// Unavailable: it was running on another thread, so its stack was not printed.
	Unavailable bool `json:"unavailable,omitempty"`
	// CreatorID is the goroutine that started it; 0 if that is not said.
	CreatorID uint64 `json:"creator_id,omitempty"`
	// Ancestors are there with GODEBUG=tracebackancestors=N: nearest first.
	Ancestors []Ancestor `json:"ancestors,omitempty"`

	// Truncated: the text ends, a line was cut, or something else follows before the goroutine
	// is complete.
	Truncated bool `json:"truncated,omitempty"`
	// Line is the number of the line with its header.
	Line int `json:"line,omitempty"`
}

// Aggregated reports whether g is an entry of a profile with debug=1.
func (g *Goroutine) Aggregated() bool { return g.State == "" }

// A Stack is a list of calls, innermost first.
type Stack struct {
	Frames []Frame `json:"frames,omitempty"`
	// Elided is how many frames the runtime left out before Frames[ElidedAt]; -1 if it
	// did not say how many.
	Elided   int `json:"elided,omitempty"`
	ElidedAt int `json:"elided_at,omitempty"`
	// CreatedBy is the go statement; nil for the main goroutine and those of which it
	// is not said.
	CreatedBy *Frame `json:"created_by,omitempty"`
}

// An Ancestor is the stack of the creator, or its creator, as of the go statement.
type Ancestor struct {
	ID uint64 `json:"id"`
	Stack
}

// A Frame is a call.
type Frame struct {
	Func string `json:"func"`
	// Args is what stands between the parentheses: words of memory, or "..." for a call
	// that was inlined.
	Args string `json:"args,omitempty"`
	// File is empty if the text says nothing of it.
	File string `json:"file,omitempty"`
	Line int    `json:"line,omitempty"`
	// Offset is that of the program counter from the function's start; 0 if inlined.
	Offset uint64 `json:"offset,omitempty"`
	// PC is the program counter, which profiles have, and dumps with GOTRACEBACK=system.
	PC uint64 `json:"pc,omitempty"`
	// Cgo: a frame of C code.
	Cgo bool `json:"cgo,omitempty"`
}

// Where returns the first frame that is not in the runtime or in packages that only wait on
// behalf of others (sync, time, iter, internal ones, syscall, contextvars and its asyncio), or else the first frame. It is
// nil if g has none.
func (g *Goroutine) Where() *Frame {
	for i := range g.Frames {
		if !waitsForOthers(g.Frames[i].Func) {
			return &g.Frames[i]
		}
	}
	if len(g.Frames) > 0 {
		return &g.Frames[0]
	}
	return nil
}

func count(goroutines []*Goroutine) (n int) {
	for _, g := range goroutines {
		n += g.Count
	}
	return n
}
