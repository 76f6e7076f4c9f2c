package browser

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	cdppage "github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// A tab shows a page, and fails its test if the browser has anything to complain of.
type tab struct {
	*testing.T
	ctx context.Context

	mu         sync.Mutex
	complaints []string
	expected   []string
}

// open opens a page in a new tab, after the actions.
func open(t *testing.T, address string, before ...action) *tab {
	t.Helper()
	if browser == nil {
		t.Skip("there is no browser: install chromium, or have CHROME name one")
	}
	ctx, stop := context.WithTimeout(browser, time.Minute)
	t.Cleanup(stop)
	ctx, closeTab := chromedp.NewContext(ctx)
	b := &tab{T: t, ctx: ctx}
	if err := chromedp.Listen(ctx, b.listen); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		closeTab()
		b.mu.Lock()
		defer b.mu.Unlock()
		for _, c := range b.complaints {
			if !slices.ContainsFunc(b.expected, func(part string) bool { return strings.Contains(c, part) }) {
				t.Error("the browser complains:", c)
			}
		}
	})
	b.do(append(before, chromedp.Navigate(address))...)
	return b
}

func (b *tab) listen(event any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch e := event.(type) {
	case *runtime.EventExceptionThrown:
		b.complaints = append(b.complaints, fmt.Sprintf("%s %s", e.ExceptionDetails.Text, e.ExceptionDetails.URL))
	case *runtime.EventConsoleAPICalled:
		b.complaints = append(b.complaints, fmt.Sprint("console: ", e.Type, e.Args))
	case *log.EventEntryAdded: // also what the Content-Security-Policy forbids, and what cannot be loaded
		b.complaints = append(b.complaints, fmt.Sprintf("%s: %s %s", e.Entry.Level, e.Entry.Text, e.Entry.URL))
	}
}

// expect has complaints that contain part not count.
func (b *tab) expect(part string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.expected = append(b.expected, part)
}

// An action is a step in a tab.
type action = chromedp.Action[chromedp.Void]

func (b *tab) do(actions ...action) {
	b.Helper()
	if err := chromedp.Do(b.ctx, actions...); err != nil {
		b.Fatal(err)
	}
}

// get is the value of an expression in the page.
func get[T any](b *tab, expression string) T {
	b.Helper()
	value, err := chromedp.Run(b.ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	if err != nil {
		b.Fatalf("%s: %v", expression, err)
	}
	return value
}

// js does something in the page.
func (b *tab) js(code string) {
	b.Helper()
	get[bool](b, code+"\n; true")
}

// until waits for an expression in the page to become true.
func (b *tab) until(expression string) {
	b.Helper()
	for {
		ok, err := chromedp.Run(b.ctx, chromedp.Evaluate[bool]("Boolean("+expression+")"))
		if err == nil && !ok {
			err = chromedp.Do(b.ctx, chromedp.Sleep(40*time.Millisecond)) // before it is asked again
		}
		if err != nil {
			b.Fatalf("never: %s (%v)", expression, err)
		}
		if ok {
			return
		}
	}
}

// focus gives the focus to what a CSS selector chooses.
func (b *tab) focus(selector string) {
	b.Helper()
	b.do(chromedp.Focus(chromedp.CSS(selector)))
}

// click clicks what a CSS selector chooses, with the mouse.
func (b *tab) click(selector string) {
	b.Helper()
	b.do(chromedp.Click(chromedp.CSS(selector)))
}

// keys types on the keyboard, to whatever has the focus.
func (b *tab) keys(keys ...string) {
	b.Helper()
	for _, k := range keys {
		b.do(chromedp.KeyEvent(k))
	}
}

// command is a command to the browser, without its answer.
func command[P, R any](c cdp.Command[P, R], params P) action {
	return chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, c, params)
		return err
	})
}

// onNewDocument runs a script in each page before its own.
func onNewDocument(script string) action {
	return command(cdppage.AddScriptToEvaluateOnNewDocument, cdppage.AddScriptToEvaluateOnNewDocumentParams{Source: script})
}

// preferring has the user prefer something, as CSS asks for it.
func preferring(what, value string) action {
	return command(emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: what, Value: value}},
	})
}

func inScheme(scheme string) action { return preferring("prefers-color-scheme", scheme) }

// quoted is s in JavaScript.
func quoted(s string) string {
	b, err := json.Marshal(s)
	if err != nil {
		panic(err)
	}
	return string(b)
}
