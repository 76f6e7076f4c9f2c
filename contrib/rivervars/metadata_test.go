package rivervars_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/contrib/rivervars"
	"github.com/gocontextvars/contextvars/wire"
)

// member returns what is under the key of a job's metadata.
func member(t testing.TB, metadata []byte, key string) any {
	t.Helper()
	var members map[string]any
	check(t, json.Unmarshal(metadata, &members))
	return members[key]
}

func TestMetadataOfOnesOwnStays(t *testing.T) {
	both(t, func(t *testing.T) { ownMetadata(t, sqlite(t)) }, func(t *testing.T) { ownMetadata(t, postgres(t)) })
}

func ownMetadata[TTx any](t *testing.T, d database[TTx]) {
	saw := make(chan string, 1)
	client := newClient(t, d, rivervars.New(wire.Trusted()), &taskWorker{work: func(ctx context.Context, job *river.Job[task]) error {
		check(t, river.MetadataSet(ctx, "mine", "new"))
		check(t, river.RecordOutput(ctx, "done"))
		saw <- sees()
		return nil
	}})
	started(t, client)
	opts := &river.InsertOpts{Metadata: []byte(`{"mine":{"a<b":[1.50,"é"]},"other":12345678901234567890}`)}
	before := string(opts.Metadata)
	events, cancel := client.Subscribe(river.EventKindJobCompleted)
	defer cancel()
	inserted := insert(t, client, "acme", opts)
	want(t, "the job sees", take(t, saw), "acme")
	want(t, "the caller's own options", string(opts.Metadata), before)
	var mine struct {
		Mine  map[string][]any
		Other json.Number
	}
	check(t, json.Unmarshal(inserted.Job.Metadata, &mine))
	want(t, "the number", mine.Other, "12345678901234567890")
	want(t, "the rest", fmt.Sprint(mine.Mine), "map[a<b:[1.5 é]]")

	take(t, events)
	done := row(t, client, inserted.Job.ID)
	want(t, "metadata that the job has set", member(t, done.Metadata, "mine"), any("new"))
	want(t, "output", string(done.Output()), `"done"`)
	want(t, "baggage", member(t, done.Metadata, "baggage"), any("who=acme"))
}

func TestOptionsThatAreSharedAreLeftAlone(t *testing.T) {
	client := newClient(t, sqlite(t), rivervars.New(wire.Trusted()), &taskWorker{})
	opts := &river.InsertOpts{Metadata: make([]byte, 0, 1024)}
	opts.Metadata = append(opts.Metadata, `{"mine":1}`...)
	for _, as := range []string{"a", "b"} {
		var many []*rivertype.JobInsertResult
		who.With(as, func() {
			var err error
			many, err = client.InsertMany(t.Context(), []river.InsertManyParams{{Args: task{N: 1}, InsertOpts: opts}, {Args: task{N: 2}, InsertOpts: opts}})
			check(t, err)
		})
		for _, r := range many {
			want(t, "baggage", member(t, r.Job.Metadata, "baggage"), any("who="+as))
		}
	}
	want(t, "the options", string(opts.Metadata), `{"mine":1}`)
}

func TestBaggageOfOthersStays(t *testing.T) {
	client := newClient(t, sqlite(t), rivervars.New(wire.Trusted()), &taskWorker{})
	r := insert(t, client, "acme", &river.InsertOpts{Metadata: []byte(`{"baggage":"foreign=1"}`)})
	want(t, "baggage", member(t, r.Job.Metadata, "baggage"), any("foreign=1,who=acme"))
}

// Metadata that was copied from anywhere does not bring values of variables along.
func TestValuesInMetadataOfOnesOwnDoNotCount(t *testing.T) {
	both(t, func(t *testing.T) { ownValues(t, sqlite(t)) }, func(t *testing.T) { ownValues(t, postgres(t)) })
}

func ownValues[TTx any](t *testing.T, d database[TTx]) {
	for _, test := range []struct{ name, metadata string }{
		{"plain", `{"baggage":"who=evil"}`},
		{"twice, the first", `{"baggage":"who=evil","baggage":"foreign=1"}`},
		{"twice, the last", `{"baggage":"foreign=1","baggage":"who=evil"}`},
		{"in disguise", `{"bagg\u0061ge":"who=evil"}`},
		{"twice, in disguise", `{"baggage":"who=evil","bagg\u0061ge":"foreign=1"}`},
	} {
		t.Run(test.name, func(t *testing.T) {
			client := newClient(t, d, rivervars.New(wire.Trusted()), &taskWorker{})
			for _, set := range []func(func()){contextvars.Detach, func(f func()) { who.With("acme", f) }} {
				set(func() {
					saw := sees()
					r, err := client.Insert(t.Context(), task{}, &river.InsertOpts{Metadata: []byte(test.metadata)})
					check(t, err)
					rivervars.New(wire.Trusted()).Context(row(t, client, r.Job.ID)).Run(func() { want(t, "the job sees", sees(), saw) })
				})
			}
		})
	}
}

// River's SQLite driver takes objects alone; Postgres does not care.
func TestMetadataThatIsNoObjectIsLeftAlone(t *testing.T) {
	p := rivervars.New(wire.Trusted())
	for _, metadata := range []string{`[1]`, `"baggage"`, `null`, `7`, `{"baggage":`} {
		job := &rivertype.JobInsertParams{Metadata: []byte(metadata)}
		defer who.Set("acme").Restore()
		_, err := p.InsertMany(t.Context(), []*rivertype.JobInsertParams{job}, func(context.Context) ([]*rivertype.JobInsertResult, error) { return nil, nil })
		check(t, err)
		want(t, "the metadata", string(job.Metadata), metadata)
	}
}

// hostile is what somebody may have written into the table.
func hostile() map[string]string {
	return map[string]string{
		"no object":        `[1,2,3]`,
		"null":             `null`,
		"a text":           `"baggage"`,
		"another type":     `{"baggage":{"who":"evil"}}`,
		"a number":         `{"baggage":7}`,
		"an array":         `{"baggage":["who=evil"]}`,
		"malformed":        `{"baggage":"who=%zz,=,;;;,\u0001\u0002"}`,
		"control":          `{"baggage":"who=a\u0001b"}`,
		"too long":         `{"baggage":"who=` + strings.Repeat("x", 1<<20) + `"}`,
		"too many":         `{"baggage":"` + strings.Repeat("who=x,", 5000) + `"}`,
		"not UTF-8":        `{"baggage":"who=%ff%fe"}`,
		"not allowed":      `{"baggage":"hop=evil"}`,
		"deep":             `{"baggage":` + strings.Repeat("[", 500) + strings.Repeat("]", 500) + `}`,
		"a reply":          `{"baggage-reply":"cost=evil"}`,
		"a lone surrogate": `{"baggage":"who=\ud800"}`, // not for Postgres
	}
}

func TestHostileMetadataFailsNoJob(t *testing.T) {
	both(t, func(t *testing.T) {
		hostileMetadata(t, sqlite(t), hostile())
	}, func(t *testing.T) {
		all := hostile()
		delete(all, "a lone surrogate")
		hostileMetadata(t, postgres(t), all)
	})
}

func hostileMetadata[TTx any](t *testing.T, d database[TTx], all map[string]string) {
	type seen struct{ name, who, hop string }
	saw := make(chan seen, len(all))
	peer := wire.NewPeer("jobs", wire.Send(who), wire.Accept(who), wire.ReportTo(func(wire.Report) {}))
	client := newClient(t, d, rivervars.New(peer), &taskWorker{work: func(_ context.Context, job *river.Job[task]) error {
		saw <- seen{job.Args.Want, sees(), hop.GetOr("nothing")}
		return nil
	}})
	events, cancel := client.Subscribe(river.EventKindJobCompleted, river.EventKindJobFailed)
	defer cancel()
	for name, metadata := range all {
		r, err := client.Insert(t.Context(), task{Want: name}, nil)
		check(t, err)
		text := "'" + strings.ReplaceAll(metadata, "'", "''") + "'"
		check(t, d.exec(t.Context(), fmt.Sprintf("UPDATE river_job SET metadata = %s WHERE id = %d", text, r.Job.ID)))
	}
	started(t, client)
	for range all {
		got := take(t, saw)
		want(t, "a job sees", got, seen{got.name, "nothing", "nothing"})
		event := take(t, events)
		want(t, "its event", event.Kind, river.EventKindJobCompleted)
		rivervars.New(peer).ExtractReply(event.Job)
		want(t, "the reply", cost.GetOr("nothing"), "nothing")
	}
}

// River itself fails a job whose metadata is not JSON. Others may have such a row.
func TestARowWithoutJSONHasNothing(t *testing.T) {
	for _, metadata := range []string{"", `{"baggage":"who=evil"`, "\"baggage\"\x00", `"baggage":"who=evil"`} {
		rivervars.New(wire.Trusted()).Context(&rivertype.JobRow{Metadata: []byte(metadata)}).Run(func() {
			want(t, metadata, sees(), "nothing")
		})
	}
}
