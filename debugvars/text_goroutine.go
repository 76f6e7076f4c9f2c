package debugvars

import (
	"fmt"
	"io"
)

// A kin is goroutines that do not differ but by their numbers.
type kin struct {
	example *Goroutine
	count   int
	longest uint64 // wait, in minutes
}

func writeGoroutines(w io.Writer, all []*Goroutine, width int) {
	if len(all) == 0 {
		writeLine(w, "none", width)
		return
	}
	table := columns{titles: []string{"GOROUTINE", "STATE", "WAIT", "VARIABLES", "SET AT", "FROM", "FOR", "STANDS AT", "CREATED BY"}, widely: 3, spare: []int{4, 8}}
	type likeness struct{ state, values, sites, from, activity, where, origin, may string }
	index := make(map[likeness]*kin)
	var kins []*kin
	var rows []likeness
	for _, g := range all {
		if g == nil {
			continue
		}
		l := likeness{visible(g.State), g.values(), g.sites(), g.from(), g.activity(), g.Where.short(), g.origin(), ""}
		if g.ID == 0 {
			l.may = g.who()
		}
		k := index[l]
		if k == nil {
			k = &kin{example: g}
			index[l] = k
			kins = append(kins, k)
			rows = append(rows, l)
		}
		k.count++
		k.longest = max(k.longest, g.WaitMinutes)
	}
	for i, k := range kins {
		l := rows[i]
		table.add(k.who(), l.state, k.wait(), l.values, l.sites, l.from, l.activity, l.where, l.origin)
	}
	table.write(w, width)
}

func (k *kin) who() string {
	switch who := k.example.who(); {
	case k.count == 1:
		return who
	case k.example.ID == 0 && len(k.example.OneOf) == 0:
		return fmt.Sprintf("%d × ?", k.count)
	case k.example.ID == 0:
		return fmt.Sprintf("%d × (%s)", k.count, who)
	default:
		return fmt.Sprintf("%s and %d more", who, k.count-1)
	}
}

func (k *kin) wait() string {
	switch {
	case k.longest == 0:
		return ""
	case k.count == 1:
		return fmt.Sprintf("%d min", k.longest)
	}
	return fmt.Sprintf("up to %d min", k.longest)
}
