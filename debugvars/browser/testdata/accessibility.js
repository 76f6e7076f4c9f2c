// Evaluates to a list of what is wrong.
(() => {
  const wrong = [];
  const check = (ok, what, element) => ok || wrong.push(element ? `${what}: ${element.outerHTML.slice(0, 160)}` : what);
  const all = (selector) => [...document.querySelectorAll(selector)];
  const shown = (e) => e.checkVisibility({ visibilityProperty: true });

  check(document.documentElement.lang === "en", "no language");
  check(document.title !== "", "no title");
  check(all("h1").length === 1, "not one h1");
  check(all("main").length === 1, "not one main");
  check(all("header nav[aria-label]").length === 1, "no menu with a name");

  let level = 0;
  for (const h of all("h1, h2, h3, h4")) {
    check(Number(h.localName[1]) <= level + 1, "a heading skips a level", h);
    level = Number(h.localName[1]);
  }

  const ids = new Set();
  for (const e of all("[id]")) {
    check(!ids.has(e.id), `the id ${e.id} stands twice`);
    ids.add(e.id);
  }
  for (const e of all("[aria-labelledby]")) check(ids.has(e.getAttribute("aria-labelledby")), "labelled by nothing", e);
  for (const e of all('a[href^="#"]')) check(ids.has(e.hash.slice(1)), "leads nowhere", e);

  for (const e of all("input:not([type=hidden]), select")) check(e.labels.length === 1, "not one label", e);
  for (const e of all("a, button, summary")) {
    if (shown(e)) check((e.ariaLabel || e.textContent).trim() !== "", "no name", e);
    check(!e.parentElement.closest("a, button, summary"), "inside of another control", e);
  }
  for (const e of all("img")) check(e.hasAttribute("alt"), "no alt", e);
  for (const e of all("ul, ol")) for (const c of e.children) check(c.localName === "li", "in a list, and no li", c);
  for (const e of all("dl")) for (const c of e.children) check(/^d[td]$/.test(c.localName), "in a dl, and not of it", c);
  for (const e of all("th")) check(/^(row|col|rowgroup|colgroup)$/.test(e.scope), "no scope", e);
  for (const e of all("table")) {
    check(e.querySelector("thead th"), "a table without columns' names", e);
    for (const r of e.rows) check([...r.cells].reduce((n, c) => n + c.colSpan, 0) === e.rows[0].cells.length, "a row of another length", r);
  }
  for (const e of all("[aria-label]")) {
    check(e.matches("a, button, nav, form, section, [role]"), "a name that nobody hears", e);
  }
  for (const e of all("[tabindex]")) check(e.tabIndex <= 0, "in an order of its own", e);

  // The contrast of each text that is shown (WCAG 2, 1.4.3: 4.5 to 1).
  const canvas = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
  const paint = (colors) => {
    canvas.clearRect(0, 0, 1, 1);
    for (const c of colors) {
      canvas.fillStyle = c;
      canvas.fillRect(0, 0, 1, 1);
    }
    return [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3);
  };
  const luminance = (rgb) => {
    const [r, g, b] = rgb.map((v) => ((v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const grounds = (e) => (e ? [...grounds(e.parentElement), getComputedStyle(e).backgroundColor] : ["canvas"]);
  const contrast = (e, color) => {
    const below = grounds(e);
    const [light, dark] = [luminance(paint(below)), luminance(paint([...below, color]))].sort((a, b) => b - a);
    return (light + 0.05) / (dark + 0.05);
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const seen = new Set();
  while (walker.nextNode()) {
    const e = walker.currentNode.parentElement;
    if (walker.currentNode.data.trim() === "" || seen.has(e) || !shown(e)) continue;
    seen.add(e);
    const ratio = contrast(e, getComputedStyle(e).color);
    check(ratio >= 4.5, `contrast ${ratio.toFixed(2)}`, e);
  }
  for (const e of all("input[placeholder]")) {
    const ratio = contrast(e, getComputedStyle(e, "::placeholder").color);
    check(ratio >= 4.5, `placeholder's contrast ${ratio.toFixed(2)}`, e);
  }
  return [...new Set(wrong)];
})()
