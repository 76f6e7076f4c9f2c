package debugvars

import "time"

// A Snapshot is what the page shows, as JSON has it. Which goroutines, groups and loops are in it, the
// [Query] says.
type Snapshot struct {
	Time    time.Time `json:"time"`
	Program string    `json:"program"`
	PID     int       `json:"pid"`
	Go      string    `json:"go"`
	// View is that of the Query, which decides what of the following is there.
	View string `json:"view"`

	// Took is how long it took to look at the goroutines, Stopped for how much of that the
	// world stood still. Requests within MinInterval of each other have one look in common.
	Took    time.Duration `json:"took_ns"`
	Stopped time.Duration `json:"stopped_ns"`

	// Total is the number of goroutines of the process, Holding of those with variables, Matching of those
	// with variables that the query's filters choose, and Shown of those in Goroutines.
	Total    int `json:"total"`
	Holding  int `json:"holding"`
	Matching int `json:"matching"`
	Shown    int `json:"shown"`

	// Summarised: there were too many goroutines to dump, or their stacks were too deep. Their ids, states and creators are
	// not known but for those that have set a variable, and Goroutines is empty.
	Summarised bool `json:"summarised,omitempty"`

	// Variables is all variables that a goroutine holds, by name. Several may have one name: they are filtered and grouped
	// together.
	Variables []VariableInfo `json:"variables"`
	// Goroutines is sorted by id, those without last.
	Goroutines []*Goroutine `json:"goroutines,omitempty"`
	// Groups has a group for each value of the variable that the query groups by: the largest first,
	// those without the variable last, 10,000 at most. They count all goroutines that match, shown or not.
	Groups []Group `json:"groups,omitempty"`
	// Tree has the goroutines of Goroutines below those that started them, if the query asks for a tree.
	Tree []*Node `json:"tree,omitempty"`
	// Loops is the event loops of package asyncio, if the query asks for them.
	Loops []*Loop `json:"loops,omitempty"`
	// Ended is the pieces of work that have ended and are still held, if the query asks for them: with filters, those
	// of which a goroutine matches. Held is how many there are in all.
	Ended []Ended `json:"ended,omitempty"`
	Held  int     `json:"held,omitempty"`
	// Unsettled is how many functions of ended work are not in Ended yet, since it is not known whether anybody can still call
	// them. Untracked says that nobody tracks work, so that no end is known. Both stand only beside Ended.
	Unsettled int  `json:"unsettled,omitempty"`
	Untracked bool `json:"untracked,omitempty"`

	// Notes say what could not be told, and why.
	Notes []string `json:"notes,omitempty"`
}

// A VariableInfo is a variable with what the goroutines hold of it.
type VariableInfo struct {
	Name string `json:"name"`
	Type string `json:"type"`
	// Goroutines is how many hold a value, Values how many different texts these have. It stops
	// counting at 10,000: that is 10,000 or more.
	Goroutines int  `json:"goroutines"`
	Values     int  `json:"values"`
	Redacted   bool `json:"redacted,omitempty"`
	Local      bool `json:"local,omitempty"`
}

// A Goroutine is one that holds variables; in a tree also one that has started such a one.
type Goroutine struct {
	// ID is 0 if it is not known. Then OneOf is the goroutines that it may be: they stand at the same place
	// and have the same creator, and nothing tells which holds which values.
	ID    uint64   `json:"id,omitempty"`
	OneOf []uint64 `json:"one_of,omitempty"`
	// State is what the runtime calls status, such as "chan receive", and WaitMinutes for how many whole minutes
	// it has been blocked.
	State       string `json:"state,omitempty"`
	WaitMinutes uint64 `json:"wait_minutes,omitempty"`
	// Variables is sorted by name.
	Variables []Variable `json:"variables,omitempty"`
	// InheritedFrom is the goroutine whose context it has, if it has set nothing itself; 0 if it has, or if that
	// one's number is not known. Inherited says that it has set nothing itself.
	Inherited     bool   `json:"inherited,omitempty"`
	InheritedFrom uint64 `json:"inherited_from,omitempty"`
	// Displaced: it holds variables, but somebody has put something else into the word of the runtime
	// that leads to them, such as profiler labels. They are those of the goroutine's outermost context.
	Displaced bool `json:"displaced,omitempty"`
	// Stack is its calls, the most recent first, without the runtime's. Where is the first
	// of them that is not in a package that only waits on behalf of others.
	Stack []Call `json:"stack,omitempty"`
	Where *Call  `json:"where,omitempty"`
	// Created is the go statement that started it, in the goroutine Creator.
	Created *Call  `json:"created,omitempty"`
	Creator uint64 `json:"creator,omitempty"`
	// Task is what an event loop of package asyncio runs on it, if anything.
	Task *TaskRef `json:"task,omitempty"`
	// Work is the piece of work, such as a request, that it belongs to, while those are tracked.
	Work *WorkRef `json:"work,omitempty"`
}

// A Variable is a variable with the value that a goroutine or task sees.
type Variable struct {
	Name string `json:"name"`
	// Value is for people: cut where it is long (Cut), and RedactedText for a variable with the option Redacted.
	// Of what a pointer, map, slice, func or channel leads to nothing is shown.
	Value    string `json:"value"`
	Type     string `json:"type"`
	Cut      bool   `json:"cut,omitempty"`
	Redacted bool   `json:"redacted,omitempty"`
	Local    bool   `json:"local,omitempty"`
	// Set is where the value was set, if that is recorded.
	Set *Site `json:"set,omitempty"`
}

// A Site is where and when a value was set.
type Site struct {
	Call
	Goroutine uint64    `json:"goroutine"`
	Time      time.Time `json:"time"`
}

// A Call is a place in the program.
type Call struct {
	Func string `json:"func"`
	File string `json:"file,omitempty"`
	Line int    `json:"line,omitempty"`
}

// A TaskRef names a task of package asyncio.
type TaskRef struct {
	ID    uint64 `json:"id"`
	Name  string `json:"name"`
	State string `json:"state"`
}

// A WorkRef names a piece of work; see package lifetime.
type WorkRef struct {
	ID    uint64    `json:"id"`
	Name  string    `json:"name"`
	Began time.Time `json:"began"`
	// Ended is zero while it goes on.
	Ended time.Time `json:"ended,omitzero"`
}

// A Group is the goroutines on which a variable has one value.
type Group struct {
	Name  string `json:"name"`
	Value string `json:"value"`
	// Missing: those that do not have the variable.
	Missing bool `json:"missing,omitempty"`
	Count   int  `json:"count"`
}

// A Node is a goroutine in a tree, with those that it has started.
type Node struct {
	*Goroutine
	// Between: the query does not choose it, but others below it.
	Between bool    `json:"between,omitempty"`
	Started []*Node `json:"started,omitempty"`
}

// A Loop is an event loop of package asyncio.
type Loop struct {
	// Number is that of the loop in this list, from 1.
	Number int `json:"number"`
	// Running is false for a loop that waits to be run. Tasks are all the same.
	Running bool `json:"running"`
	// Ready is the callbacks and tasks that are ready, Timers those that are not due yet, Operations the functions on
	// threads and the network operations that are under way.
	Ready      int `json:"ready"`
	Timers     int `json:"timers"`
	Operations int `json:"operations"`
	// HeldUp is the stack of what has not come back to the loop: then who waits for whom and the variables
	// are not known.
	HeldUp []Call  `json:"held_up,omitempty"`
	Tasks  []*Task `json:"tasks,omitempty"`
	Note   string  `json:"note,omitempty"`
}

// A Task is a task of a loop.
type Task struct {
	TaskRef
	// In is the call of package asyncio that it waits in, such as "Sleep".
	In        string     `json:"in,omitempty"`
	Goroutine uint64     `json:"goroutine,omitempty"`
	Variables []Variable `json:"variables,omitempty"`
	Stack     []Call     `json:"stack,omitempty"`
	// Created is the calls that created it; in debug mode of the loop.
	Created []Call `json:"created,omitempty"`
	// Awaits and AwaitedBy name tasks of the same loop; a future that is no task has the ID 0.
	Awaits    []TaskRef `json:"awaits,omitempty"`
	AwaitedBy []TaskRef `json:"awaited_by,omitempty"`
	// AwaitsMore and AwaitedByMore are how many there are beyond the first 100.
	AwaitsMore    int `json:"awaits_more,omitempty"`
	AwaitedByMore int `json:"awaited_by_more,omitempty"`
}

// An Ended is a piece of work that has ended, and who still holds its context.
type Ended struct {
	WorkRef
	Goroutines []*Goroutine `json:"goroutines,omitempty"`
	Timers     []Timer      `json:"timers,omitempty"`
}

// A Timer is a timer or a bound function: what waits to be called in a context, of AfterFunc, AfterDone or Bind.
type Timer struct {
	Kind    string `json:"kind"`
	Created []Call `json:"created,omitempty"`
	// Due is when it is called, if that was said; a timer may have been reset since.
	Due time.Time `json:"due,omitzero"`
}
