package debugvars

import (
	"mime"
	"strconv"
	"strings"
)

// formats is what can be had, the first of those that a client likes as much as others before these.
var formats = []struct{ name, mediaType string }{
	{"html", "text/html"},
	{"json", "application/json"},
	{"text", "text/plain"},
}

// accepted is the format that the headers Accept like best, of those that they name (RFC 9110, 12.5.1): browsers name
// HTML. Text is for those that name none: who takes anything, as curl does, is mostly used by people in a terminal.
func accepted(headers []string) string {
	liked := make(map[string]float64)
	for entry := range strings.SplitSeq(strings.Join(headers, ","), ",") {
		mediaType, parameters, err := mime.ParseMediaType(entry)
		if err != nil {
			continue
		}
		q := 1.0
		if text, ok := parameters["q"]; ok {
			q, _ = strconv.ParseFloat(text, 64) // what is no number is 0
		}
		liked[mediaType] = max(liked[mediaType], q)
	}
	best := "text"
	most := 0.0
	for _, f := range formats {
		if q := liked[f.mediaType]; q > most {
			best, most = f.name, q
		}
	}
	return best
}
