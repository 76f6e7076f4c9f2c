package rivervars

import (
	"bytes"
	"encoding/json"

	"github.com/riverqueue/river/rivertype"

	"github.com/gocontextvars/contextvars/wire"
)

// inserted is a job that is about to be inserted as a carrier.
type inserted rivertype.JobInsertParams

func (j *inserted) Values(key string) []string { return texts(j.Metadata, key) }

func (j *inserted) Set(key, value string) { j.Metadata = with(j.Metadata, key, value) }

// row is a job that was inserted as a carrier. It is only read.
type row rivertype.JobRow

func (j *row) Values(key string) []string {
	if !bytes.Contains(j.Metadata, []byte(`"`+key+`"`)) { // a job's output may be large, and is not to be read in vain
		return nil
	}
	return texts(j.Metadata, key)
}

func (*row) Set(string, string) {}

var _, _ wire.Carrier = (*inserted)(nil), (*row)(nil)

// texts returns the text under the key of a job's metadata. Where a key stands twice the last one counts, as
// it does for Postgres.
func texts(metadata []byte, key string) []string {
	if isEmpty(metadata) {
		return nil
	}
	var members map[string]json.RawMessage
	if json.Unmarshal(metadata, &members) != nil {
		return nil
	}
	var text string
	if json.Unmarshal(members[key], &text) != nil || text == "" {
		return nil
	}
	return []string{text}
}

// with returns metadata with the text under the key, none if it is empty. The slice itself is left alone: it is the
// one in the InsertOpts, which may be used for many jobs.
func with(metadata []byte, key, text string) []byte {
	members := map[string]json.RawMessage{}
	if !isEmpty(metadata) && json.Unmarshal(metadata, &members) != nil || members == nil {
		return metadata // no object: the database's to judge
	}
	if delete(members, key); text != "" {
		members[key], _ = json.Marshal(text) // a string always is JSON
	}
	changed, err := json.Marshal(members)
	if err != nil {
		return metadata
	}
	return changed
}

// isEmpty reports whether metadata is what River makes of none.
func isEmpty(metadata []byte) bool { return len(metadata) == 0 || string(metadata) == "{}" }
