package debugvars

import "strconv"

// writeGroups writes the values that goroutines have of the variable that the query groups by, and under each
// those goroutines that are shown.
func (p *page) writeGroups() {
	groups := p.snapshot.Groups[:min(len(p.snapshot.Groups), p.limit())]
	rows := p.byValue()
	columns := goroutineColumns
	if p.snapshot.Summarised {
		columns = []string{"Goroutines by " + p.query.Group}
	}
	p.writeTable(func() {
		for _, group := range groups {
			p.open("tbody", "data-key", groupKey(group.Missing, group.Value))
			p.open("tr", "class", "group", "data-key", "group")
			p.open("th", "colspan", strconv.Itoa(len(columns)), "scope", "rowgroup")
			p.writeGroup(group)
			p.close()
			p.close()
			p.writeRows(rows[groupKey(group.Missing, group.Value)])
			p.close()
		}
	}, columns...)
	if more := len(p.snapshot.Groups) - len(groups); more > 0 {
		p.open("p", "class", "more", "data-key", "more values")
		p.text("There are ")
		p.writeCount(more, "more value")
		p.text(".")
		p.close()
	}
	p.writeMore()
}

// writeGroup writes the head of a group.
func (p *page) writeGroup(group Group) {
	p.element("span", group.Name, "class", "name")
	if group.Missing {
		p.text(" not set")
	} else {
		p.text(" = ")
		p.writeValue(Variable{Name: group.Name, Value: group.Value, Redacted: p.redacted(group.Name)})
	}
	p.text(" ")
	p.open("span", "class", "count")
	p.writeCount(group.Count, "goroutine")
	p.close()
	p.element("progress", "", "value", strconv.Itoa(group.Count), "max", strconv.Itoa(max(p.snapshot.Matching, group.Count)), "aria-hidden", "true")
}

// byValue is the goroutines that are shown, by their group.
func (p *page) byValue() map[string][]*Goroutine {
	rows := map[string][]*Goroutine{}
	for _, g := range p.snapshot.Goroutines {
		key := groupKey(true, "")
		for _, v := range g.Variables {
			if v.Name == p.query.Group {
				key = groupKey(false, v.Value)
			}
		}
		rows[key] = append(rows[key], g)
	}
	return rows
}

func groupKey(missing bool, value string) string {
	if missing {
		return "without"
	}
	return "with " + value
}

// redacted says that the values of a variable are not shown.
func (p *page) redacted(name string) bool {
	for _, v := range p.snapshot.Variables {
		if v.Name == name {
			return v.Redacted
		}
	}
	return false
}
