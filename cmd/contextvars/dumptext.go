package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/gocontextvars/contextvars/dump"
)

// writeText writes each dump as the user wants it.
func (r *reading) writeText(w io.Writer, f *dump.File) error {
	by := r.by
	if keys := keys(f); !r.chosen && !r.tree && len(keys) > 0 {
		by = common(keys).Key
		if len(keys) > 1 {
			fmt.Fprintf(w, "labels: %s\n", labels(keys))
		}
	}
	for i, d := range f.Dumps {
		if i > 0 {
			fmt.Fprintln(w)
		}
		if len(f.Dumps) > 1 {
			fmt.Fprintf(w, "dump %d of %d, from line %d\n", i+1, len(f.Dumps), d.Line)
		}
		write := func() error { return d.WriteTable(w, by) }
		if r.tree {
			write = func() error { return d.WriteTree(w) }
		}
		if err := write(); err != nil {
			return err
		}
	}
	return nil
}

// keys returns the labels in all dumps of a file. Values that two dumps have count twice.
func keys(f *dump.File) []dump.Key {
	index := map[string]int{}
	var all []dump.Key
	for _, d := range f.Dumps {
		for _, k := range d.Keys() {
			i, ok := index[k.Key]
			if !ok {
				index[k.Key] = len(all)
				all = append(all, k)
				continue
			}
			all[i].Count += k.Count
			all[i].Values += k.Values
		}
	}
	slices.SortFunc(all, func(a, b dump.Key) int { return cmp.Compare(a.Key, b.Key) })
	return all
}

// common returns the label that most goroutines have, and of those the one with the fewest values:
// rather the tenant than the request.
func common(keys []dump.Key) dump.Key {
	return slices.MinFunc(keys, func(a, b dump.Key) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Values, b.Values))
	})
}

// labels is a list for people.
func labels(keys []dump.Key) string {
	if len(keys) == 0 {
		return "none"
	}
	var list []string
	for _, k := range keys {
		values := "1 value"
		if k.Values != 1 {
			values = strconv.Itoa(k.Values) + " values"
		}
		list = append(list, fmt.Sprintf("%s (%d with %s)", visible(k.Key), k.Count, values))
	}
	return strings.Join(list, ", ")
}

// A grouped dump has its goroutines in groups.
type grouped struct {
	*dump.Dump
	Goroutines struct{}     `json:"goroutines,omitzero"` // in place of the Dump's
	Groups     []dump.Group `json:"groups"`
}

func (r *reading) writeJSON(w io.Writer, f *dump.File) error {
	var shown any = f
	if r.by != "" {
		all := struct {
			dump.File
			Dumps []grouped `json:"dumps"`
		}{File: *f, Dumps: []grouped{}}
		for _, d := range f.Dumps {
			all.Dumps = append(all.Dumps, grouped{Dump: d, Groups: d.GroupBy(r.by)})
		}
		shown = all
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(shown); err != nil {
		return err
	}
	_, err := w.Write(visibleJSON(b.Bytes()))
	return err
}
