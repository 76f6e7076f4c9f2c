package main

import (
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/gocontextvars/contextvars/debugvars"
)

// A target is the page of a program, as the user names it.
type target struct {
	url    url.URL // without a query
	query  debugvars.Query
	socket string // the path of a unix socket, if it is not the network
}

// parseTarget takes HOST:PORT, a URL of the host, of a path that the page is below or of the page itself, and
// unix:PATH. Filters in the page's URL hold, too, so that one can be copied from a browser.
func parseTarget(s string) (*target, error) {
	if path, ok := strings.CutPrefix(s, "unix:"); ok {
		if path = strings.TrimPrefix(path, "//"); path == "" {
			return nil, errors.New("unix: needs the path of a socket, as in unix:/run/shop.sock")
		}
		return &target{url: url.URL{Scheme: "http", Host: "unix", Path: debugvars.Path}, socket: path}, nil
	}
	if strings.HasPrefix(s, ":") {
		s = "localhost" + s
	}
	if !strings.Contains(s, "://") {
		s = "http://" + s
	}
	u, err := url.Parse(s)
	if err != nil {
		var reason *url.Error
		if errors.As(err, &reason) {
			err = reason.Err // without the URL, which may have a password in it
		}
		return nil, fmt.Errorf("the URL cannot be read: %w", err)
	}
	if u.Scheme != "http" && u.Scheme != "https" {
		return nil, fmt.Errorf("the URL begins with %q: it has to be http, https or unix, or HOST:PORT alone", u.Scheme+":")
	}
	if u.Hostname() == "" {
		return nil, errors.New("the URL names no host: give HOST:PORT")
	}
	query, err := debugvars.ParseQuery(u.Query())
	if err != nil {
		return nil, fmt.Errorf("the URL asks for what there is not: %w", err)
	}
	path := strings.TrimRight(u.EscapedPath(), "/")
	if !strings.HasSuffix(path, debugvars.Path) {
		path += debugvars.Path
	}
	page := url.URL{Scheme: u.Scheme, User: u.User, Host: u.Host}
	return &target{url: *page.JoinPath(path), query: query}, nil
}

// json returns the address of the snapshot that the query asks for.
func (t *target) json(query debugvars.Query) string {
	values := query.Values()
	values.Set("format", "json")
	u := t.url
	u.RawQuery = values.Encode()
	return u.String()
}

// String is for people: there is no password in it.
func (t *target) String() string {
	if t.socket != "" {
		return "unix:" + t.socket
	}
	return t.url.Redacted()
}
