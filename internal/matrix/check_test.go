package matrix

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// page is a repository of the test's own, with the folders that sections are named for.
func page(t *testing.T, folders ...string) (root string) {
	t.Helper()
	root = t.TempDir()
	for _, f := range append(folders, "docs", "pool") {
		if err := os.MkdirAll(filepath.Join(root, f), 0o777); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

func write(t *testing.T, root, section string, rows ...Row) {
	t.Helper()
	if err := check(root, section, rows, true, versionOne); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, root string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, "docs", "matrix.md"))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestCheckAcceptsWhatWasWritten(t *testing.T) {
	root := page(t)
	write(t, root, "pool", row)
	if err := check(root, "pool", []Row{row}, false, versionOne); err != nil {
		t.Error(err)
	}
}

func TestCheckAcceptsThatTheRepositoryHasOtherLineEnds(t *testing.T) {
	root := page(t)
	write(t, root, "pool", row)
	text := strings.ReplaceAll(read(t, root), "\n", "\r\n")
	if err := os.WriteFile(filepath.Join(root, "docs", "matrix.md"), []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	if err := check(root, "pool", []Row{row}, false, versionOne); err != nil {
		t.Error(err)
	}
}

func TestCheckRefusesAnotherValue(t *testing.T) {
	root := page(t)
	write(t, root, "pool", row)
	changed := row
	changed.With = "nothing"
	err := check(root, "pool", []Row{changed}, false, versionOne)
	wantError(t, err, `section "pool"`, "in the folder pool: UPDATE_MATRIX=1 go test",
		"page: | a pool | example.com/pool v1.0.0 | the first submitter's | the submitter's |",
		"seen: | a pool | example.com/pool v1.0.0 | the first submitter's | nothing |")
}

func TestCheckRefusesAnotherVersion(t *testing.T) {
	root := page(t)
	write(t, root, "pool", row)
	err := check(root, "pool", []Row{row}, false, func(string) (string, error) { return "v1.0.1", nil })
	wantError(t, err, "page: ", "v1.0.0", "seen: ", "v1.0.1", "UPDATE_MATRIX=1")
}

func TestCheckRefusesAnotherOrder(t *testing.T) {
	root := page(t)
	second := row
	second.Where = "a timer"
	write(t, root, "pool", row, second)
	err := check(root, "pool", []Row{second, row}, false, versionOne)
	wantError(t, err, "another order", "UPDATE_MATRIX=1")
}

func TestCheckRefusesAMissingSection(t *testing.T) {
	root := page(t, "contrib/timer")
	missing := func() {
		t.Helper()
		err := check(root, "contrib/timer: more", []Row{row}, false, versionOne)
		wantError(t, err, "no section", "in the folder contrib/timer: UPDATE_MATRIX=1 go test")
	}
	missing() // there is no page at all
	write(t, root, "pool", row)
	missing()
}

func TestCheckRefusesASectionWithoutFolder(t *testing.T) {
	for _, section := range []string{"", "gone", "pool ", "pool\nmore", "pool: \n## more"} {
		wantError(t, check(page(t), section, []Row{row}, true, versionOne), "section")
	}
}

func TestWritingKeepsAndSortsTheOthers(t *testing.T) {
	root := page(t, "a", "z")
	for _, section := range []string{"z", "pool", "a"} {
		write(t, root, section, row)
	}
	before := read(t, root)
	var names []string
	for line := range strings.Lines(before) {
		if name, ok := strings.CutPrefix(line, "## "); ok {
			names = append(names, strings.TrimSpace(name))
		}
	}
	if fmt.Sprint(names) != "[a pool z]" {
		t.Errorf("the sections are %q", names)
	}
	changed := row
	changed.With = "nothing"
	write(t, root, "pool", changed)
	after := read(t, root)
	a, rest, _ := strings.Cut(before, "## pool")
	_, z, _ := strings.Cut(rest, "## z")
	if !strings.HasPrefix(after, a) || !strings.HasSuffix(after, z) || after == before {
		t.Errorf("got\n%s\nafter\n%s", after, before)
	}
}

func TestWritingMakesTheIntroductionAnew(t *testing.T) {
	root := page(t)
	if err := os.WriteFile(filepath.Join(root, "docs", "matrix.md"), []byte("# old\n\n## a\n\nx\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	write(t, root, "pool", row)
	if got := read(t, root); !strings.HasPrefix(got, introduction+"\n## a\n\nx\n\n## pool\n\n"+head) {
		t.Errorf("got\n%s", got)
	}
}

// Tests of several packages write at the same time.
func TestWritingLosesNoSection(t *testing.T) {
	const sections = 20
	root := page(t)
	var all sync.WaitGroup
	for i := range sections {
		all.Go(func() { write(t, root, fmt.Sprintf("pool: %02d", i), row) })
	}
	all.Wait()
	if got := strings.Count(read(t, root), "## pool"); got != sections {
		t.Errorf("%d sections are left of %d", got, sections)
	}
}

func TestWritingSaysWhatIsInTheWay(t *testing.T) {
	root := page(t)
	write(t, root, "pool", row)
	before := read(t, root)
	lock := filepath.Join(root, "docs", "matrix.md.new")
	if err := os.WriteFile(lock, nil, 0o666); err != nil {
		t.Fatal(err)
	}
	old := patience
	patience = 0
	defer func() { patience = old }()
	wantError(t, check(root, "pool: more", []Row{row}, true, versionOne), "matrix.md.new", "remove it")
	if got := read(t, root); got != before {
		t.Errorf("the page is now\n%s", got)
	}
}

func TestWritingFailsWithoutTraces(t *testing.T) {
	root := page(t, "docs/matrix.md") // a folder is in the place of the page
	if err := check(root, "pool", []Row{row}, true, versionOne); err == nil {
		t.Error("there is no error")
	}
	if _, err := os.Stat(filepath.Join(root, "docs", "matrix.md.new")); err == nil {
		t.Error("the new file is left")
	}
}

func TestRepositoryIsFoundFromFoldersBelow(t *testing.T) {
	root := page(t, "contrib/pool/deep")
	for folder, module := range map[string]string{"": rootPath, "contrib/pool": rootPath + "/contrib/pool"} {
		text := "module " + module + "\n\ngo 1.26.0\n"
		if err := os.WriteFile(filepath.Join(root, folder, "go.mod"), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	got, ok := repository(filepath.Join(root, "contrib", "pool", "deep"))
	if !ok || got != root {
		t.Errorf("got %q, %t, want %q", got, ok, root)
	}
}

// recorder is a testing.TB that keeps what is reported.
type recorder struct {
	testing.TB
	logs, errors []string
}

func (r *recorder) Helper()                      {}
func (r *recorder) Logf(format string, a ...any) { r.logs = append(r.logs, fmt.Sprintf(format, a...)) }
func (r *recorder) Errorf(format string, a ...any) {
	r.errors = append(r.errors, fmt.Sprintf(format, a...))
}

func TestCheckDoesNothingElsewhere(t *testing.T) {
	t.Chdir(t.TempDir())
	r := &recorder{TB: t}
	Check(r, "pool", row)
	if len(r.errors) != 0 || len(r.logs) != 1 || !strings.HasPrefix(r.logs[0], "matrix: ") {
		t.Errorf("reported %q, logged %q", r.errors, r.logs)
	}
}

func TestCheckLooksAtThisRepository(t *testing.T) {
	if os.Getenv(update) != "" {
		t.Skip("it would write into the page")
	}
	r := &recorder{TB: t}
	std := row
	std.Module = "std"
	Check(r, "internal/matrix: not there", std)
	if len(r.errors) != 1 || !strings.HasPrefix(r.errors[0], "matrix: docs/matrix.md has no section") {
		t.Errorf("reported %q, logged %q", r.errors, r.logs)
	}
}

// The page as it stands is what was written, and no section is left of a test that is gone.
func TestPage(t *testing.T) {
	root, ok := repository(mustGetwd(t))
	if !ok {
		t.Skip("this is not the repository")
	}
	text := strings.ReplaceAll(read(t, root), "\r\n", "\n")
	sections := parse(text)
	if text != sections.String() {
		t.Errorf("docs/matrix.md was changed by hand; it should begin so, and have its sections sorted:\n%s", introduction)
	}
	for name := range sections {
		folder, _, _ := strings.Cut(name, ":")
		files, err := filepath.Glob(filepath.Join(root, filepath.FromSlash(folder), "*_test.go"))
		if err != nil {
			t.Fatal(err)
		}
		made := false
		for _, file := range files {
			source, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			made = made || strings.Contains(string(source), `"`+name+`"`)
		}
		if !made {
			t.Errorf("no test in the folder %s makes the section %q; remove the section", folder, name)
		}
	}
}

func mustGetwd(t *testing.T) string {
	t.Helper()
	wd, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	return wd
}
