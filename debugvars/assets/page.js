// The live part of the page of package debugvars. It asks for the page that the address bar names again and again, and
// puts what has changed in place of what was there; all that is shown is written by the program that is looked at.
"use strict";

const second = 1000;
const patience = 10 * second; // for one answer
const longestWait = 15 * second;
const filters = "filters"; // the id of the form

const pause = document.getElementById("pause");
const connection = document.getElementById("connection");
const announcement = document.getElementById("announcement");

let paused = false;
let failures = 0;
let timer = 0;
let request = null; // what aborts the request that is under way
let typed = 0; // the timer of what has been typed, until it is asked for

// look shows the page anew, now. What is still on its way is of no interest any more. If somebody has asked
// for it, what is found is said, too.
async function look(asked) {
  clearTimeout(timer);
  request?.abort();
  const mine = (request = new AbortController());
  const late = setTimeout(() => mine.abort(), patience);
  const began = performance.now();
  try {
    const response = await fetch(location.href, {
      headers: { Accept: "text/html" },
      cache: "no-store",
      signal: mine.signal,
    });
    const text = await response.text();
    if (request !== mine) return;
    if (response.ok) {
      show(text);
      if (asked) announce(document.getElementById("found").textContent);
    } else if (asked && response.status === 400) {
      announce(text);
    }
    answered(response.ok ? "" : response.status === 400 ? text : `The program answers ${response.status}`);
  } catch {
    if (request !== mine) return; // another one has taken its place
    lost();
  } finally {
    clearTimeout(late);
  }
  // The program has better things to do: it is not asked for more than a tenth of its time.
  plan(Math.max(second * 2 ** Math.min(failures, 4), 10 * (performance.now() - began)));
}

function plan(wait) {
  clearTimeout(timer);
  if (!paused && !document.hidden) timer = setTimeout(look, Math.min(wait, longestWait));
}

// answered says that the program could be reached, and what is wrong with the question, if anything.
function answered(wrong) {
  if (failures > 0) announce("The program can be reached again.");
  failures = 0;
  if (wrong) return tell("lost", wrong);
  tell(paused ? "paused" : "live", paused ? "Paused" : "Live");
}

function lost() {
  if (failures++ === 0) announce("The program is not reachable, trying again.");
  tell("lost", "Not reachable, trying again");
}

function tell(state, text) {
  if (connection.textContent === text) return;
  connection.dataset.state = state;
  connection.textContent = text;
}

function announce(text) {
  announcement.textContent = text;
}

// show puts a new page in place of the one that is shown.
function show(text) {
  const fresh = new DOMParser().parseFromString(text, "text/html");
  if (!fresh.getElementById("list")) return;
  document.title = fresh.title;
  // A form in which somebody is typing stays as it is.
  const typing = document.activeElement?.form?.id === filters && !document.activeElement.matches("button");
  alignChildren(document.body, fresh.body, typing ? document.getElementById(filters) : null);
  if (typing) return;
  const controls = fresh.getElementById(filters)?.elements ?? [];
  for (const [i, control] of [...(document.getElementById(filters)?.elements ?? [])].entries()) {
    if (control.value !== controls[i].value) control.value = controls[i].value;
  }
}

// align makes a node like another one, and leaves alone what is the same: so focus, selection and
// what has been unfolded stay. Children are the same if their data-key is, or if they have none, by their order.
function align(old, fresh, except) {
  if (old === except) return;
  if (old.nodeType !== Node.ELEMENT_NODE) {
    if (old.data !== fresh.data) {
      old.data = fresh.data;
      mark(old.parentElement);
    }
    return;
  }
  if (old.hasAttribute("data-script") || old.isEqualNode(fresh)) return;
  alignAttributes(old, fresh);
  alignChildren(old, fresh, except);
}

function alignAttributes(old, fresh) {
  const mine = (name) => name === "data-changed" || (name === "open" && old.localName === "details");
  for (const { name } of [...old.attributes]) {
    if (!fresh.hasAttribute(name) && !mine(name)) old.removeAttribute(name);
  }
  for (const { name, value } of fresh.attributes) {
    if (old.getAttribute(name) !== value && !mine(name)) old.setAttribute(name, value);
  }
}

function alignChildren(old, fresh, except) {
  const keyed = new Map();
  const freshKeys = new Set();
  for (const child of fresh.childNodes) if (keyOf(child)) freshKeys.add(keyOf(child));
  for (const child of [...old.childNodes]) {
    const key = keyOf(child);
    if (!key) continue;
    if (freshKeys.has(key) && !keyed.has(key)) keyed.set(key, child);
    else child.remove();
  }

  let next = old.firstChild;
  for (const child of [...fresh.childNodes]) {
    const key = keyOf(child);
    let same = key ? keyed.get(key) : next;
    if (same && (same.nodeName !== child.nodeName || keyOf(same) !== key)) same = null;
    if (!same) {
      old.insertBefore(document.importNode(child, true), next);
      continue;
    }
    while (key && next && next !== same && !keyOf(next)) {
      const gone = next;
      next = next.nextSibling;
      gone.remove();
    }
    if (same === next) next = next.nextSibling;
    else move(old, same, next);
    align(same, child, except);
  }
  while (next) {
    const gone = next;
    next = next.nextSibling;
    gone.remove();
  }
}

function keyOf(node) {
  return node.nodeType === Node.ELEMENT_NODE ? node.getAttribute("data-key") || "" : "";
}

// move keeps the focus that is inside where the browser can.
function move(parent, child, before) {
  if (parent.moveBefore) parent.moveBefore(child, before);
  else parent.insertBefore(child, before);
}

// mark shows for a moment that a value has changed.
function mark(element) {
  const value = element?.closest(".value");
  if (!value) return;
  value.setAttribute("data-changed", "");
  setTimeout(() => value.removeAttribute("data-changed"), 1.2 * second);
}

// apply shows what the form asks for. What is empty in it is not in the address.
function apply() {
  clearTimeout(typed);
  typed = 0;
  const query = new URLSearchParams();
  for (const [name, value] of new FormData(document.getElementById(filters))) {
    if (value !== "") query.append(name, value);
  }
  history.replaceState(null, "", `${location.pathname}?${query}`);
  look(true);
}

document.addEventListener("input", (event) => {
  if (event.target.form?.id !== filters) return;
  clearTimeout(typed);
  typed = setTimeout(apply, 200);
});

document.addEventListener("submit", (event) => {
  event.preventDefault();
  apply();
});

// Who leaves the form has finished with it: it may get a field for one more variable.
document.addEventListener("focusout", (event) => {
  if (event.target.form?.id !== filters || event.relatedTarget?.form?.id === filters) return;
  setTimeout(() => {
    if (typed) apply();
    else if (!paused) look(false);
  });
});

// Links to the page itself change what is shown, without a reload.
document.addEventListener("click", async (event) => {
  const link = event.target.closest('a[href^="?"]');
  if (!link || event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  history.pushState(null, "", link.href);
  await look(true);
  // Who has followed a link that is gone goes on at the list.
  if (!link.isConnected) document.getElementById("list").focus({ preventScroll: true });
});

window.addEventListener("popstate", () => look(true));

document.addEventListener("visibilitychange", () => {
  if (document.hidden) clearTimeout(timer);
  else if (!paused) look(false);
});

pause.addEventListener("click", () => {
  paused = !paused;
  pause.setAttribute("aria-pressed", String(paused));
  if (paused) {
    clearTimeout(timer);
    request?.abort();
    request = null;
    tell("paused", "Paused");
  } else {
    look(false);
  }
});

document.documentElement.classList.add("scripted");
document.querySelector(".live").hidden = false;
plan(second);
