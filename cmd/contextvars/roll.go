package main

import (
	"fmt"
	"time"
)

// A roll writes snapshots one after the other, for files and pipes.
type roll struct {
	*terminal
	title string // stands before each of them; empty for none
}

func (r *roll) show(frame []byte) error {
	if r.title != "" {
		if _, err := fmt.Fprintf(r.out, "=== %s at %s\n", visible(r.title), time.Now().Format(time.TimeOnly)); err != nil {
			return err
		}
	}
	_, err := r.out.Write(frame)
	return err
}

func (r *roll) lost(err error) error {
	r.note(err.Error() + "; trying again")
	return nil
}

func (r *roll) end() {}
