package dump

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"maps"
	"slices"
	"strings"
)

// maxLine is how much of a line is read. Labels make long ones.
const maxLine = 4 << 20

// A line of the text, or what a collector of logs has recorded of one.
type line struct {
	no   int
	text string
	cut  bool // more than maxLine
	last bool // the text ends with it, without a line feed
}

// A source hands out lines, of at most maxLine bytes each.
type source struct {
	r     *bufio.Reader
	no    int
	err   error
	buf   []byte
	queue []line // from one record
	parts map[string]*part
}

// A part is the beginning of a line that a collector has recorded in pieces.
type part struct {
	no   int
	text []byte
	cut  bool
}

func newSource(r io.Reader) *source {
	s := &source{r: bufio.NewReaderSize(r, 64<<10), parts: map[string]*part{}}
	if bom, err := s.r.Peek(3); err == nil && string(bom) == "\ufeff" {
		_, _ = s.r.Discard(3)
	}
	return s
}

// next returns the next line. The second result is false at the end, or where the reader failed.
func (s *source) next() (line, bool) {
	for {
		if len(s.queue) > 0 {
			l := s.queue[0]
			s.queue = s.queue[1:]
			return l, true
		}
		l, ok := s.raw()
		if !ok {
			return s.rest()
		}
		record, ok := unwrap(l.text)
		if !ok {
			return l, true
		}
		s.record(l, record)
	}
}

// raw reads up to the next line feed.
func (s *source) raw() (line, bool) {
	l := line{no: s.no + 1}
	s.buf = s.buf[:0]
	for s.err == nil {
		var piece []byte
		piece, s.err = s.r.ReadSlice('\n')
		if room := maxLine - len(s.buf); len(piece) > room+1 || len(piece) > room && s.err != nil {
			l.cut, piece = true, piece[:room]
		}
		s.buf = append(s.buf, piece...)
		if s.err == nil {
			break
		}
		if s.err == bufio.ErrBufferFull {
			s.err = nil
		}
	}
	if len(s.buf) == 0 && s.err != nil {
		return l, false
	}
	s.no++
	text, whole := bytes.CutSuffix(s.buf, []byte{'\n'})
	l.last = !whole && s.err != nil
	l.text = string(bytes.TrimRight(text, "\r"))
	if cap(s.buf) > 1<<20 {
		s.buf = nil
	}
	return l, true
}

// rest hands out pieces that nothing followed.
func (s *source) rest() (line, bool) {
	for stream, p := range s.parts {
		delete(s.parts, stream)
		return line{no: p.no, text: string(p.text), cut: p.cut, last: true}, true
	}
	return line{}, false
}

// A record is what a collector has made of a line, or of a piece of it, or of several.
type record struct {
	stream  string
	text    string
	partial bool
}

func (s *source) record(l line, r record) {
	for first := true; r.text != "" || first; first = false {
		text, rest, more := strings.Cut(r.text, "\n")
		r.text = rest
		p := s.parts[r.stream]
		if p == nil {
			p = &part{no: l.no}
		}
		p.cut = p.cut || l.cut || len(p.text)+len(text) > maxLine
		p.text = append(p.text, text[:min(len(text), maxLine-len(p.text))]...)
		if r.partial && !more {
			s.parts[r.stream] = p
			return
		}
		delete(s.parts, r.stream)
		s.queue = append(s.queue, line{no: p.no, text: strings.TrimRight(string(p.text), "\r"), cut: p.cut})
	}
}

// unwrap reads the records of container runtimes and of loggers that write JSON:
//
//	2026-01-02T03:04:05.123456789Z stderr F goroutine 1 [running]:
//	{"log":"goroutine 1 [running]:\n","stream":"stderr","time":"2026-01-02T03:04:05.123456789Z"}
//	{"level":"ERROR","msg":"boom","stack":"goroutine 1 [running]:\nmain.main()\n"}
func unwrap(s string) (r record, ok bool) {
	if strings.HasPrefix(s, `{"log":`) || strings.HasPrefix(s, "{") && strings.Contains(s, headerStart) {
		return unwrapJSON(s)
	}
	time, s, ok := strings.Cut(s, " ")
	if !ok || len(time) < len("2026-01-02T03:04:05Z") || time[len("2026-01-02")] != 'T' || !isTime(time) {
		return r, false
	}
	r.stream, s, ok = strings.Cut(s, " ")
	if !ok || r.stream != "stdout" && r.stream != "stderr" {
		return r, false
	}
	tag, text, ok := strings.Cut(s, " ")
	if !ok { // a collector may trim what has no text
		tag, text = s, ""
	}
	tag, _, _ = strings.Cut(tag, ":")
	r.text, r.partial = text, tag == "P"
	return r, tag == "P" || tag == "F"
}

func unwrapJSON(s string) (r record, ok bool) {
	var object map[string]any
	if json.Unmarshal([]byte(s), &object) != nil {
		return r, false
	}
	if text, ok := object["log"].(string); ok {
		if stream, _ := object["stream"].(string); stream == "stdout" || stream == "stderr" {
			r.stream = stream
		}
		r.text, r.partial = text, !strings.HasSuffix(text, "\n")
		return r, true
	}
	for _, key := range slices.Sorted(maps.Keys(object)) {
		text, _ := object[key].(string)
		if strings.HasPrefix(text, headerStart) || strings.Contains(text, "\n"+headerStart) {
			return record{text: text}, true
		}
	}
	return r, false
}
