package rivervars_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	"github.com/riverqueue/river/rivertype"

	"github.com/gocontextvars/contextvars/contrib/rivervars"
	"github.com/gocontextvars/contextvars/wire"
)

// otherProcess is the variable of the environment with the database that a process is to work a job of, and
// withHelp that which says that it has our help.
const (
	otherProcess = "RIVERVARS_WORK"
	withHelp     = "RIVERVARS_HELP"
)

// work is a process: it works one job, and prints what that sees.
func work(path string) {
	db, err := openSQLite(path)
	if err != nil {
		log.Fatal(err)
	}
	saw, workers := make(chan string, 1), river.NewWorkers()
	river.AddWorker(workers, river.Worker[task](&taskWorker{work: looks(saw)}))
	var plugins []rivertype.Plugin
	if os.Getenv(withHelp) != "" {
		plugins = append(plugins, rivervars.New(wire.Trusted()))
	}
	client, err := river.NewClient(riversqlite.New(db), &river.Config{
		Plugins: plugins,
		Queues:  map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: 1}},
		Workers: workers,
		Logger:  quiet,
	})
	if err != nil {
		log.Fatal(err)
	}
	if err := rivervars.Start(context.Background(), client); err != nil {
		log.Fatal(err)
	}
	fmt.Println(<-saw)
	if err := client.Stop(context.Background()); err != nil {
		log.Fatal(err)
	}
}

// inOtherProcess has another process work the one job that is in the database, and returns what that sees.
func inOtherProcess(t testing.TB, path string, help bool) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	command := exec.CommandContext(ctx, os.Args[0], "-test.run=^$")
	command.Env = append(os.Environ(), otherProcess+"="+path)
	if help {
		command.Env = append(command.Env, withHelp+"=yes")
	}
	command.Stderr = os.Stderr
	out, err := command.Output()
	check(t, err)
	return strings.TrimSpace(string(out))
}

func TestAnotherProcessSeesTheValuesOfTheInsert(t *testing.T) {
	path := filepath.Join(t.TempDir(), "river.db")
	client := newClient(t, sqliteAt(t, path), rivervars.New(wire.Trusted()), &taskWorker{})
	insert(t, client, "the inserter's, ü, 100 %", nil)
	want(t, "the other process", inOtherProcess(t, path, true), "the inserter's, ü, 100 %")
}
