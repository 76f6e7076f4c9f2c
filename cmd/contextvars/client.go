package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/gocontextvars/contextvars/debugvars"
)

// maxAnswer is what a program sends with -limit 100000. Read, it may be forty times as much, if somebody means no good.
const maxAnswer = 64 << 20

// A client asks one program.
type client struct {
	target  *target
	http    http.Client
	timeout time.Duration
	most    int64 // bytes of an answer
}

func newClient(t *target, timeout time.Duration) *client {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	if t.socket != "" {
		transport.Proxy = nil
		transport.DialContext = func(ctx context.Context, _, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, "unix", t.socket)
		}
	}
	return &client{target: t, timeout: timeout, most: maxAnswer, http: http.Client{
		Transport: transport,
		// Where it leads may be another host, which has not been asked for.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// fetch returns a snapshot and the JSON that it is from.
func (c *client) fetch(ctx context.Context, query debugvars.Query) (*debugvars.Snapshot, []byte, error) {
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	data, err := c.get(ctx, c.target, query)
	if errors.Is(err, errNoPage) && c.target.given != nil {
		data, err = c.getAsGiven(ctx, query)
	}
	if err != nil {
		if ctx.Err() == context.DeadlineExceeded {
			err = fmt.Errorf("there is no whole answer after %v; -timeout gives it longer", c.timeout)
		}
		return nil, nil, fail(exitUnreachable, "%v: %w", c.target, err)
	}
	s, err := decode(data)
	if err != nil {
		return nil, nil, fail(exitUnreachable, "%v: %w", c.target, err)
	}
	return s, data, nil
}

// getAsGiven asks at the path that the user has given, and from now on only there if that answers.
func (c *client) getAsGiven(ctx context.Context, query debugvars.Query) ([]byte, error) {
	given := c.target.asGiven()
	data, err := c.get(ctx, given, query)
	if err != nil {
		return nil, fmt.Errorf("there is no page (404); %v: %w", given, err)
	}
	c.target = given
	return data, nil
}

func (c *client) get(ctx context.Context, t *target, query debugvars.Query) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, t.json(query), nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Accept", "application/json")
	res, err := c.http.Do(req)
	if err != nil {
		var reason *url.Error
		if errors.As(err, &reason) {
			err = reason.Err // without the URL, which is said anyway
		}
		return nil, err
	}
	defer res.Body.Close()
	body := http.MaxBytesReader(nil, res.Body, c.most)
	if err := understood(res, body); err != nil {
		return nil, err
	}
	data, err := io.ReadAll(body)
	var long *http.MaxBytesError
	switch {
	case errors.As(err, &long):
		return nil, fmt.Errorf("the answer has more than %d MB: ask for less with filters or -limit", long.Limit>>20)
	case err != nil:
		return nil, fmt.Errorf("the answer breaks off: %w", err)
	}
	return data, nil
}

// unregistered is what is most often behind an answer that is not debugvars'.
const unregistered = "is debugvars.Register called on the mux that is served there?"

var errNoPage = errors.New("there is no page (404): " + unregistered)

// understood reports as an error why an answer is not the JSON of debugvars.
func understood(res *http.Response, body io.Reader) error {
	switch code := res.StatusCode; {
	case code == http.StatusOK:
		kind, _, _ := mime.ParseMediaType(res.Header.Get("Content-Type"))
		if kind == "application/json" {
			return nil
		}
		return fmt.Errorf("the answer is %q and not debugvars' JSON: %s", kind, unregistered)
	case code >= 300 && code < 400:
		return fmt.Errorf("the answer is %d and leads to %q: give that URL if it is the page; else: %s", code, res.Header.Get("Location"), unregistered)
	case code == http.StatusUnauthorized:
		return fmt.Errorf("the answer is %q: give user and password as in https://USER:PASSWORD@HOST", res.Status)
	case code == http.StatusNotFound:
		return errNoPage
	default:
		return fmt.Errorf("the answer is %q%s", res.Status, reason(body))
	}
}

// reason is the first line of what a server says about an error.
func reason(body io.Reader) string {
	data, _ := io.ReadAll(io.LimitReader(body, 500)) // what there is
	line, _, _ := strings.Cut(strings.TrimSpace(string(data)), "\n")
	if line == "" {
		return ""
	}
	return ": " + strings.TrimSpace(line)
}

func decode(data []byte) (*debugvars.Snapshot, error) {
	s := new(debugvars.Snapshot)
	if err := json.Unmarshal(data, s); err != nil {
		return nil, fmt.Errorf("the answer is not debugvars' JSON: %w", err)
	}
	if s.Time.IsZero() || s.Go == "" {
		return nil, fmt.Errorf("the answer is JSON, but not debugvars': %s", unregistered)
	}
	return s, nil
}
