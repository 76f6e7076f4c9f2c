package debugvars

import (
	"slices"
	"strconv"
	"strings"
)

// writeValues writes the variables that a goroutine holds, or a task on it.
func (p *page) writeValues(variables []Variable, holder uint64) {
	p.open("ul", "class", "values")
	same := 0 // before this one, with its name
	for i, v := range variables {
		if i == 0 || variables[i-1].Name != v.Name {
			same = 0
		}
		p.open("li", "data-key", keyOf(v.Name, &same))
		p.element("a", v.Name, "class", "name", "href", p.filterLink(v.Name, v.Name))
		p.text(" = ")
		p.writeValue(v)
		p.writeSite(v.Set, holder)
		p.close()
	}
	p.close()
}

// keyOf tells the script apart variables with one name, by their order; same counts them.
func keyOf(name string, same *int) string {
	if *same++; *same == 1 {
		return name
	}
	return name + " " + strconv.Itoa(*same)
}

// writeValue writes a value, as a link that filters by it unless it is redacted.
func (p *page) writeValue(v Variable) {
	if v.Redacted {
		p.element("span", v.Value, "class", "value redacted")
		return
	}
	p.open("a", "class", "value", "href", p.filterLink(v.Name, v.Name+"="+v.Value))
	if v.Value == "" {
		p.element("i", "empty")
	} else {
		p.element("bdi", v.Value)
	}
	p.close()
	if v.Cut {
		p.element("span", "cut", "class", "tag")
	}
	if v.Local {
		p.element("span", "local", "class", "tag")
	}
}

// writeSite writes where and when a value was set, and in which goroutine if not in its holder.
func (p *page) writeSite(site *Site, holder uint64) {
	if site == nil {
		return
	}
	p.open("span", "class", "site")
	p.text("set at ")
	p.writePlace(site.Call)
	p.text(", ")
	p.writeTime(site.Time)
	if site.Goroutine != 0 && site.Goroutine != holder {
		p.text(", in ")
		p.writeLink(site.Goroutine)
	}
	p.close()
}

// filterLink is a link to what has been found with a filter on the variable.
func (p *page) filterLink(name, filter string) string {
	key := [2]string{name, filter}
	link, known := p.filters[key]
	if !known {
		if p.filters == nil {
			p.filters = make(map[[2]string]string)
		}
		link = href(p.filteredBy(name, filter))
		p.filters[key] = link
	}
	return link
}

// filteredBy is the query with a filter on the variable in place of those that there are.
func (p *page) filteredBy(name, filter string) Query {
	q := p.query
	q.Vars = slices.DeleteFunc(slices.Clone(q.Vars), func(f string) bool {
		rest, ok := strings.CutPrefix(f, name)
		return ok && (rest == "" || rest[0] == '=' || rest[0] == '~')
	})
	q.Vars = append(q.Vars, filter)
	if q.View == ViewLoops {
		q.View = ""
	}
	return q
}

// writePlace writes where in the program something is, as short as people still know it.
func (p *page) writePlace(c Call) {
	if c.File == "" {
		p.element("span", base(c.Func), "class", "place")
		return
	}
	p.element("span", base(c.File)+":"+strconv.Itoa(c.Line), "class", "place",
		"title", c.Func+"\n"+c.File)
}

// writeVariables writes the variables that there are, each with links to filter and to group by it. They are unfolded
// where nothing else is shown.
func (p *page) writeVariables() {
	if len(p.snapshot.Variables) == 0 {
		return
	}
	attributes := []string{"class", "overview", "data-key", "variables"}
	if p.snapshot.Summarised {
		attributes = append(attributes, "open", "")
	}
	p.open("details", attributes...)
	p.open("summary")
	p.writeCount(len(p.snapshot.Variables), "variable")
	p.close()
	p.open("table")
	p.writeColumns("Variable", "Type", "Goroutines", "Values", "")
	p.open("tbody")
	same := 0
	for i, v := range p.snapshot.Variables {
		if i == 0 || p.snapshot.Variables[i-1].Name != v.Name {
			same = 0
		}
		p.writeVariable(v, keyOf(v.Name, &same))
	}
	p.close()
	p.close()
	p.close()
}

func (p *page) writeVariable(v VariableInfo, key string) {
	p.open("tr", "data-key", key)
	p.open("th", "scope", "row", "data-label", "Variable")
	p.element("a", v.Name, "class", "name", "href", p.filterLink(v.Name, v.Name))
	if v.Redacted {
		p.element("span", "redacted", "class", "tag")
	}
	if v.Local {
		p.element("span", "local", "class", "tag")
	}
	p.close()
	p.element("td", v.Type, "class", "type", "data-label", "Type")
	p.open("td", "class", "number", "data-label", "Goroutines")
	p.number(v.Goroutines)
	p.close()
	p.open("td", "class", "number", "data-label", "Values")
	if v.Values >= maxValues {
		p.text(v.values())
	} else {
		p.number(v.Values)
	}
	p.close()
	grouped := p.query
	grouped.Group = v.Name
	p.open("td", "class", "action")
	p.element("a", "Group by "+v.Name, "href", href(grouped))
	p.close()
	p.close()
}

// writeColumns writes the head of a table.
func (p *page) writeColumns(titles ...string) {
	p.open("thead")
	p.open("tr")
	for _, title := range titles {
		if title == "" {
			p.open("td")
			p.close()
			continue
		}
		p.element("th", title, "scope", "col")
	}
	p.close()
	p.close()
}
