package browser

import (
	_ "embed"
	"testing"

	"github.com/chromedp/chromedp"
)

// accessibility.js returns what is wrong with the page for those who do not see it, or not well.
//
//go:embed testdata/accessibility.js
var accessibility string

func TestAccessibility(t *testing.T) {
	for _, scheme := range []string{"light", "dark"} {
		t.Run(scheme, func(t *testing.T) {
			b := open(t, page, inScheme(scheme))
			for _, query := range []string{
				"", "?group=tenant&var=tenant", "?view=tree", "?view=loops", "?view=ended", "?goroutine=1",
				"?var=nothing", "?limit=1", "?view=tree&var=tenant&limit=3",
			} {
				b.do(chromedp.Navigate(page + query))
				b.js(`for (const d of document.querySelectorAll("details")) d.open = true`)
				for _, wrong := range get[[]string](b, accessibility) {
					t.Errorf("%q: %s", query, wrong)
				}
			}
		})
	}
}

func TestDarkIsDark(t *testing.T) {
	b := open(t, page, inScheme("dark"))
	if got := get[string](b, `getComputedStyle(document.body).backgroundColor`); got != "rgb(18, 23, 26)" {
		t.Error("the background is", got)
	}
}

func TestNothingMovesForWhomItShouldNot(t *testing.T) {
	b := open(t, page, preferring("prefers-reduced-motion", "reduce"))
	b.until(`document.querySelector(".value")`)
	if got := get[string](b, `getComputedStyle(document.querySelector(".value")).transitionDuration`); got != "0s" {
		t.Error("values fade for", got)
	}
}
