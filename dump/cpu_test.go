package dump_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"runtime/pprof"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

var sink atomic.Int64

//go:noinline
func busyForAcme(stop *atomic.Bool) { spin(stop) }

//go:noinline
func busyForGlobex(stop *atomic.Bool) { spin(stop) }

func spin(stop *atomic.Bool) {
	for n := int64(0); !stop.Load(); n++ {
		sink.Store(n)
	}
}

// A CPU profile tells the time that was used for a value: go tool pprof -tagfocus=tenant=acme.
func TestTagFocus(t *testing.T) {
	goTool, err := exec.LookPath("go")
	if err != nil || runtime.GOARCH == "wasm" {
		t.Skip("there is no go tool")
	}
	if out, err := exec.Command(goTool, "tool", "-n", "pprof").CombinedOutput(); err != nil {
		t.Skipf("there is no go tool pprof: %s", out)
	}
	for length := 200 * time.Millisecond; ; length *= 2 { // until both have been sampled, on a machine with more to do
		var profile bytes.Buffer
		if err := pprof.StartCPUProfile(&profile); err != nil {
			t.Skip("no CPU profile: ", err)
		}
		var stop atomic.Bool
		done := make(chan bool)
		go func() { tenant.Set("acme"); busyForAcme(&stop); done <- true }()
		go func() { // inherits it
			tenant.Set("globex \"of\"\nlines")
			go func() { busyForGlobex(&stop); done <- true }()
		}()
		time.Sleep(length)
		stop.Store(true)
		<-done
		<-done
		pprof.StopCPUProfile()
		file := filepath.Join(t.TempDir(), "cpu.pprof")
		if err := os.WriteFile(file, profile.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
		top := func(args ...string) string {
			args = append(append([]string{"tool", "pprof", "-top", "-nodefraction=0", "-symbolize=none"}, args...), file)
			cmd := exec.Command(goTool, args...)
			var failure strings.Builder
			cmd.Stderr = &failure
			out, err := cmd.Output()
			if err != nil {
				t.Fatal(err, failure.String())
			}
			return string(out)
		}
		all := top()
		if !strings.Contains(all, "busyForAcme") || !strings.Contains(all, "busyForGlobex") {
			if length > 5*time.Second {
				t.Skipf("the profile has no samples of one of them:\n%s", all)
			}
			continue
		}
		acme, globex := top("-tagfocus=tenant=^acme$"), top("-tagfocus=tenant=globex.*lines", "-tagignore=tenant=acme")
		if !strings.Contains(acme, "busyForAcme") || strings.Contains(acme, "busyForGlobex") {
			t.Errorf("tenant acme:\n%s", acme)
		}
		if strings.Contains(globex, "busyForAcme") {
			t.Errorf("tenant globex:\n%s", globex)
		}
		return
	}
}
