package dump_test

import (
	"bytes"
	"io"
	"testing"

	"github.com/gocontextvars/contextvars/dump"
)

func BenchmarkReader(b *testing.B) {
	text, err := io.ReadAll(&generator{max: 1000})
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		r := dump.NewReader(bytes.NewReader(text))
		for {
			if _, err := r.Next(); err != nil {
				break
			}
		}
	}
}
