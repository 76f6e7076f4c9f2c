package scenario

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	enumspb "go.temporal.io/api/enums/v1"
	historypb "go.temporal.io/api/history/v1"
	"go.temporal.io/sdk/client"
	"google.golang.org/protobuf/encoding/protojson"
)

// record writes a workflow's history to a file of the folder that RECORD_HISTORIES names, if any.
func record(t testing.TB, c client.Client, run client.WorkflowRun, file string) {
	t.Helper()
	folder := os.Getenv("RECORD_HISTORIES")
	if folder == "" {
		return
	}
	var history historypb.History
	events := c.GetWorkflowHistory(t.Context(), run.GetID(), run.GetRunID(), false, enumspb.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	for events.HasNext() {
		event, err := events.Next()
		if err != nil {
			t.Fatal(err)
		}
		history.Events = append(history.Events, event)
	}
	text, err := protojson.Marshal(&history)
	if err != nil {
		t.Fatal(err)
	}
	host, err := os.Hostname() // is in the names of sticky queues, and nobody's business
	if err != nil {
		t.Fatal(err)
	}
	var indented bytes.Buffer
	if err := json.Indent(&indented, bytes.ReplaceAll(text, []byte(`"`+host+":"), []byte(`"host:`)), "", " "); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, file), append(indented.Bytes(), '\n'), 0o666); err != nil {
		t.Fatal(err)
	}
}
