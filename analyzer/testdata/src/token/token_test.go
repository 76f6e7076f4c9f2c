package token

import "testing"

func TestOwnGoroutine(t *testing.T) {
	user.Set("x")
	t.Run("sub", func(t *testing.T) { user.Set("y") })
	helper(t)
	table := []func(){func() { user.Set("z") }}
	table[0]()
	defer user.Set("x") // want `user.Set is called when the function ends`
}

func helper(t *testing.T) { user.Set("x") }

func BenchmarkSet(b *testing.B) {
	for b.Loop() {
		user.Set("x").Restore()
	}
}
