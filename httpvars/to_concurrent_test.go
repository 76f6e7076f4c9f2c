package httpvars_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"weak"

	"github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/httpvars"
	"github.com/gocontextvars/contextvars/wire"
)

// 200 at once, over connections that are used again, each with values of its own, there and
// back.
func TestCarryingConcurrently(t *testing.T) {
	const atOnce, each = 200, 5
	for _, p := range carriers {
		t.Run(p.name, func(t *testing.T) {
			url, base := serveOver(t, p.name, httpvars.HandlerFrom(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				n, err := strconv.Atoi(tenant.Get())
				if err != nil || r.URL.Path != "/"+tenant.Get() || debug.Get() != tenant.Get() {
					t.Errorf("%s saw %s, %v", r.URL.Path, saw(tenant.Get(), debug.Get()), err)
				}
				cost.Set(n)
				large.Set(tenant.Get())
			}), wire.Trusted()))
			base.MaxIdleConnsPerHost = atOnce / 4 // some are closed, others are used again
			c := &http.Client{Transport: httpvars.TransportTo(base, wire.Trusted())}
			var wg sync.WaitGroup
			for i := range atOnce {
				wg.Go(func() {
					for j := range each {
						n := 1 + i*each + j
						name := strconv.Itoa(n)
						debug.Set(name)
						resp, err := func() (*http.Response, error) {
							defer tenant.Set(name).Restore()
							return c.Get(url + "/" + name)
						}()
						if err != nil {
							t.Error(err)
							return
						}
						io.Copy(io.Discard, resp.Body)
						resp.Body.Close()
						if cost.Get() != n || large.Get() != name {
							t.Errorf("%s got cost %d, large %q", name, cost.Get(), large.Get())
						}
					}
				})
			}
			wg.Wait()
		})
	}
}

// travellingValue is a variable whose values can be watched.
var travellingValue = contextvars.New[*value]("value", wire.Travels(wire.AllHops|wire.Back, wire.Encoding[*value](values)))

// values makes values of texts, and keeps weak pointers to them.
var values = new(valueCodec)

type valueCodec struct {
	mu      sync.Mutex
	made    []weak.Pointer[value]
	encoded atomic.Int64 // how often
}

func (c *valueCodec) Encode(v *value) (string, error) {
	c.encoded.Add(1)
	if v == nil {
		return "", errors.New("no value")
	}
	return v.name, nil
}

func (c *valueCodec) Decode(text string) (*value, error) { return c.new(text), nil }

func (c *valueCodec) new(name string) *value {
	c.mu.Lock()
	defer c.mu.Unlock()
	v := &value{name: name}
	c.made = append(c.made, weak.Make(v))
	return v
}

// take returns how to know whether all values that were made have gone, and their number.
func (c *valueCodec) take() (gone func() bool, n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	made := c.made
	c.made = nil
	return func() bool {
		for _, w := range made {
			if w.Value() != nil {
				return false
			}
		}
		return true
	}, len(made)
}

// After the requests nothing holds their values, on neither side: connections that are still
// there do not, nor what is kept to be used again.
func TestCarryingLetsGoOfTheValues(t *testing.T) {
	for _, p := range carriers {
		for _, way := range []string{"ok", "panic", "early"} {
			t.Run(p.name+"/"+way, func(t *testing.T) {
				url, base := serveOver(t, p.name, httpvars.HandlerFrom(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					if got := travellingValue.Get(); got == nil || got.name != "there" {
						t.Errorf("the handler saw %v", got)
					}
					travellingValue.Set(values.new("back"))
					switch way {
					case "panic":
						panic(http.ErrAbortHandler)
					case "early":
						w.WriteHeader(200)
						travellingValue.Set(values.new("too late"))
					}
				}), wire.Trusted()))
				c := &http.Client{Transport: httpvars.TransportTo(base, wire.Trusted())}
				for range 3 {
					apart(func() {
						travellingValue.Set(values.new("there"))
						resp, err := c.Post(url, "", newBody("x"))
						if err != nil {
							want(t, "way", way, "panic")
							return
						}
						resp.Body.Close()
						want(t, "back", travellingValue.Get().name, "back")
					})
				}
				gone, n := values.take()
				if n < 9 {
					t.Errorf("%d values were made", n)
				}
				if held(gone) {
					t.Error("values are held")
				}
				if way != "panic" {
					again, _ := http.NewRequest("POST", url, nil)
					apart(func() {
						travellingValue.Set(&value{name: "there"})
						send(t, c, again, true) // so the connection was there all the time
					})
				}
				values.take()
			})
		}
	}
}

// A response that is kept does not keep the caller's variables, but as the request holds them.
func TestResponseHoldsNoVariables(t *testing.T) {
	url, base := serveOver(t, "HTTP/1.1", httpvars.HandlerFrom(echo, wire.Trusted()))
	c := &http.Client{Transport: httpvars.TransportTo(base, wire.Trusted())}
	var resp *http.Response
	apart(func() {
		travellingValue.Set(values.new("there"))
		var err error
		if resp, err = c.Get(url); err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
	})
	gone, _ := values.take()
	if held(gone) {
		t.Error("values are held")
	}
	if got := fmt.Sprint(resp.Request.Header); got != "map[]" {
		t.Errorf("the caller's request has %s", got)
	}
}

// A response is written in many pieces, its header once.
func TestReplyIsMadeOnce(t *testing.T) {
	url, base := serveOver(t, "HTTP/1.1", httpvars.HandlerFrom(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		travellingValue.Set(&value{name: "back"})
		for range 10 {
			io.WriteString(w, "x")
			w.Write([]byte("x"))
			w.(http.Flusher).Flush()
		}
	}), wire.Trusted()))
	before := values.encoded.Load()
	fetch(t, &http.Client{Transport: base}, url)
	want(t, "encoded", values.encoded.Load()-before, 1)
}
