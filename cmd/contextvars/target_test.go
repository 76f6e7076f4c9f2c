package main

import (
	"strings"
	"testing"
)

func TestTarget(t *testing.T) {
	for _, tt := range []struct{ given, want string }{
		{"localhost:6060", "http://localhost:6060/debug/contextvars?format=json"},
		{":6060", "http://localhost:6060/debug/contextvars?format=json"},
		{"shop", "http://shop/debug/contextvars?format=json"},
		{"[::1]:6060", "http://[::1]:6060/debug/contextvars?format=json"},
		{"http://localhost:6060", "http://localhost:6060/debug/contextvars?format=json"},
		{"http://localhost:6060/", "http://localhost:6060/debug/contextvars?format=json"},
		{"https://shop.example.com/internal", "https://shop.example.com/internal/debug/contextvars?format=json"},
		{"localhost:6060/debug/contextvars", "http://localhost:6060/debug/contextvars?format=json"},
		{"localhost:6060/debug/contextvars/", "http://localhost:6060/debug/contextvars?format=json"},
		{"localhost:6060/a%2Fb/debug/contextvars", "http://localhost:6060/a%2Fb/debug/contextvars?format=json"},
		{"http://:6060/", ""},
		{
			"http://localhost:6060/debug/contextvars?view=tree&var=tenant%3Dacme&unknown=1#top",
			"http://localhost:6060/debug/contextvars?format=json&var=tenant%3Dacme&view=tree",
		},
		{"http://ops:s3cret@shop/", "http://ops:s3cret@shop/debug/contextvars?format=json"},
		{"unix:/run/shop.sock", "http://unix/debug/contextvars?format=json"},
		{"unix:///run/shop.sock", "http://unix/debug/contextvars?format=json"},
		{"unix:", ""},
		{"", ""},
		{"ftp://localhost", ""},
		{"http://", ""},
		{"http://local host", ""},
		{"http://localhost:port", ""},
		{"localhost:6060/debug/contextvars?view=sideways", ""},
		{"localhost:6060/debug/contextvars?limit=many", ""},
		{"localhost:6060/?q=%zz", ""},
		{"localhost:6060/?var=a;b", ""},
	} {
		page, err := parseTarget(tt.given)
		if tt.want == "" {
			if err == nil {
				t.Errorf("%q is taken, for %v", tt.given, page)
			}
			continue
		}
		if err != nil {
			t.Errorf("%q: %v", tt.given, err)
			continue
		}
		if got := page.json(page.query); got != tt.want {
			t.Errorf("%q is %q and not %q", tt.given, got, tt.want)
		}
	}
}

// The page may be at the path as it is, where there is one that is not the page's own.
func TestTargetAsGiven(t *testing.T) {
	for given, want := range map[string]string{
		"http://ops:s3cret@shop/vars?var=a":  "http://ops:s3cret@shop/vars?format=json&var=a",
		"shop/a%2Fb/":                        "http://shop/a%2Fb/?format=json",
		"shop":                               "",
		"shop/":                              "",
		"shop//":                             "",
		"shop/debug/contextvars":             "",
		"shop/internal/debug/contextvars/":   "",
		"unix:/run/shop.sock":                "",
		"https://shop/debug/contextvars?q=a": "",
	} {
		page, err := parseTarget(given)
		if err != nil {
			t.Errorf("%q: %v", given, err)
			continue
		}
		got := ""
		if page.given != nil {
			page = page.asGiven()
			got = page.json(page.query)
		}
		if got != want {
			t.Errorf("%q as given is %q and not %q", given, got, want)
		}
	}
}

func TestTargetOfSocket(t *testing.T) {
	for _, given := range []string{"unix:/run/shop.sock", "unix:///run/shop.sock"} {
		page, err := parseTarget(given)
		if err != nil {
			t.Fatal(err)
		}
		if page.socket != "/run/shop.sock" || page.String() != "unix:/run/shop.sock" {
			t.Errorf("%q is the socket %q, shown as %v", given, page.socket, page)
		}
	}
}

func TestTargetHidesPasswords(t *testing.T) {
	page, err := parseTarget("http://ops:s3cret@shop/")
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(page.String(), "s3cret") {
		t.Error(page)
	}
	_, err = parseTarget("http://ops:s3cret@shop:port/")
	if err == nil || strings.Contains(err.Error(), "s3cret") {
		t.Error(err)
	}
}
