package httpvars_test

import (
	"context"
	"fmt"
	"net/http"
	"runtime/pprof"
	"testing"

	"github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/httpvars"
)

// inDo answers with what a goroutine sees that is started inside pprof.Do.
var inDo = httpvars.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
	found := user.Get()
	user.Set("of " + r.URL.Path)
	var inside, started string
	pprof.Do(r.Context(), pprof.Labels("path", r.URL.Path), func(context.Context) {
		done := make(chan bool)
		go func() {
			started = user.Get()
			close(done)
		}()
		<-done
		inside = user.Get()
	})
	fmt.Fprintf(w, "%q %q %q %q", found, started, inside, user.Get())
}))

func TestBaseContextKeepsVariablesInsidePprofDo(t *testing.T) {
	for _, p := range protocols {
		for _, base := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s/BaseContext=%v", p.name, base), func(t *testing.T) {
				want := `"" "" "of /1" "of /1"` // a go statement inside is what a stock runtime cannot help
				s := start(t, inDo, p.h2, func(s *http.Server) {
					if base {
						s.BaseContext = httpvars.BaseContext
						want = `"" "of /1" "of /1" "of /1"`
					}
				})
				for i := range 2 {
					if got := get(t, s.Client(), s.URL+"/1", i > 0); got != want {
						t.Errorf("%s, want %s", got, want)
					}
				}
			})
		}
	}
}

// A handler that sets labels and leaves them leaves no variables behind with
// them.
func TestLabelsThatStayBringNoVariables(t *testing.T) {
	s := start(t, httpvars.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "found %q", user.Get())
		user.Set("left over")
		pprof.SetGoroutineLabels(pprof.WithLabels(r.Context(), pprof.Labels("path", r.URL.Path)))
	})), false, func(s *http.Server) { s.BaseContext = httpvars.BaseContext })
	for i := range 3 {
		if got := get(t, s.Client(), s.URL, i > 0); got != `found ""` {
			t.Error(got)
		}
	}
}

func TestBaseContextCarriesTheServersContext(t *testing.T) {
	defer user.Set("server").Restore()
	s := start(t, httpvars.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		user.Set("request")
		c, ok := contextvars.FromContext(r.Context())
		if !ok {
			t.Error("no Context")
			return
		}
		name, _ := user.In(c)
		fmt.Fprint(w, name)
	})), false, func(s *http.Server) { s.BaseContext = httpvars.BaseContext })
	if got := get(t, s.Client(), s.URL, false); got != "server" {
		t.Error(got)
	}
}
