package browser

import (
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/gocontextvars/contextvars"
	"github.com/gocontextvars/contextvars/debugvars"
)

var hostile = contextvars.New[string]("<b>hostile</b>")

// holding has a goroutine hold each of the values until the test ends.
func holding(t *testing.T, values ...string) {
	t.Helper()
	end, ended, begun := make(chan struct{}), make(chan struct{}), make(chan struct{})
	for _, v := range values {
		go func() {
			defer func() { ended <- struct{}{} }()
			defer hostile.Set(v).Restore()
			begun <- struct{}{}
			<-end
		}()
		<-begun
	}
	t.Cleanup(func() {
		close(end)
		for range values {
			<-ended
		}
	})
}

// here serves the page of this process.
func here() http.Handler {
	mux := http.NewServeMux()
	debugvars.Register(mux)
	return mux
}

// other is the address of another site.
func other(t *testing.T) string {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprint(w, `<!DOCTYPE html><link rel="icon" href="data:,"><title>another site</title>`)
	}))
	t.Cleanup(s.Close)
	return s.URL
}

func TestHostileValuesAreText(t *testing.T) {
	values := []string{
		`<script>window.harm = 1</script>`,
		`"><img src=x onerror="window.harm = 1">`,
		`'></a><style>*{display:none}</style>`,
		"\u202egnp.exe\u2066",
		"\xff\xfe\x00",
		strings.Repeat("unbroken", 10_000_000/8),
		strings.Repeat("\u202e", 1000),
	}
	holding(t, values...)
	s := httptest.NewServer(here())
	t.Cleanup(s.Close)
	b := open(t, s.URL+debugvars.Path, chromedp.EmulateViewport(360, 740, chromedp.EmulateMobile))
	for _, query := range []string{"?", "?view=tree", "?group=" + "%3Cb%3Ehostile%3C%2Fb%3E"} {
		b.do(chromedp.Navigate(s.URL + debugvars.Path + query))
		b.until(`document.body.textContent.includes("<script>window.harm = 1</script>")`)
		b.until(`document.body.textContent.includes("\\u202egnp")`)
		if get[bool](b, `"harm" in window || document.querySelector("main script, main style, main img, main b") !== null`) {
			t.Errorf("%s: a value is more than text", query)
		}
		if wide := get[int](b, `document.documentElement.scrollWidth`); wide > 360 {
			t.Errorf("%s: %d pixels wide", query, wide)
		}
		if long := get[int](b, `document.documentElement.outerHTML.length`); long > 200_000 {
			t.Errorf("%s: %d characters", query, long)
		}
	}
	// A value that is clicked is a filter for that very value.
	b.do(chromedp.Navigate(s.URL + debugvars.Path))
	const link = `[...document.querySelectorAll("a.value")].find(a => a.textContent.includes("onerror"))`
	b.until(link)
	b.js(link + `.click()`)
	b.until(rows + `.length === 1 && ` + rows + `[0].textContent.includes("onerror")`)
}

func TestAProgramThatIsGoneAndComesBack(t *testing.T) {
	holding(t, "here")
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	first := &httptest.Server{Listener: l, Config: &http.Server{Handler: here()}}
	first.Start()
	b := open(t, first.URL+debugvars.Path)
	b.expect("ERR_CONNECTION_REFUSED")
	b.expect("ERR_CONNECTION_RESET")
	b.expect("ERR_EMPTY_RESPONSE")
	b.stays()
	b.until(rows + `.length > 0`)
	first.CloseClientConnections()
	first.Close()
	b.until(`document.getElementById("connection").textContent === "Not reachable, trying again"`)
	b.until(`document.getElementById("announcement").textContent.includes("not reachable")`)
	if !get[bool](b, rows+`.length > 0`) {
		t.Error("what was shown is gone")
	}

	if l, err = net.Listen("tcp", l.Addr().String()); err != nil {
		t.Fatal(err)
	}
	second := &httptest.Server{Listener: l, Config: &http.Server{Handler: here()}}
	second.Start()
	t.Cleanup(second.Close)
	b.until(`document.getElementById("connection").textContent === "Live"`)
	b.stayed()
}
