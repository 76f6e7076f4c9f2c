package browser

import (
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

func TestFiltersByATenantThatIsClicked(t *testing.T) {
	b := open(t, page)
	b.stays()
	const acme = `.value[href*="tenant%3Dacme"]`
	b.until(`document.querySelector('` + acme + `')`)
	b.js(`document.querySelector('` + acme + `').click()`)
	b.until(`new URL(location).searchParams.get("var") === "tenant=acme"`)
	b.until(`document.querySelector("[name=var]").value === "tenant=acme"`)
	b.until(rows + `.length > 0 && ` + rows + `.every(r => r.querySelector('` + acme + `'))`)
	b.until(`document.getElementById("announcement").textContent.includes("match")`)
	b.stayed()

	b.do(chromedp.NavigateBack())
	b.until(`location.search === "" && document.querySelector("[name=var]").value === ""`)
	b.until(rows + `.some(r => !r.querySelector('` + acme + `'))`)
	b.stayed()
}

func TestFiltersWhileOneTypes(t *testing.T) {
	b := open(t, page)
	b.stays()
	b.focus("[name=var]")
	b.keys("tenant=globex")
	b.until(`new URL(location).searchParams.get("var") === "tenant=globex"`)
	b.until(rows + `.length > 0 && ` + rows + `.every(r => r.textContent.includes("globex"))`)
	if !get[bool](b, `document.activeElement.name === "var" && document.activeElement.value === "tenant=globex"`) {
		t.Error("the field has lost the focus or its text")
	}
	if n := get[int](b, `document.querySelectorAll("[name=var]").length`); n != 1 {
		t.Error("the form changes under one's hands")
	}
	// Who goes on finds a field for one more, and the address can be shared.
	b.keys(kb.Tab, kb.Tab, kb.Tab, kb.Tab, kb.Tab, kb.Tab)
	b.until(`document.querySelectorAll("[name=var]").length === 2`)
	b.js(`{
		const group = document.querySelector("[name=group]");
		group.value = "tenant";
		group.dispatchEvent(new Event("input", {bubbles: true}));
	}`)
	b.until(`document.querySelector("tr.group")?.textContent.includes("globex")`)
	b.stayed()

	again := open(t, get[string](b, "location.href"))
	again.until(`document.querySelector("tr.group")?.textContent.includes("globex")`)
	if got := get[string](again, `document.querySelector("[name=group]").value`); got != "tenant" {
		t.Errorf("grouped by %q", got)
	}
}

func TestWhatIsHalfTypedStays(t *testing.T) {
	b := open(t, page)
	b.focus("[name=q]")
	b.js(`document.activeElement.value = "half"`)
	shown := get[string](b, `document.querySelector(".cost time").textContent`)
	b.until(`document.querySelector(".cost time").textContent !== ` + quoted(shown))
	if got := get[string](b, `document.querySelector("[name=q]").value`); got != "half" {
		t.Errorf("it has become %q", got)
	}
}

func TestWhoTypesAndLeavesIsHeard(t *testing.T) {
	b := open(t, page)
	b.focus("[name=q]")
	b.keys("acme")
	b.js(`document.activeElement.blur()`)
	b.until(`new URL(location).searchParams.get("q") === "acme"`)
	if got := get[string](b, `document.querySelector("[name=q]").value`); got != "acme" {
		t.Errorf("it has become %q", got)
	}
}

func TestWrongFilterIsSaid(t *testing.T) {
	b := open(t, page)
	b.expect("400")
	b.focus("[name=goroutine]")
	b.keys("17x")
	b.until(`document.getElementById("connection").textContent.includes("give the number of a goroutine")`)
	b.keys(kb.Backspace, kb.Backspace, kb.Backspace)
	b.until(`document.getElementById("connection").textContent === "Live"`)
}

// TestFollowsARequestToItsGoroutines finds who has gone on after its request, which the example does on purpose.
func TestFollowsARequestToItsGoroutines(t *testing.T) {
	b := open(t, page+"?var=tenant%3Dinitech")
	b.stays()
	const late = `[...document.querySelectorAll(".goroutines tbody tr[data-key]")].find(r => r.textContent.includes("survey"))`
	const request = `.value[href*="request%3Dr-"]`
	b.until(`(` + late + `)?.querySelector('` + request + `')`)
	id := get[string](b, `(`+late+`).querySelector('`+request+`').textContent`)
	b.js(`document.querySelector('.value[href*="request%3D` + id + `"]').click()`)
	b.until(`new URL(location).searchParams.getAll("var").includes("request=` + id + `")`)
	b.until(rows + `.length > 0 && ` + rows + `.every(r => r.textContent.includes("` + id + `"))`)

	number := get[string](b, `(`+late+`).querySelector("th .goroutine").textContent`)
	b.js(`(` + late + `).querySelector("th .goroutine").click()`)
	b.until(`new URL(location).searchParams.get("goroutine") === "` + number + `"`)
	b.until(`document.querySelector(".followed")?.textContent.startsWith("Goroutine ` + number + ` ")`)
	b.until(rows + `.some(r => r.dataset.key === "g` + number + `")`)
	b.stayed()
}
