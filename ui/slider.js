// Watches the in-figure slider of one Plotly chart: writes its position into the address bar, gives it arrow keys.
// The keys press the slider's own rail with a mouse event, because that moves grip, label and frame together and
// emits what a drag emits; `Plotly.animate` would need a global that bundles need not leave behind.

const RAIL_INSET_PX = 10; // Plotly keeps this much of the rail free at both ends
const SETTLE_MS = 700;
const ANSWER_MS = 5000;
const OLD_RUN_MS = 20000; // so long may a run that began before a move still bring its figure
const MOST_PRESSES = 60; // a figure that has just been drawn may answer beside the mark
const watchers = new WeakMap();

export default function ({ data, parentElement, setTriggerValue }) {
  // Streamlit calls this again whenever the data change, and the clean-up only when the component goes.
  const { known, headings, alone, ...task } = data;
  const name = JSON.stringify(task);
  let watcher = watchers.get(parentElement);
  if (watcher?.name !== name) {
    watcher?.stop();
    hide(parentElement.host ?? parentElement, alone);
    watcher = { name, ...watch(task, (value) => watcher.tell(value)) };
    watchers.set(parentElement, watcher);
  }
  watcher.tell = (value) => setTriggerValue("moved", value);
  watcher.start();
  watcher.head(headings);
  watcher.hear(known);
  return () => watchers.get(parentElement)?.stop();
}

// An empty element would still take a gap, and so would the block around the fragment that holds it alone.
function hide(host, alone) {
  const block = host.closest('[data-testid="stLayoutWrapper"]');
  const single = alone && block?.querySelectorAll('[data-testid="stElementContainer"]').length === 1;
  const empty = single ? block : host.closest('[data-testid="stElementContainer"]');
  if (empty) empty.style.display = "none";
}

function watch({ chart_key, parameter, values, label }, tell) {
  const selector = `.st-key-${CSS.escape(chart_key)} .js-plotly-plot`;
  let chart = null;
  let subscribe = null; // Plotly makes a new `on` when it plots afresh, which drops all listeners
  let frame = 0;
  let pressing = 0; // frame in which the rail is pressed again
  let ours = false; // whether what the slider tells of is our own press
  let settling = 0; // runs while a drag may have ended unseen
  let patience = 0; // runs while a release waits for the server
  let waiting = false; // a release that is not in the address bar yet
  let asked = null; // what the server was told and has not answered
  let askedAt = 0;
  let chosen = null; // where the visitor left the slider
  let chosenAt = 0;
  let heard = false; // whether the server knows of that place
  let headings = []; // what the page's heading says at each step, where it differs

  const slider = () => chart?.layout?.sliders?.[0];
  const position = () => slider()?.active ?? 0;

  // One change at a time: an answer that differs from the address bar is pushed onto the history by Streamlit, and
  // Back would then step through every position.
  function write() {
    clearTimeout(patience);
    const left = asked === null ? 0 : askedAt + ANSWER_MS - performance.now();
    waiting = left > 0;
    if (waiting) {
      patience = setTimeout(write, left);
      return;
    }
    asked = null;
    if (chosen === null || !writeParameter(parameter, chosen)) return;
    asked = chosen;
    askedAt = performance.now();
    tell(chosen);
  }

  function choose(value) {
    if (value === chosen) return;
    chosen = value;
    chosenAt = performance.now();
    heard = false;
  }

  function hear(known) {
    if (known === chosen) heard = true;
    else if (heard) choose(null); // what came after it, such as a link or a preset, holds
    if (known !== asked) return;
    asked = null;
    if (waiting) write();
  }

  function onChange(event) {
    describe();
    if (ours || !event?.interaction) return;
    cancelAnimationFrame(pressing);
    // A drag may end outside the window, where nothing tells of the release.
    clearTimeout(settling);
    settling = setTimeout(leave, SETTLE_MS, values[position()]);
  }

  function onEnd() {
    if (!ours) leave(values[position()]);
  }

  function leave(value) {
    clearTimeout(settling);
    choose(value);
    write();
  }

  function describe() {
    const step = slider()?.steps?.[position()];
    chart.setAttribute("aria-valuenow", String(position()));
    chart.setAttribute("aria-valuetext", plainText(step?.label ?? values[position()] ?? ""));
    sayHeading();
  }

  function sayHeading() {
    const place = document.querySelector(`.st-key-${CSS.escape(chart_key)}-heading [data-testid="stHtml"]`);
    const wanted = chart && headings[position()];
    if (!place || !wanted) return;
    const written = Object.assign(document.createElement("template"), { innerHTML: wanted }).innerHTML;
    if (place.innerHTML !== written) place.innerHTML = written;
  }

  function onKey(event) {
    if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const last = values.length - 1;
    const wanted = { ArrowLeft: position() - 1, ArrowRight: position() + 1, Home: 0, End: last }[event.key];
    if (wanted === undefined) return;
    event.preventDefault();
    choose(values[Math.min(last, Math.max(0, wanted))]);
    settle();
    write();
  }

  // Presses the rail until the slider stands where the visitor left it.
  function settle(presses = MOST_PRESSES) {
    cancelAnimationFrame(pressing);
    const index = values.indexOf(chosen);
    if (!chart || index < 0 || index === position() || presses === 0) return;
    press(index, values.length - 1);
    if (index !== position()) pressing = requestAnimationFrame(() => settle(presses - 1));
  }

  function press(index, last) {
    const rail = chart.querySelector(".slider-rail-touch-rect");
    if (!rail || last < 1) return;
    const box = rail.getBoundingClientRect();
    if (box.width <= 2 * RAIL_INSET_PX) return;
    const clientX = box.left + RAIL_INSET_PX + ((box.width - 2 * RAIL_INSET_PX) * index) / last;
    const clientY = box.top + box.height / 2;
    ours = true;
    rail.dispatchEvent(new MouseEvent("mousedown", { clientX, clientY, view: window, cancelable: true }));
    chart.dispatchEvent(new MouseEvent("mouseup", { clientX, clientY, view: window }));
    ours = false;
  }

  function onFocus() {
    if (!chart.matches(":focus-visible")) return;
    chart.style.outline = "3px solid currentColor";
    chart.style.outlineOffset = "-3px"; // inside, because the element around it clips
  }

  function onBlur() {
    chart.style.outline = "";
    chart.style.outlineOffset = "";
  }

  const listeners = { keydown: onKey, focus: onFocus, blur: onBlur };
  const attributes = {
    tabindex: "0",
    role: "slider",
    "aria-label": label,
    "aria-valuemin": "0",
    "aria-valuemax": String(values.length - 1),
  };

  function bind(found) {
    release();
    chart = found;
    subscribe = found.on;
    found.on("plotly_sliderchange", onChange);
    found.on("plotly_sliderend", onEnd);
    for (const [name, listener] of Object.entries(listeners)) found.addEventListener(name, listener);
    for (const [name, value] of Object.entries(attributes)) found.setAttribute(name, value);
    describe();
    // A run that began before the visitor moved brings a figure of before.
    if (performance.now() < chosenAt + (heard ? ANSWER_MS : OLD_RUN_MS)) settle();
  }

  function release() {
    clearTimeout(settling);
    cancelAnimationFrame(pressing);
    if (!chart) return;
    chart.removeListener?.("plotly_sliderchange", onChange);
    chart.removeListener?.("plotly_sliderend", onEnd);
    for (const [name, listener] of Object.entries(listeners)) chart.removeEventListener(name, listener);
    for (const name of [...Object.keys(attributes), "aria-valuenow", "aria-valuetext"]) chart.removeAttribute(name);
    onBlur();
    chart = subscribe = null;
  }

  function look() {
    frame = 0;
    const found = document.querySelector(selector);
    // Streamlit hides a chart until it knows its width. One that is moved before that stays hidden for good.
    if (!found) release();
    else if (!found.on || !found.layout?.sliders || found.style.visibility === "hidden") lookSoon();
    else if (found !== chart || found.on !== subscribe) bind(found);
  }

  function lookSoon() {
    frame ||= requestAnimationFrame(look);
  }

  // The chart comes after this script, goes with every new figure, and is drawn in its own time.
  const observer = new MutationObserver(lookSoon);

  return {
    hear,
    start() {
      observer.observe(document.body, { childList: true, subtree: true });
      lookSoon();
    },
    head(told) {
      headings = told;
      sayHeading();
    },
    stop() {
      observer.disconnect();
      cancelAnimationFrame(frame);
      frame = 0;
      clearTimeout(patience);
      release();
    },
  };
}

// Says whether anything changed. Other parameters keep their very spelling, which URLSearchParams would not promise.
function writeParameter(parameter, value) {
  const name = encodeURIComponent(parameter);
  const piece = `${name}=${encodeURIComponent(value)}`;
  const pieces = location.search.slice(1).split("&").filter(Boolean);
  const at = pieces.findIndex((other) => other === name || other.startsWith(`${name}=`));
  if (at < 0) pieces.push(piece);
  else if (pieces[at] === piece) return false;
  else pieces[at] = piece;
  history.replaceState(history.state, "", `${location.pathname}?${pieces.join("&")}${location.hash}`);
  return true;
}

function plainText(markup) {
  return new DOMParser().parseFromString(markup, "text/html").body.textContent;
}
