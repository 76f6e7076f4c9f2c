package debugvars

import (
	"net/http"
	"path"
	"strconv"
	"strings"
)

// pageRules is all that a browser is to let the page do: show its own assets, and ask for itself anew.
const pageRules = "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'; " +
	"base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

// servePage answers with the page: all of it each time, so that what one sees without JavaScript and what the script
// puts in place of what has changed is the same.
func (h *handler) servePage(w http.ResponseWriter, r *http.Request, query Query, s *Snapshot) {
	p := page{query: query, snapshot: s, assets: assetsSeenFrom(r.URL.Path)}
	p.write()
	header := w.Header()
	header.Set("Content-Security-Policy", pageRules)
	header.Set("Cross-Origin-Opener-Policy", "same-origin")
	header.Set("Cross-Origin-Embedder-Policy", "require-corp")
	header.Set("Content-Type", "text/html; charset=utf-8")
	header.Set("Content-Length", strconv.Itoa(len(p.b)))
	if r.Method != http.MethodHead {
		_, _ = w.Write(p.b) // fails only if the client has gone
	}
}

// assetsSeenFrom is the way from the page to its assets. It is relative, for those who serve the page elsewhere.
func assetsSeenFrom(page string) string {
	if strings.HasSuffix(page, "/") {
		return strings.TrimPrefix(assets, "/")
	}
	return path.Base(page) + assets
}

// A page is the page for a query, which the snapshot answers.
type page struct {
	markup
	query    Query
	snapshot *Snapshot
	assets   string
	filters  map[[2]string]string // the links that filter by a variable, which many goroutines have in common
}

// views is what the page can show, in the order of its menu.
var views = []struct{ name, title string }{
	{ViewGoroutines, "Goroutines"},
	{ViewTree, "Tree"},
	{ViewLoops, "Event loops"},
	{ViewEnded, "Ended work"},
}

// view is the place in views of the one that is shown.
func (p *page) view() int {
	for i, v := range views {
		if v.name == p.query.View {
			return i
		}
	}
	return 0
}

func (p *page) write() {
	p.b = make([]byte, 0, 16<<10+2<<10*len(p.snapshot.Goroutines)) // mostly enough
	p.b = append(p.b, "<!DOCTYPE html>\n"...)
	p.open("html", "lang", "en")
	p.writeHead()
	p.open("body")
	p.element("a", "Skip to the list", "class", "skip", "href", "#list")
	p.writeBanner()
	p.open("main")
	if p.query.View != ViewLoops { // of which all is shown
		p.writeForm()
	}
	p.open("section", "id", "list", "tabindex", "-1", "aria-labelledby", "view")
	p.element("h2", views[p.view()].title, "id", "view")
	p.writeSummary()
	p.writeView()
	p.close()
	p.close()
	p.close()
	p.close()
	p.b = append(p.b, '\n')
}

func (p *page) writeHead() {
	p.open("head")
	p.void("meta", "charset", "utf-8")
	p.element("title", views[p.view()].title+" · "+p.snapshot.Program+" · contextvars")
	p.void("meta", "name", "viewport", "content", "width=device-width, initial-scale=1")
	p.void("meta", "name", "color-scheme", "content", "light dark")
	p.void("link", "rel", "icon", "type", "image/svg+xml", "href", p.assets+"icon.svg")
	p.void("link", "rel", "stylesheet", "href", p.assets+"style.css")
	p.open("script", "src", p.assets+"page.js", "defer", "")
	p.close()
	p.close()
}

// writeBanner writes whose page it is, the menu, and the controls that the script works, which shows them.
func (p *page) writeBanner() {
	p.open("header")
	p.void("img", "src", p.assets+"icon.svg", "alt", "", "width", "28", "height", "28")
	p.open("div", "class", "program")
	p.element("h1", "Context variables")
	p.open("p")
	p.element("strong", p.snapshot.Program)
	p.text(" · process ")
	p.element("span", strconv.Itoa(p.snapshot.PID), "class", "number")
	p.text(" · ", p.snapshot.Go)
	p.close()
	p.close()

	p.open("nav", "aria-label", "Views")
	for i, v := range views {
		query := p.query
		query.View = v.name
		attributes := []string{"href", href(query)}
		if i == p.view() {
			attributes = append(attributes, "aria-current", "page")
		}
		p.element("a", v.title, attributes...)
	}
	p.close()

	p.open("div", "class", "live", "hidden", "", "data-script", "")
	p.element("span", "Live", "id", "connection")
	p.element("button", "Pause", "type", "button", "id", "pause", "aria-pressed", "false")
	p.close()
	// The script says here what has been found after a filter has changed, and whether the
	// program can be reached; not how it changes with each second.
	p.element("p", "", "role", "status", "id", "announcement", "data-script", "")
	p.close()
}

// writeView writes what the view is about.
func (p *page) writeView() {
	switch p.query.View {
	case ViewLoops:
		p.writeLoops()
	case ViewEnded:
		p.writeEnded()
	case ViewTree:
		p.writeVariables()
		p.writeTree()
	default:
		p.writeVariables()
		p.writeGoroutines()
	}
}

// writeNone writes what there is to say in place of an empty list.
func (p *page) writeNone(text string) {
	p.element("p", text, "class", "none", "data-key", "none")
}

// href is a link to the page for another query.
func href(q Query) string { return "?" + q.Values().Encode() }
