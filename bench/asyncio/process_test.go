package main

import (
	"strings"
	"testing"
)

func TestErrands(t *testing.T) {
	for _, h := range holders {
		var f footprint
		if err := send(t.Context(), errand{h.name, 2000}, &f); err != nil {
			t.Errorf("%s: %v", h.name, err)
		} else if f.Heap < 50 || f.Heap > 5000 || h.timer != (f.Stack < 1000) {
			t.Errorf("%s: %v", h.name, f)
		}
	}
	var i idleness
	if err := send(t.Context(), errand{resters[1].name, 1000}, &i); err != nil {
		t.Error(err)
	}
	if _, ok := cpuTime(); ok != (i.CPU != nil) {
		t.Errorf("processor time is known: %v; measured: %v", ok, i.CPU)
	}
	err := send(t.Context(), errand{"nothing", 1}, &i)
	if err == nil || !strings.Contains(err.Error(), `called "nothing"`) {
		t.Errorf("an unknown errand: %v", err)
	}
}
