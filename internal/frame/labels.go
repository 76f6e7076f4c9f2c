package frame

import (
	"slices"
	"strings"

	"github.com/gocontextvars/contextvars/internal/slot"
)

// A goroutine's own labels, which runtime/pprof set, and the tags, which
// variables with the option Label add, are kept apart: the former belong to the
// goroutine and stay when it enters another context, the latter to the context.
// The labels in the Head are both together.

// tag is the label that a variable adds.
type tag struct {
	key   *Key
	value string
}

// Own returns the labels that the goroutine has without any variables.
func (f *Frame) Own() []slot.Label {
	if f.rest != nil && f.rest.tags != nil {
		return f.rest.own
	}
	return f.Labels()
}

// HasOwn reports whether Own would return just these labels.
func (f *Frame) HasOwn(own []slot.Label) bool {
	mine := f.Own()
	return len(mine) == len(own) && (len(own) == 0 || &mine[0] == &own[0])
}

func (f *Frame) tag(k *Key, value string) {
	f.retag(func(tags []tag) []tag { return append(tags, tag{k, value}) }, k)
}

func (f *Frame) untag(k *Key) {
	f.retag(func(tags []tag) []tag { return tags }, k)
}

// retag changes the tags of a frame that nobody has seen yet, after taking
// k's away.
func (f *Frame) retag(change func([]tag) []tag, k *Key) {
	own := f.Own()
	f.changeRest(func(r *rest) {
		kept := slices.DeleteFunc(slices.Clone(r.tags), func(t tag) bool { return t.key == k })
		if r.tags = change(kept); len(r.tags) == 0 {
			r.tags = nil
		}
	})
	f.setOwn(own)
}

// setOwn changes the goroutine's labels in a frame that nobody has seen yet.
func (f *Frame) setOwn(own []slot.Label) {
	if f.rest == nil || f.rest.tags == nil {
		f.Mark(own)
		return
	}
	f.changeRest(func(r *rest) { r.own = own })
	f.Mark(merge(own, f.rest.tags))
}

// merge returns own with the tags added, sorted by key as runtime/pprof keeps
// its sets. A tag wins over a label with its key, a later tag over an earlier one.
func merge(own []slot.Label, tags []tag) []slot.Label {
	all := slices.Clone(own)
	for _, t := range tags {
		i, found := slices.BinarySearchFunc(all, t.key.Name, func(l slot.Label, name string) int {
			return strings.Compare(l.Key, name)
		})
		if found {
			all[i].Value = t.value
		} else {
			all = slices.Insert(all, i, slot.Label{Key: t.key.Name, Value: t.value})
		}
	}
	return all
}

// Untagged returns labels, which somebody put together from f's and others,
// without f's tags.
func (f *Frame) Untagged(labels []slot.Label) []slot.Label {
	if f.rest == nil || f.rest.tags == nil {
		return labels
	}
	return slices.DeleteFunc(slices.Clone(labels), func(l slot.Label) bool {
		return slices.ContainsFunc(f.rest.tags, func(t tag) bool {
			return t.key.Name == l.Key && t.value == l.Value
		})
	})
}

// Tags returns the labels that variables add.
func (f *Frame) Tags() []slot.Label {
	if f.rest == nil {
		return nil
	}
	var labels []slot.Label
	for _, t := range f.rest.tags {
		labels = append(labels, slot.Label{Key: t.key.Name, Value: t.value})
	}
	return labels
}
