package main

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// These tests run fleets in this process; workers are processes of their own.

var small = options{requests: 200, clients: 16, workers: 2}

func mustRun(t *testing.T, ctx context.Context, o options) *report {
	t.Helper()
	r, err := o.run(ctx, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestEveryJobIsDoneOnce(t *testing.T) {
	r := mustRun(t, t.Context(), small)
	if r.exitCode() != exitOK || r.Killed == "" || r.Redelivered == 0 || r.Repeated == 0 || r.Once != 200 || r.Duplicates != 20 {
		t.Errorf("exit status %d, %+v", r.exitCode(), r)
	}
	// Two values of each entry of the ledger and each line, and four of each answer.
	if want := r.Once*2 + r.Lines*2 + r.Answered*4; r.Checked != want {
		t.Errorf("%d values checked, should be %d", r.Checked, want)
	}
	// Of each job "working", "priced" and "done", or "held" in its place; and three more if
	// it was delivered again.
	if least := int64(200*3 + 3); r.Lines < least {
		t.Errorf("%d lines, should be at least %d", r.Lines, least)
	}
}

func TestOneJob(t *testing.T) {
	o := small
	o.requests = 1
	if r := mustRun(t, t.Context(), o); r.exitCode() != exitOK || r.Once != 1 || r.Repeated == 0 {
		t.Errorf("exit status %d, %+v", r.exitCode(), r)
	}
}

// The checks are worth something only if they can fail.
func TestMistakesAreFound(t *testing.T) {
	for _, test := range []struct {
		name    string
		mistake mistake
		finding string
	}{
		{"jobs without variables", plainPublisher, `request is "", should be "r-`},
		{"jobs that are not entered", plainConsumer, `request is "", should be "r-`},
		{"results without variables", unsentReply, "cost is 0, should be "},
		{"no httpvars.Handler", withoutHandler, `tenant is "tenant-`},
		{"a front that trusts", trustingFront, `tenant is "tenant-forged", should be ""`},
		{"effects without a guard", unguardedEffect, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel() // most of it is waiting
			o := small
			o.mistake = test.mistake
			r := mustRun(t, t.Context(), o)
			if r.exitCode() != exitWrong {
				t.Errorf("exit status %d, %+v", r.exitCode(), r)
			}
			if found := strings.Join(r.Findings, "\n"); !strings.Contains(found, test.finding) {
				t.Errorf("no finding contains %q: %q", test.finding, r.Findings)
			}
			if (test.finding != "") != (r.Wrong > 0) || (test.mistake == unguardedEffect) != (r.More > 0) || r.Failed > 0 || r.Lost > 0 {
				t.Errorf("got %+v", r)
			}
		})
	}
}

func TestExitCode(t *testing.T) {
	good := report{Killed: "worker-1", Redelivered: 1}
	for name, spoil := range map[string]func(*report){
		"wrong":          func(r *report) { r.Wrong = 1 },
		"failed":         func(r *report) { r.Failed = 1 },
		"twice":          func(r *report) { r.More = 1 },
		"lost":           func(r *report) { r.Lost = 1 },
		"nobody killed":  func(r *report) { r.Killed = "" },
		"none again":     func(r *report) { r.Redelivered = 0 },
		"wrong, stopped": func(r *report) { r.Wrong, r.Stopped = 1, true },
	} {
		r := good
		if spoil(&r); r.exitCode() != exitWrong {
			t.Errorf("%s: exit status %d", name, r.exitCode())
		}
	}
	if good.exitCode() != exitOK {
		t.Errorf("exit status %d", good.exitCode())
	}
}

func TestStoppedBeforeItStarts(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	r := mustRun(t, ctx, small)
	if r.Answered != 0 || r.Wrong != 0 || !r.Stopped || r.exitCode() != exitStopped {
		t.Errorf("got %+v, exit status %d", r, r.exitCode())
	}
	var table strings.Builder
	if err := r.writeTable(&table); err != nil || !strings.Contains(table.String(), "stopped by a signal") {
		t.Errorf("table is %q, %v", table.String(), err)
	}
}

// A worker that ends by itself ends the run.
func TestWorkerThatFails(t *testing.T) {
	o := small
	o.requests = maxRequests
	f := &fleet{options: o, tally: &tally{trap: -1}}
	defer f.stop()
	if err := f.start(t.Context(), io.Discard); err != nil {
		t.Fatal(err)
	}
	if err := f.team.members[1].cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	if err := f.work(t.Context(), io.Discard); err == nil || !strings.HasPrefix(err.Error(), "worker-2 has ended by itself") {
		t.Errorf("got %v", err)
	}
}

func TestWorkerMainRefuses(t *testing.T) {
	for config, message := range map[string]string{
		"":                                      "no worker's configuration",
		`{"name":"w"}`:                          "names no engine",
		`{"nats":{"url":"nats://127.0.0.1:1"}}`: "no servers available",
	} {
		var stderr strings.Builder
		r, w := io.Pipe()
		if code := workerMain(config, r, io.Discard, &stderr); code == exitOK || !strings.Contains(stderr.String(), message) {
			t.Errorf("%q: exit status %d, %q", config, code, stderr.String())
		}
		w.CloseWithError(io.ErrClosedPipe)
	}
}

func TestNATSThatExists(t *testing.T) {
	b, err := startBroker()
	if err != nil {
		t.Fatal(err)
	}
	defer b.stop()
	o := small
	o.nats = b.url
	if r := mustRun(t, t.Context(), o); r.exitCode() != exitOK || r.Once != 200 {
		t.Errorf("exit status %d, %+v", r.exitCode(), r)
	}
	nc, err := nats.Connect(b.url)
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	names := js.StreamNames(t.Context())
	for name := range names.Name() {
		t.Errorf("stream %s is still there", name)
	}
	if err := names.Err(); err != nil {
		t.Error(err)
	}
}

// TestTemporal runs on a server that is there, such as one of "temporal server start-dev".
func TestTemporal(t *testing.T) {
	o := small
	if o.temporal = os.Getenv("TEMPORAL_ADDRESS"); o.temporal == "" {
		t.Skip("no server: set TEMPORAL_ADDRESS to host:port of one, and TEMPORAL_NAMESPACE if it is not \"default\"")
	}
	o.requests = 60
	if r := mustRun(t, t.Context(), o); r.exitCode() != exitOK || r.Engine != "temporal" || r.Once != 60 || r.Duplicates != 6 {
		t.Errorf("exit status %d, %+v", r.exitCode(), r)
	}
}

func TestFrontAnswersBadRequests(t *testing.T) {
	f, err := startFront(refusing{}, -1, noMistake)
	if err != nil {
		t.Fatal(err)
	}
	defer f.stop()
	client := &http.Client{Timeout: time.Minute, Transport: &http.Transport{DisableKeepAlives: true}}
	for _, test := range []struct {
		method, path string
		status       int
	}{
		{"POST", "/jobs/first", http.StatusBadRequest},
		{"GET", "/jobs/1", http.StatusMethodNotAllowed},
		{"POST", "/", http.StatusNotFound},
		{"POST", "/jobs/1", http.StatusBadGateway},
	} {
		req, err := http.NewRequest(test.method, f.url+test.path, nil)
		if err != nil {
			t.Fatal(err)
		}
		res, err := client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if res.StatusCode != test.status {
			t.Errorf("%+v: got %s", test, res.Status)
		}
	}
}

// refusing is an engine that does no job.
type refusing struct{ engine }

func (refusing) do(context.Context, job) error { return context.DeadlineExceeded }

// The server's files are for the front to remove, as long as it is there.
func TestWorkerLeavesTheStoreToTheFront(t *testing.T) {
	t.Cleanup(func() { signal.Reset(os.Interrupt) }) // a worker ignores it
	e, err := startNATS(t.Context(), options{}, &tally{})
	if err != nil {
		t.Fatal(err)
	}
	defer e.close()
	config, err := json.Marshal(e.worker())
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		stdin string
		there bool
	}{{wordToEnd, true}, {"", false}} {
		if got := workerMain(string(config), strings.NewReader(test.stdin), io.Discard, io.Discard); got != exitOK {
			t.Errorf("exit status %d", got)
		}
		if _, err := os.Stat(e.broker.store); (err == nil) != test.there {
			t.Errorf("after %q: %v", test.stdin, err)
		}
	}
}
