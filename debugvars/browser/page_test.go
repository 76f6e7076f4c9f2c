package browser

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// rows is an expression: the rows of goroutines.
const rows = `[...document.querySelectorAll(".goroutines tbody tr[data-key]")]`

// stays marks the page, so that stayed tells whether it was loaded again.
func (b *tab) stays() { b.js("window.stays = true") }

func (b *tab) stayed() {
	b.Helper()
	if !get[bool](b, "window.stays === true") {
		b.Error("the page was loaded again")
	}
}

func TestAValueChangesLive(t *testing.T) {
	b := open(t, page+"?var=shelf")
	b.stays()
	b.until(rows + `.length === 1`)
	before := get[string](b, `window.row = `+rows+`[0], row.querySelector(".value").textContent`)
	b.until(`row.isConnected && row.querySelector(".value").textContent !== ` + quoted(before))
	b.until(`document.querySelector(".value[data-changed]")`)
	b.until(`!document.querySelector(".value[data-changed]") || row.querySelector(".value").textContent !== ` + quoted(before))
	b.stayed()
}

func TestWhatIsUnfoldedAndFocusedStays(t *testing.T) {
	b := open(t, page+"?var=shelf")
	b.until(rows + `.length === 1`)
	b.focus(".goroutines summary")
	b.keys(kb.Enter)
	b.until(`document.querySelector(".goroutines details").open`)
	before := get[string](b, `window.row = `+rows+`[0], row.querySelector(".value").textContent`)
	b.until(`row.querySelector(".value").textContent !== ` + quoted(before))
	if !get[bool](b, `document.querySelector(".goroutines details").open && document.activeElement === row.querySelector("summary")`) {
		t.Error("a change has folded it, or taken the focus")
	}
	b.until(`document.querySelector(".calls").checkVisibility()`)
}

// countLooks has the page count the looks that it has planned.
var countLooks = onNewDocument(`
	window.planned = new Set();
	const set = window.setTimeout, clear = window.clearTimeout;
	window.setTimeout = (f, ...rest) => {
		const id = set(() => { planned.delete(id); f(); }, ...rest);
		if (f.name === "look") planned.add(id);
		return id;
	};
	window.clearTimeout = id => { planned.delete(id); clear(id); };`)

func TestPause(t *testing.T) {
	b := open(t, page+"?var=shelf", countLooks)
	b.until(`planned.size === 1`)
	b.click("#pause")
	b.until(`document.getElementById("pause").ariaPressed === "true" && document.getElementById("connection").textContent === "Paused"`)
	b.until(`planned.size === 0`)
	// One can still ask.
	b.focus("[name=q]")
	b.keys("no such thing")
	b.until(`document.querySelector(".none")`)
	if !get[bool](b, `planned.size === 0 && document.getElementById("connection").textContent === "Paused"`) {
		t.Error("it goes on by itself")
	}
	b.click("#pause")
	b.until(`planned.size === 1 && document.getElementById("pause").ariaPressed === "false"`)
}

func TestNobodyAsksForAPageThatIsNotSeen(t *testing.T) {
	b := open(t, page, countLooks)
	b.until(`planned.size === 1`)
	hidden := func(yes bool) {
		b.js(fmt.Sprintf(`Object.defineProperty(document, "hidden", {value: %v, configurable: true});
			document.dispatchEvent(new Event("visibilitychange"))`, yes))
	}
	hidden(true)
	b.until(`planned.size === 0`)
	before := get[string](b, `document.querySelector(".cost time").textContent`)
	// Nor after what was asked for before has been answered.
	b.focus("[name=q]")
	b.keys("no such thing")
	b.until(`document.querySelector(".none")`)
	if n := get[int](b, `planned.size`); n > 0 {
		t.Error("it goes on by itself")
	}
	hidden(false)
	b.until(`document.querySelector(".cost time").textContent !== ` + quoted(before))
}

func TestKeyboardOnly(t *testing.T) {
	b := open(t, page)
	focused := func(want string) {
		t.Helper()
		b.until(`document.activeElement.matches(` + quoted(want) + `)`)
		if !get[bool](b, `document.activeElement.matches("#list") || getComputedStyle(document.activeElement).outlineStyle !== "none"`) {
			t.Errorf("one cannot see that %s has the focus", want)
		}
	}
	b.keys(kb.Tab)
	focused(".skip")
	b.keys(kb.Enter)
	focused("#list")
	b.keys(kb.Tab)
	focused("#list summary")
	b.keys(" ")
	b.until(`document.querySelector(".overview").open`)
	b.keys(kb.Tab)
	focused(".overview a.name")

	// The menu, the pause and the filters, from the beginning.
	b.do(chromedp.Navigate(page))
	b.keys(kb.Tab, kb.Tab)
	focused(`nav a[aria-current="page"]`)
	b.keys(kb.Tab)
	focused(`nav a[href*="view=tree"]`)
	b.keys(kb.Enter)
	b.until(`document.querySelector(".tree") && document.activeElement.textContent === "Tree" && document.activeElement.ariaCurrent === "page"`)
	b.keys(kb.Tab, kb.Tab, kb.Tab)
	focused("#pause")
	b.keys(" ")
	b.until(`document.activeElement.ariaPressed === "true"`)
	b.keys(" ", kb.Tab)
	focused("[name=q]")
	b.keys("acme")
	b.until(`new URL(location).searchParams.get("q") === "acme"`)
	b.keys(kb.Tab, kb.Tab)
	focused("[name=state]")
	b.keys("sleep", kb.Enter)
	b.until(`new URL(location).searchParams.get("state") === "sleep"`)
}

func TestWithoutJavaScript(t *testing.T) {
	b := open(t, page, command(emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true}))
	b.until(`document.querySelector("table.goroutines tbody tr")`)
	if get[bool](b, `document.querySelector(".live").checkVisibility()`) {
		t.Error("there is a button that does nothing")
	}
	b.focus("[name=var]")
	b.keys("tenant=acme", kb.Tab, kb.Tab, kb.Tab, kb.Tab, kb.Tab)
	b.until(`document.activeElement.textContent === "Apply"`)
	b.keys(kb.Enter)
	b.until(`new URL(location).searchParams.get("var") === "tenant=acme" && document.readyState === "complete"`)
	b.until(rows + `.every(r => r.textContent.includes("acme"))`)
	for _, view := range []string{"Tree", "Event loops", "Ended work", "Goroutines"} {
		b.do(chromedp.Click(chromedp.Search(`//nav/a[text()="` + view + `"]`)))
		b.until(`document.readyState === "complete" && document.querySelector("h2").textContent === ` + quoted(view))
	}
}

func TestLoopsShowWhoAwaitsWhom(t *testing.T) {
	b := open(t, page+"?view=loops")
	const payment = `[...document.querySelectorAll(".tasks tbody tr")].find(r => r.textContent.startsWith("payment of"))`
	b.until(payment + `?.querySelector('[data-label="Awaits"] a')`)
	b.js(payment + `.querySelector('[data-label="Awaits"] a').click()`)
	b.until(`document.querySelector("tr:target th")?.textContent.startsWith("delivery of")`)
}

func TestPhone(t *testing.T) {
	b := open(t, page, chromedp.EmulateViewport(360, 740, chromedp.EmulateMobile))
	for _, query := range []string{"", "?group=tenant", "?view=tree", "?view=loops", "?view=ended", "?var=tenant&var=request&goroutine=1"} {
		b.do(chromedp.Navigate(page + query))
		b.until(`document.querySelector("#list")`)
		b.js(`for (const d of document.querySelectorAll("details")) d.open = true`)
		if wide := get[string](b, `document.documentElement.scrollWidth <= 360 ? "" :
			[...document.querySelectorAll("body *")].filter(e => e.getBoundingClientRect().right > 360).slice(0, 5).map(e => e.outerHTML.slice(0, 120)).join("\n")`); wide != "" {
			t.Errorf("%q does not fit:\n%s", query, wide)
		}
	}
	b.do(chromedp.Navigate(page))
	if !get[bool](b, `getComputedStyle(document.querySelector(".goroutines tbody tr")).display === "block"`) {
		t.Error("the rows are no cards")
	}
}

func TestAddressesOfOtherSites(t *testing.T) {
	// From another origin neither data nor the page itself can be had.
	b := open(t, other(t))
	b.expect("403")
	b.expect("CORS")
	b.expect("Failed to load")
	b.expect("frame")
	for _, what := range []string{
		`fetch(ADDRESS).then(() => "had", () => "not had")`,
		`fetch(ADDRESS, {mode: "no-cors"}).then(r => r.type === "opaque" ? "not had" : "had", () => "not had")`,
	} {
		what = strings.ReplaceAll(what, "ADDRESS", quoted(page+"?format=json"))
		if got := get[string](b, what); got != "not had" {
			t.Errorf("%s: %s", what, got)
		}
	}
	u, err := url.Parse(page)
	if err != nil {
		t.Fatal(err)
	}
	u.Host = "localhost:" + u.Port()
	if got := get[int](open(t, u.String()), `document.querySelectorAll("h1").length`); got != 1 {
		t.Error("not served as localhost")
	}
}
