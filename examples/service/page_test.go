package main

import (
	"io"
	"net"
	"os"
	"testing"
)

func TestDebugSaysWhoCanReadIt(t *testing.T) {
	for address, want := range map[string]string{
		"127.0.0.1:0": "",
		":0":          "service: -debug :0: everybody who reaches this machine can read the values of the variables; give 127.0.0.1 as the host\n",
	} {
		cmd, _, stderr, _ := started(t, `^service: variables at `+serverURL+`/debug/contextvars\n$`, "-debug", address)
		if err := cmd.Process.Signal(os.Interrupt); err != nil {
			t.Fatal(err)
		}
		said, err := io.ReadAll(stderr)
		if err != nil {
			t.Fatal(err)
		}
		if got := exitStatus(t, cmd.Wait()); got != exitOK {
			t.Errorf("%s: exit status %d", address, got)
		}
		if string(said) != want {
			t.Errorf("%s: it says %q", address, said)
		}
	}
}

func TestExposed(t *testing.T) {
	for ip, want := range map[string]bool{"127.0.0.1": false, "127.1.2.3": false, "::1": false, "::": true, "0.0.0.0": true, "192.0.2.7": true, "2001:db8::1": true} {
		if got := exposed(&net.TCPAddr{IP: net.ParseIP(ip)}); got != want {
			t.Errorf("%s: %v", ip, got)
		}
	}
}
