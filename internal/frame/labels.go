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
	if f.tags() != nil {
		return f.rest.own
	}
	return f.Labels()
}

// HasOwn reports whether Own would return just these labels.
func (f *Frame) HasOwn(own []slot.Label) bool {
	mine := f.Own()
	return len(mine) == len(own) && (len(own) == 0 || &mine[0] == &own[0])
}

// LabelOf returns the text that f shows for k, if it is a label.
func (f *Frame) LabelOf(k *Key) string {
	for _, t := range f.tags() {
		if t.key == k {
			return t.value
		}
	}
	return ""
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
			r.tags, r.own = nil, nil
		}
	})
	f.setOwn(own)
}

// setOwn changes the goroutine's labels in a frame that nobody has seen yet.
func (f *Frame) setOwn(own []slot.Label) {
	if f.tags() == nil {
		f.Mark(own)
		return
	}
	f.changeRest(func(r *rest) { r.own = own })
	all, _ := merge(own, f.rest.tags)
	f.Mark(all)
}

// merge returns own with the tags added, sorted by key as runtime/pprof keeps
// its sets, and the labels that gave way to them. A tag wins over a label with its
// key, a later tag over an earlier one.
func merge(own []slot.Label, tags []tag) (all, hidden []slot.Label) {
	all = slices.Clone(own)
	for _, t := range tags {
		i, found := find(all, t.key.Name)
		if !found {
			all = slices.Insert(all, i, slot.Label{})
		} else if j, ok := find(own, t.key.Name); ok {
			hidden = append(hidden, own[j])
		}
		all[i] = slot.Label{Key: t.key.Name, Value: t.value}
	}
	return all, hidden
}

// find returns where the label with the key is, or would be, in a sorted list.
func find(labels []slot.Label, key string) (int, bool) {
	return slices.BinarySearchFunc(labels, key, func(l slot.Label, key string) int {
		return strings.Compare(l.Key, key)
	})
}

// Tagged returns labels, sorted by key, with the tags of f, and those that gave way.
func (f *Frame) Tagged(labels []slot.Label) (all, hidden []slot.Label) {
	return merge(labels, f.tags())
}

// Untagged undoes Tagged on labels that others may have changed since: what is no
// longer as it was is theirs.
func (f *Frame) Untagged(labels, hidden []slot.Label) []slot.Label {
	for _, t := range f.tags() {
		i, found := find(labels, t.key.Name)
		if !found || labels[i].Value != t.value {
			continue
		}
		if j := slices.IndexFunc(hidden, func(l slot.Label) bool { return l.Key == t.key.Name }); j >= 0 {
			labels[i] = hidden[j]
		} else {
			labels = slices.Delete(labels, i, i+1)
		}
	}
	return labels
}

func (f *Frame) tags() []tag {
	if f.rest == nil {
		return nil
	}
	return f.rest.tags
}
