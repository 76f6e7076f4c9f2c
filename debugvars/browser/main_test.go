package browser

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

var (
	page    string          // the address of the page of the service, which runs
	browser context.Context // has the browser, or is nil
)

func TestMain(m *testing.M) { os.Exit(runAll(m)) }

func runAll(m *testing.M) (code int) {
	stop, err := start()
	defer func() {
		if err := stop(); err != nil {
			fmt.Fprintln(os.Stderr, "debugvars/browser:", err)
			code = 1
		}
	}()
	if err != nil {
		fmt.Fprintln(os.Stderr, "debugvars/browser:", err)
		return 1
	}
	return m.Run()
}

// start starts the service and the browser. If there is no browser and there need not be one, it starts neither.
func start() (stop func() error, err error) {
	stop = func() error { return nil }
	path, err := findBrowser()
	if err != nil {
		if os.Getenv("CI") != "" {
			return stop, fmt.Errorf("%w; with CI set there has to be one", err)
		}
		return stop, nil
	}
	dir, err := os.MkdirTemp("", "debugvars-browser")
	if err != nil {
		return stop, err
	}
	stop = func() error { return os.RemoveAll(dir) }
	stopService, err := startService(dir)
	if err != nil {
		return stop, err
	}

	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.WindowSize(1280, 800))
	if os.Geteuid() == 0 {
		options = append(options, chromedp.NoSandbox) // which Chromium does not have for root
	}
	allocator, end := chromedp.NewExecAllocator(context.Background(), options...)
	browser, _ = chromedp.NewContext(allocator) // Cancel closes it
	stop = func() error {
		closed := chromedp.Cancel(browser)
		end()
		return errors.Join(closed, stopService(), os.RemoveAll(dir))
	}
	if err := chromedp.Do(browser); err != nil {
		return stop, fmt.Errorf("%s cannot be started: %w", path, err)
	}
	return stop, nil
}

func findBrowser() (path string, err error) {
	if path := os.Getenv("CHROME"); path != "" {
		return exec.LookPath(path)
	}
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err = exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", fmt.Errorf("no browser: install chromium, or have CHROME name one (%w)", err)
}

// startService builds the service example in dir, and runs it until stop, which reports whether all its values were right.
func startService(dir string) (stop func() error, err error) {
	service := filepath.Join(dir, "service")
	build := exec.Command("go", "build", "-o", service, "./examples/service")
	build.Dir = "../.."
	build.Env = append(os.Environ(), "GOWORK=off")
	if out, err := build.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("cannot build the service: %w\n%s", err, out)
	}
	command := exec.Command(service, "-serve", "127.0.0.1:0", "-debug", "127.0.0.1:0")
	stderr, err := command.StderrPipe()
	if err != nil {
		return nil, err
	}
	if err := command.Start(); err != nil {
		return nil, err
	}
	lines := bufio.NewReader(stderr)
	for page == "" && err == nil {
		var line string
		line, err = lines.ReadString('\n')
		_, page, _ = strings.Cut(strings.TrimSpace(line), "variables at ")
	}
	read := make(chan struct{})
	go func() { // its log
		defer close(read)
		_, _ = io.Copy(io.Discard, lines)
	}()
	stop = func() error {
		_ = command.Process.Signal(syscall.SIGTERM) // Wait tells if that has not worked
		late := time.AfterFunc(30*time.Second, func() { _ = command.Process.Kill() })
		defer late.Stop()
		<-read
		if err := command.Wait(); err != nil {
			return fmt.Errorf("the service: %w", err)
		}
		return nil
	}
	if err != nil {
		return stop, errors.Join(fmt.Errorf("the service does not say where its page is: %w", err), stop())
	}
	return stop, nil
}
