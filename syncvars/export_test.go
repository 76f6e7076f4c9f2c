package syncvars

// Others returns how many callers have joined the one whose call is being done.
func (g *Group[K, V]) Others(key K) int {
	k := g.fullKey(key)
	g.mu.Lock()
	defer g.mu.Unlock()
	if c := g.calls[k]; c != nil {
		return c.others
	}
	return -1
}

// Len returns how many calls the Group knows of.
func (g *Group[K, V]) Len() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return len(g.calls)
}
