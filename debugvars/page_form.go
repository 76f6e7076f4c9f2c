package debugvars

import (
	"slices"
	"strconv"
)

// writeForm writes the filters. It is a plain form; the script sends it while one is still typing.
func (p *page) writeForm() {
	p.open("form", "method", "get", "role", "search", "aria-label", "Filters", "id", "filters", "autocomplete", "off")
	if p.query.View != "" {
		p.void("input", "type", "hidden", "name", "view", "value", p.query.View, "data-key", "view")
	}
	p.writeField("q", "Search", func(id string) {
		p.void("input", "type", "search", "id", id, "name", "q", "value", p.query.Search, "placeholder", "value, function or file",
			"autocomplete", "off", "spellcheck", "false")
	})
	for i, filter := range slices.Concat(p.query.Vars, []string{""}) {
		label := "Variable"
		if i > 0 {
			label = "and variable"
		}
		p.writeField("var"+strconv.Itoa(i), label, func(id string) {
			p.void("input", "type", "text", "id", id, "name", "var", "value", filter, "placeholder", "name=value or name~part",
				"list", "variables", "autocomplete", "off", "autocapitalize", "off", "spellcheck", "false")
		})
	}
	p.writeField("state", "State", func(id string) {
		p.void("input", "type", "text", "id", id, "name", "state", "value", p.query.State, "placeholder", "such as select",
			"list", "states", "autocomplete", "off", "autocapitalize", "off", "spellcheck", "false")
	})
	p.writeField("goroutine", "Goroutine", func(id string) {
		value := ""
		if p.query.Goroutine != 0 {
			value = strconv.FormatUint(p.query.Goroutine, 10)
		}
		p.void("input", "type", "text", "id", id, "name", "goroutine", "value", value, "placeholder", "number",
			"inputmode", "numeric", "pattern", "[0-9]*", "autocomplete", "off")
	})
	if p.view() == 0 {
		p.writeField("group", "Group by", p.writeGroupSelect)
	} else if p.query.Group != "" {
		p.void("input", "type", "hidden", "name", "group", "value", p.query.Group, "data-key", "group")
	}
	p.writeField("limit", "Show at most", p.writeLimitSelect)
	p.open("div", "class", "buttons")
	p.element("button", "Apply", "type", "submit")
	if p.query.filtered() {
		p.element("a", "Clear filters", "href", href(Query{View: p.query.View, Group: p.query.Group, Limit: p.query.Limit}))
	}
	p.close()
	p.writeOffers()
	p.close()
}

func (p *page) writeField(id, label string, control func(id string)) {
	p.open("div", "class", "field", "data-key", id)
	p.element("label", label, "for", "filter-"+id)
	control("filter-" + id)
	p.close()
}

func (p *page) writeGroupSelect(id string) {
	p.open("select", "id", id, "name", "group")
	p.writeOption("", "nothing", p.query.Group == "")
	known := p.query.Group == ""
	for _, name := range p.variableNames() {
		chosen := name == p.query.Group
		p.writeOption(name, name, chosen)
		known = known || chosen
	}
	if !known {
		p.writeOption(p.query.Group, p.query.Group, true)
	}
	p.close()
}

// variableNames is the names that variables have, each once.
func (p *page) variableNames() (names []string) {
	for _, v := range p.snapshot.Variables {
		if !slices.Contains(names, v.Name) {
			names = append(names, v.Name)
		}
	}
	return names
}

func (p *page) writeLimitSelect(id string) {
	limits := []int{50, 200, defaultLimit, 2000, 10_000}
	if !slices.Contains(limits, p.limit()) {
		limits = append(limits, p.limit())
		slices.Sort(limits)
	}
	p.open("select", "id", id, "name", "limit")
	for _, n := range limits {
		value := strconv.Itoa(n)
		if n == defaultLimit {
			value = "" // so that the URL does not have it
		}
		p.writeOption(value, strconv.Itoa(n), n == p.limit())
	}
	p.close()
}

func (p *page) writeOption(value, text string, chosen bool) {
	attributes := []string{"value", value, "data-key", value}
	if chosen {
		attributes = append(attributes, "selected", "")
	}
	p.element("option", text, attributes...)
}

// limit is how many goroutines are shown at most.
func (p *page) limit() int {
	if p.query.Limit == 0 {
		return defaultLimit
	}
	return p.query.Limit
}

// writeOffers writes what browsers offer while one is typing.
func (p *page) writeOffers() {
	p.open("datalist", "id", "variables")
	for _, name := range p.variableNames() {
		p.void("option", "value", name+"=", "data-key", name)
	}
	p.close()
	var states []string
	for _, g := range p.snapshot.Goroutines {
		if g.State != "" && !slices.Contains(states, g.State) {
			states = append(states, g.State)
		}
	}
	slices.Sort(states)
	p.open("datalist", "id", "states")
	for _, state := range states {
		p.void("option", "value", state, "data-key", state)
	}
	p.close()
}
