package main

import (
	"strings"
	"testing"
)

// reads returns a participant whose Get adds n to the sum at each operation.
func reads(n int) *participant {
	return &participant{does: map[kind]work{get: func(_ setting, st *stage) {
		st.serve(func(times int) int { return n * times })
	}}}
}

func TestStageFindsWrongValues(t *testing.T) {
	tests := []struct {
		what string
		who  *participant
		want string
	}{
		{"right", reads(values[0].n), ""},
		{"lost", reads(0), "lost"},
		{"another variable's value", reads(values[1].n), "wrong: read 10010, not 10000"},
		{"panic", &participant{does: map[kind]work{get: func(setting, *stage) { panic("broken") }}}, "panic: broken"},
		{"panic in the loop", &participant{does: map[kind]work{get: func(_ setting, st *stage) {
			st.serve(func(int) int { return (*value)(nil).n })
		}}}, "panic: runtime error: invalid memory address or nil pointer dereference"},
	}
	for _, test := range tests {
		st := open(subject{test.who, "", get, setting{1, 0}})
		if got := st.run(request{n: 10}).fault; got != test.want {
			t.Errorf("%s: fault %q, want %q", test.what, got, test.want)
		}
		if got := st.run(request{n: 10, count: true}).fault; got != test.want {
			t.Errorf("%s: the second time fault %q, want %q", test.what, got, test.want)
		}
		st.close()
	}
}

func TestStageKeepsTheFirstFault(t *testing.T) {
	calls := 0
	st := open(subject{&participant{does: map[kind]work{set: func(_ setting, st *stage) {
		st.serve(func(n int) int {
			if calls++; calls == 1 {
				st.expect("after Set", nil, values[0])
			}
			return n
		})
	}}}, "", set, setting{}})
	defer st.close()
	for range 2 {
		if got := st.run(request{n: 1}).fault; !strings.HasPrefix(got, "wrong after Set") {
			t.Errorf("fault %q", got)
		}
	}
}
