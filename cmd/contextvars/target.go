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
	url    url.URL  // without a query
	given  *url.URL // with the path as the user has it, if the page may be there as well
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
	values, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return nil, fmt.Errorf("the URL's query cannot be read: %w; in a value, %% is written %%25, and ; is %%3B", err)
	}
	query, err := debugvars.ParseQuery(values)
	if err != nil {
		return nil, fmt.Errorf("the URL asks for what there is not: %w", err)
	}
	host := url.URL{Scheme: u.Scheme, User: u.User, Host: u.Host}
	path := strings.TrimRight(u.EscapedPath(), "/")
	if strings.HasSuffix(path, debugvars.Path) {
		return &target{url: *host.JoinPath(path), query: query}, nil
	}
	t := &target{url: *host.JoinPath(path + debugvars.Path), query: query}
	if path != "" {
		t.given = host.JoinPath(u.EscapedPath())
	}
	return t, nil
}

// asGiven returns the page at the path that the user has given, where debugvars.Handler may be served.
func (t *target) asGiven() *target { return &target{url: *t.given, query: t.query} }

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
