package census

import "github.com/gocontextvars/contextvars/internal/traceback"

// dump reads the dump of all goroutines.
func (c *Census) dump(p *places) (printed []*print) {
	text, stopped := traceback.All()
	c.Stopped = stopped
	all := traceback.Parse(text, traceback.Everyone)
	for i := range all {
		printed = append(printed, &print{Goroutine: &all[i], place: p.placeOfFrames(all[i].Frames)})
	}
	return printed
}
