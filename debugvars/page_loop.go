package debugvars

import "strconv"

// writeLoops writes the event loops of package asyncio.
func (p *page) writeLoops() {
	if len(p.snapshot.Loops) == 0 {
		p.writeNone("This program has no event loop of package asyncio.")
		return
	}
	for _, l := range p.snapshot.Loops {
		p.writeLoop(l)
	}
}

func (p *page) writeLoop(l *Loop) {
	title := "Event loop " + strconv.Itoa(l.Number)
	p.open("section", "class", "loop", "data-key", title)
	p.element("h3", title)
	p.writeQueues(l)
	if len(l.HeldUp) > 0 {
		p.open("details", "class", "stack busy", "open", "", "data-key", "held up")
		p.element("summary", "Something does not give the loop back, so who awaits whom is not known. It stands at")
		p.writeCalls(l.HeldUp)
		p.close()
	}
	if l.Note != "" {
		p.writeNote(l.Note)
	}
	if len(l.Tasks) == 0 {
		p.writeNone("It has no task.")
		p.close()
		return
	}
	p.open("table", "class", "tasks", "data-key", "tasks")
	p.writeColumns("Task", "Awaits", "Awaited by", "Variables", "Stands at")
	p.open("tbody")
	for _, t := range l.Tasks {
		p.writeTask(l, t)
	}
	p.close()
	p.close()
	p.close()
}

// writeQueues writes what a loop has to do.
func (p *page) writeQueues(l *Loop) {
	state := "waits to be run"
	if l.Running {
		state = "running"
	}
	p.open("dl", "class", "queues")
	p.element("dt", "State")
	p.element("dd", state)
	for _, queue := range []struct {
		name string
		n    int
	}{{"Tasks", len(l.Tasks)}, {"Ready", l.Ready}, {"Timers", l.Timers}, {"Operations", l.Operations}} {
		p.element("dt", queue.name)
		p.open("dd", "class", "number", "data-key", queue.name)
		p.number(queue.n)
		p.close()
	}
	p.close()
}

func (p *page) writeTask(l *Loop, t *Task) {
	id := taskAnchor(l, t.ID)
	p.open("tr", "id", id, "data-key", id)
	p.open("th", "scope", "row", "class", "who", "data-label", "Task")
	p.element("bdi", t.Name)
	p.open("span", "class", "state")
	p.text(t.State)
	if t.In != "" {
		p.text(" in ", t.In)
	}
	p.close()
	if t.Goroutine != 0 {
		p.open("span", "class", "task")
		p.text("on ")
		p.writeLink(t.Goroutine)
		p.close()
	}
	p.close()
	p.writeTasks(l, "Awaits", "nothing", t.Awaits)
	p.writeTasks(l, "Awaited by", "nobody", t.AwaitedBy)
	p.open("td", "data-label", "Variables")
	if len(t.Variables) == 0 {
		p.element("span", "none", "class", "missing")
	} else {
		p.writeValues(t.Variables, t.Goroutine)
	}
	p.close()
	p.open("td", "data-label", "Stands at")
	p.writeStack(nil, t.Stack)
	p.writeMade(t.Created)
	p.close()
	p.close()
}

// writeTasks writes a cell with other tasks, as links to their rows.
func (p *page) writeTasks(l *Loop, label, none string, tasks []TaskRef) {
	p.open("td", "data-label", label)
	if len(tasks) == 0 {
		p.element("span", none, "class", "missing")
	}
	for i, t := range tasks {
		if i > 0 {
			p.text(", ")
		}
		if t.ID == 0 {
			p.text("a future")
			continue
		}
		p.open("a", "href", "#"+taskAnchor(l, t.ID))
		p.element("bdi", t.Name)
		p.close()
	}
	p.close()
}

// writeMade writes the calls that have made a task or a timer.
func (p *page) writeMade(calls []Call) {
	if len(calls) == 0 {
		return
	}
	p.open("details", "class", "stack", "data-key", "made")
	p.open("summary")
	p.text("made by ")
	p.writeCall(calls[0])
	p.close()
	p.writeCalls(calls)
	p.close()
}

func taskAnchor(l *Loop, id uint64) string {
	return "loop" + strconv.Itoa(l.Number) + "-task" + strconv.FormatUint(id, 10)
}
