// A deck on the stage: steps change here, with no server. Keys and words work before the figures are drawn; figures are
// drawn one at a time, the one on the screen first, so that no key press waits for more than one of them.

(() => {
  const deck = JSON.parse(document.getElementById("deck").textContent);
  const root = document.documentElement;
  const sections = [...document.querySelectorAll(".step")];
  const last = sections.length - 1;
  const byId = (id) => document.getElementById(id);
  // Looked at once, then told: Chromium leaves out the event of a change that somebody saw before it was sent.
  const room = matchMedia("(prefers-color-scheme: dark)");
  let dark = room.matches;
  const whenTurned = (act) => room.addEventListener("change", ({ matches }) => {
    dark = matches;
    act();
  });
  const small = matchMedia("(max-width: 700px), (max-height: 480px)");
  const NEAR = 3; // steps around the one on the screen that are drawn beforehand
  const WIDEST_PX = 1500;
  const NARROWEST_PX = 780; // of a figure before it is scaled up
  const LARGEST = 2.4;
  const LEAST_PX = 16; // of letters on the screen, from the back row
  const MOST_GROWN = 1.2; // before letters meet
  const QUIET_MS = 2500;
  const WRITE_MS = 250; // browsers refuse an address that changes too often

  const asked = () => {
    const told = new URLSearchParams(location.hash ? location.hash.slice(1) : location.search);
    const step = Math.round(Number(told.get("step") ?? 1)) - 1;
    return {
      step: Math.max(0, Math.min(last, Number.isFinite(step) ? step : 0)),
      slider: told.get("slider"),
      notes: told.has("notes"),
    };
  };
  let at = asked().step;
  let moved = false; // since this page was opened

  // The notes' window follows the deck. A file opened from disk may have no channel to itself: then the two windows,
  // one of which opened the other, talk to each other.
  const channel = "BroadcastChannel" in window ? new BroadcastChannel(`twenty-watts ${deck.key}`) : null;
  let partner = window.opener;
  const say = (message) => {
    channel?.postMessage(message);
    if (partner && !partner.closed) partner.postMessage(message, "*");
  };
  const listen = (hear) => {
    channel?.addEventListener("message", (event) => hear(event.data));
    addEventListener("message", (event) => {
      if (partner && event.source === partner) hear(event.data);
    });
  };

  const element = (tag, text = "", attributes = {}) => {
    const made = Object.assign(document.createElement(tag), attributes);
    made.textContent = text;
    return made;
  };

  // Which step a key asks for; undefined for any other key.
  const wanted = (event) =>
    ({
      ArrowRight: at + 1, PageDown: at + 1, " ": at + 1, Enter: at + 1,
      ArrowLeft: at - 1, PageUp: at - 1, Backspace: at - 1,
      Home: 0, End: last,
    })[event.key];
  const plain = (event) => !event.altKey && !event.ctrlKey && !event.metaKey && !event.defaultPrevented;

  if (asked().notes) {
    showNotes();
    return;
  }

  // Figures

  const drawn = sections.map(() => "");
  let drawing = null;
  let ready = false;

  const scheme = (n) => {
    const theme = deck.steps[n].theme;
    return theme === "light" || theme === "dark" ? theme : dark ? "dark" : "light";
  };

  // Some figures for a wide screen would collide on a narrow one; then the page's own is drawn.
  const narrow = (n) => small.matches && deck.steps[n].narrow;
  const shape = (n) => narrow(n) || deck.steps[n].shape;

  // A figure keeps its layout of ordinary size and is scaled as a whole, letters too.
  function fit(n) {
    const place = sections[n].querySelector(".place");
    place.style.setProperty("--height", `${shape(n).height[0]}px`);
    const room = { width: place.clientWidth, height: place.clientHeight };
    const height = shape(n).height[scheme(n) === "dark" ? 1 : 0];
    const scale = small.matches ? 1 : Math.min(room.height / height, room.width / NARROWEST_PX, LARGEST);
    const width = Math.floor(Math.min(room.width / scale, small.matches ? room.width : WIDEST_PX));
    return { room, height, scale, width };
  }

  function put(n) {
    const { room, height, scale, width } = fit(n);
    const style = sections[n].querySelector(".chart").style;
    style.width = `${width}px`;
    style.height = `${height}px`;
    style.transform = scale === 1 ? "none" : `scale(${scale})`;
    style.left = `${Math.max(0, (room.width - width * scale) / 2)}px`;
    style.top = `${Math.max(0, (room.height - height * scale) / 2)}px`;
    return `${scheme(n)} ${width}`;
  }

  // A figure that is shrunk gets larger letters, as far as there is room for them.
  function legible(part, scale, inFont = false) {
    const grown = (size) => Math.min(Math.max(size, LEAST_PX / scale), MOST_GROWN * size);
    if (typeof part === "string") return part.replace(/font-size: ?([\d.]+)px/g, (_, size) => `font-size:${grown(Number(size))}px`);
    if (part === null || typeof part !== "object" || (Array.isArray(part) && typeof part[0] === "number")) return part;
    if (Array.isArray(part)) return part.map((one) => legible(one, scale));
    return Object.fromEntries(
      Object.entries(part).map(([name, one]) => {
        if (inFont && name === "size") return [name, Array.isArray(one) ? one.map(grown) : grown(one)];
        return [name, legible(one, scale, name.toLowerCase().endsWith("font"))];
      }),
    );
  }

  async function draw(n) {
    const Plotly = window.Plotly || window.moduleName;
    const chart = sections[n].querySelector(".chart");
    const size = put(n);
    drawn[n] = size;
    const { config, ...figure } = JSON.parse(byId(`figure-${n}-${scheme(n)}${narrow(n) ? "-narrow" : ""}`).textContent);
    const { scale } = fit(n);
    const told = { config, ...(small.matches || scale >= MOST_GROWN ? figure : legible(figure, scale)) };
    const width = Number(size.split(" ")[1]);
    const layout = { ...told.layout, width, autosize: false };
    await Plotly.newPlot(chart, { ...told, layout });
    const { slider } = deck.steps[n];
    if (slider && standing(n) !== slider.start) show(n);
    chart.dataset.drawn = scheme(n);
  }

  // The next figure that is not as it should be, nearest to the screen's.
  function stale() {
    const order = [at];
    for (let by = 1; by <= NEAR; by += 1) order.push(at + by, at - by);
    return order.find((n) => n >= 0 && n <= last && drawn[n] !== `${scheme(n)} ${fit(n).width}`);
  }

  function work() {
    if (!ready || drawing) return;
    const n = stale();
    if (n === undefined) return;
    // After the words have been painted; those that nobody sees yet wait until there is time.
    const when = n === at || !window.requestIdleCallback ? (f) => setTimeout(f, 0) : (f) => requestIdleCallback(f, { timeout: 500 });
    drawing = new Promise((done) => when(done)).then(() => draw(stale() ?? n));
    drawing.catch((error) => console.error(error)).then(() => {
      drawing = null;
      work();
    });
  }

  // Sliders

  const standing = (n) => Number(sections[n].querySelector("input")?.value ?? 0);

  // Nothing waits for Plotly here: of a move that another one interrupts it may never say that it ended.
  const show = (n) => {
    const chart = sections[n].querySelector(".chart");
    const position = standing(n);
    chart.dataset.position = String(position);
    (window.Plotly || window.moduleName).animate(chart, ...shape(n).moves[position]).catch(() => null);
  };

  const showing = sections.map(() => 0);
  let writing = 0;

  // Move the slider of a step to a place, with all that is said of it.
  function slideTo(n, position) {
    const slider = sections[n].querySelector("input");
    const told = deck.steps[n].slider;
    slider.value = position;
    const label = told.labels[slider.value];
    sections[n].querySelector("output").textContent = label;
    slider.setAttribute("aria-valuetext", label);
    const [sentence, words] = told.sentences[slider.value] ?? [];
    if (sentence) sections[n].querySelector("h1").innerHTML = sentence; // escaped when the story was read
    deck.steps[n].sentence = words ?? deck.steps[n].sentence;
    deck.steps[n].spread = told.spreads[slider.value] ?? deck.steps[n].spread;
    cancelAnimationFrame(showing[n]);
    showing[n] = requestAnimationFrame(() => {
      if (sections[n].querySelector(".chart").dataset.drawn) show(n);
    });
  }

  // Move the slider of the step on the screen to where an address has it.
  function slideAsAsked(value) {
    if (value === null) return;
    const told = deck.steps[at].slider;
    const position = told ? told.values.indexOf(value) : -1;
    if (position < 0) {
      const here = told ? `allowed here are ${told.values.join(", ")}` : "this step has no slider";
      notice(`The link says slider=${value.slice(0, 40)}; ${here}.`);
    } else if (position !== standing(at)) slideTo(at, position);
  }

  sections.forEach((section, n) => {
    const slider = section.querySelector("input");
    if (!slider) return;
    slider.value = deck.steps[n].slider.start; // what a browser remembers of an earlier visit is not the story
    slider.addEventListener("input", () => {
      moved = true;
      noticed()?.remove();
      slideTo(n, slider.value);
      lead();
      tell();
      clearTimeout(writing);
      writing = setTimeout(write, WRITE_MS);
    });
    // A slider that was dragged lets go of the keys again.
    slider.addEventListener("pointerup", () => slider.blur());
    for (const button of section.querySelectorAll("button[data-by]")) {
      button.addEventListener("click", (event) => {
        slide(Number(button.dataset.by));
        if (event.detail) button.blur();
      });
    }
  });

  function slide(by) {
    const slider = sections[at].querySelector("input");
    if (!slider) return;
    slider.value = Number(slider.value) + by;
    slider.dispatchEvent(new Event("input"));
  }

  // Steps

  function render() {
    sections.forEach((section, n) => {
      section.classList.toggle("current", n === at);
      section.inert = n !== at;
    });
    root.dataset.scheme = scheme(at);
    byId("counter").textContent = `${at + 1} / ${last + 1}`;
    byId("said").textContent = `Step ${at + 1}: ${deck.steps[at].sentence}`;
    byId("back").disabled = at === 0;
    byId("on").disabled = at === last;
    document.body.classList.remove("black");
    if (drawn[at]) put(at);
    lead();
    work();
  }

  // This page's address, with the step and, where it was moved, its slider.
  function here(...more) {
    const url = new URL(location.href);
    const { slider } = deck.steps[at];
    const pieces = [`step=${at + 1}`];
    if (slider && standing(at) !== slider.start) pieces.push(`slider=${encodeURIComponent(slider.values[standing(at)])}`);
    pieces.push(...more);
    const kept = url.search.slice(1).split("&").filter((piece) => piece && !/^(step|slider)(=|$)/.test(piece));
    if (!deck.offline) url.search = [...kept, ...pieces].join("&");
    url.hash = deck.offline ? pieces.join("&") : "";
    return url;
  }

  let written = "";
  function write() {
    const url = here();
    written = url.hash;
    if (deck.offline) location.replace(url.href);
    else history.replaceState(history.state, "", url.href);
  }

  // Somebody wrote another address, or went back to one.
  function follow() {
    if (deck.offline && location.hash === written) return;
    const { step, slider } = asked(); // before going there writes another
    go(step);
    slideAsAsked(slider);
  }

  const tell = () => say({ at, place: standing(at) });

  const noticed = () => document.querySelector(".notice");
  function notice(text) {
    const before = noticed();
    const line = before ?? element("p", "", { className: "notice", role: "status" });
    line.textContent = `${line.textContent} ${text}`.trim();
    document.body.prepend(line);
  }

  function go(n) {
    const next = Math.max(0, Math.min(last, n));
    noticed()?.remove();
    if (next === at) {
      document.body.classList.remove("black");
      return;
    }
    at = next;
    moved = true;
    render();
    write();
    tell();
  }

  // The dashboard in the state of this step, its slider where it stands now.
  function dashboard() {
    const { dashboard: address, slider } = deck.steps[at];
    if (!address || !slider) return address;
    const value = slider.values[standing(at)];
    const [path, query] = address.split("?");
    const pieces = query.split("&").map((piece) => {
      return piece.startsWith(`${slider.parameter}=`) ? `${slider.parameter}=${encodeURIComponent(value)}` : piece;
    });
    return `${path}?${pieces.join("&")}`;
  }

  const lead = () => byId("leave")?.setAttribute("href", dashboard());

  // Back to where one was: whoever looked in and changed nothing goes back to the page he came from.
  function leave() {
    const opened = performance.getEntriesByType("navigation")[0]?.type === "navigate";
    const from = document.referrer;
    const came = from.startsWith(`${location.origin}/`) && !/^\/(present|view)/.test(new URL(from).pathname);
    write();
    const address = opened && !moved && came ? from : dashboard();
    if (address) location.assign(address);
  }

  const full = () => (document.fullscreenElement ? document.exitFullscreen() : root.requestFullscreen?.().catch(() => null));

  function openNotes() {
    partner = open(here("notes").href, `notes-${deck.key}`, "popup,width=900,height=720") ?? partner;
  }

  function showCode() {
    const dialog = byId("code");
    const { codes, phones, lights, caption, spread } = deck.steps[at];
    const [code, phone, light] = [codes, phones, lights].map((some) => some[standing(at)]);
    const words = element("div", "", { className: "words" });
    const link = element("input", "", { readOnly: true, value: here().href });
    link.setAttribute("aria-label", "Link to this step");
    const copy = element("button", "Copy link to this step", { type: "button" });
    copy.addEventListener("click", async () => {
      link.select();
      await navigator.clipboard?.writeText(link.value).catch(() => null);
      copy.textContent = "Copied";
    });
    const close = element("button", "Close", { type: "button" });
    close.addEventListener("click", () => dialog.close());
    // HTML of our own pages; what a story says comes as text.
    const trusted = (html) => Object.assign(element("p", "", { className: "muted" }), { innerHTML: html });
    words.append(element("h2", code ? "This figure on your phone" : deck.title));
    words.append(element("p", phone || NO_CODE[deck.offline ? "file" : "server"], { className: "muted" }));
    if (phone && LOCAL.test(new URL(phone).hostname)) words.append(element("p", "Only this very machine can open that address."));
    if (spread) words.append(trusted(spread));
    words.append(trusted(caption));
    if (light) {
      const sources = element("p");
      sources.append(element("a", "Numbers and sources of this figure", { href: light, target: "_blank", rel: "noopener" }));
      words.append(sources);
    }
    if (!deck.offline) words.append(link, copy);
    words.append(close, trusted(KEYS));
    words.lastChild.classList.add("keys");
    const picture = element("div");
    if (code) picture.innerHTML = drawnCode(code);
    dialog.replaceChildren(...(code ? [picture, words] : [words]));
    dialog.tabIndex = -1;
    dialog.showModal();
    dialog.focus();
    dialog.scrollTop = 0;
  }

  // A QR code: dark on white whatever the room, one unit a module, with a rim of three.
  function drawnCode([size, packed]) {
    const bytes = Uint8Array.from(atob(packed), (letter) => letter.charCodeAt(0));
    let dark = "";
    for (let n = 0; n < size * size; n += 1) {
      if (bytes[n >> 3] & (128 >> (n & 7))) dark += `M${(n % size) + 3} ${Math.floor(n / size) + 3}h1v1h-1z`;
    }
    const wide = size + 6;
    return (
      `<svg viewBox="0 0 ${wide} ${wide}" shape-rendering="crispEdges"><path fill="#fff" d="M0 0h${wide}v${wide}h-${wide}z"/>` +
      `<path fill="#000" d="${dark}"/></svg>`
    );
  }

  const LOCAL = /^(localhost|127\..*|\[::1\])$/;
  const NO_CODE = {
    file: "This file was saved where the dashboard’s address is not known, so there is no code.",
    server: "This server does not know its public address, so there is no code.",
  };
  const KEYS =
    "<kbd>→</kbd> <kbd>←</kbd> steps · <kbd>↑</kbd> <kbd>↓</kbd> slider · <kbd>F</kbd> full screen · <kbd>N</kbd> notes · " +
    "<kbd>Q</kbd> code · <kbd>B</kbd> black" + (deck.offline ? "" : " · <kbd>Esc</kbd> dashboard");

  addEventListener("keydown", (event) => {
    if (!plain(event)) return;
    const { target, key } = event;
    if (byId("code").open) {
      if (key.toLowerCase() === "q" && !event.repeat) byId("code").close();
      return;
    }
    const onSlider = target.matches?.("input[type=range]");
    if (onSlider && /^(Arrow|Home$|End$)/.test(key)) return;
    if (target.matches?.("button, a") && (key === "Enter" || key === " ")) return;
    const black = () => document.body.classList.toggle("black");
    const letters = { f: full, n: openNotes, q: showCode, b: black, ".": black };
    const by = { ArrowUp: 1, ArrowDown: -1 }[key];
    const step = wanted(event);
    if (step !== undefined) go(step);
    else if (by && !small.matches) slide(by);
    else if (key === "Escape") {
      if (document.body.classList.contains("black")) document.body.classList.remove("black");
      else if (document.fullscreenElement) document.exitFullscreen();
      else if (!deck.offline) leave(); // a file may have no network to leave by; its link stays
    } else if (letters[key.toLowerCase()] && !event.repeat) letters[key.toLowerCase()]();
    else return;
    event.preventDefault();
  });

  byId("back").addEventListener("click", () => go(at - 1));
  byId("on").addEventListener("click", () => go(at + 1));
  byId("full").addEventListener("click", full);
  byId("notes-button").addEventListener("click", openNotes);
  byId("code-button").addEventListener("click", showCode);
  if (!root.requestFullscreen) byId("full").remove();

  // A finger drawn across the screen turns the page.
  let touched = null;
  addEventListener("touchstart", (event) => {
    const [one] = event.touches;
    touched = event.touches.length === 1 && !event.target.closest("input, button, a, dialog") ? { x: one.clientX, y: one.clientY } : null;
  }, { passive: true });
  addEventListener("touchend", (event) => {
    if (!touched) return;
    const [one] = event.changedTouches;
    const across = one.clientX - touched.x;
    if (Math.abs(across) > 60 && Math.abs(across) > 2 * Math.abs(one.clientY - touched.y)) go(at + (across < 0 ? 1 : -1));
    touched = null;
  }, { passive: true });

  let quiet = 0;
  const stir = () => {
    document.body.classList.remove("quiet");
    clearTimeout(quiet);
    quiet = setTimeout(() => document.body.classList.add("quiet"), QUIET_MS);
  };
  for (const name of ["pointermove", "pointerdown", "focusin"]) addEventListener(name, stir);

  let resized = 0;
  const refit = () => {
    clearTimeout(resized);
    resized = setTimeout(() => {
      for (const n of sections.keys()) if (drawn[n]) put(n);
      render();
    }, 120);
  };
  addEventListener("resize", refit);
  whenTurned(render);
  addEventListener("hashchange", follow);
  addEventListener("popstate", follow);
  listen((message) => {
    if (message?.hello) tell();
    else if (Number.isInteger(message?.go)) go(message.go);
  });

  stir();
  slideAsAsked(asked().slider);
  render();
  tell();
  // Labels are set for our typeface; a figure does not wait long for it.
  const patience = new Promise((resolve) => setTimeout(resolve, 800));
  const letters = Promise.race([document.fonts.load("16px Inter"), patience]).catch(() => null);
  const loaded = new Promise((resolve) => {
    if (window.Plotly || window.moduleName) resolve();
    else addEventListener("DOMContentLoaded", resolve);
  });
  Promise.all([letters, loaded]).then(() => {
    ready = true;
    work();
  });

  // The speaker's window: what is on the screen, what to say, what comes next, and the time.
  function showNotes() {
    const began = Date.now();
    const page = element("div", "", { className: "notes" });
    const [counter, clock, now, note, next] = ["b", "b", "p", "p", "p"].map((tag) => element(tag));
    const [back, on] = [["‹", "Step back", -1], ["›", "Step on", 1]].map(([sign, label, by]) => {
      const button = element("button", sign, { type: "button" });
      button.setAttribute("aria-label", label);
      button.addEventListener("click", () => say({ go: at + by }));
      return button;
    });
    const bar = element("div", "", { className: "bar" });
    bar.append(counter, back, on, clock);
    now.className = "now";
    note.className = "note";
    next.className = "muted";
    page.append(bar, now, note, next);
    document.body.replaceChildren(page);
    const light = () => {
      root.dataset.scheme = dark ? "dark" : "light";
    };
    document.title = `Notes · ${deck.title}`;
    let sentence = deck.steps[at].sentence;
    const write = () => {
      counter.textContent = `${at + 1} / ${last + 1}`;
      now.textContent = sentence;
      note.textContent = deck.steps[at].note || "No note.";
      next.textContent = at < last ? `Next: ${deck.steps[at + 1].sentence}` : "This was the last step.";
    };
    const tick = () => {
      const seconds = Math.floor((Date.now() - began) / 1000);
      clock.textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
    };
    listen((message) => {
      if (!Number.isInteger(message?.at) || message.at < 0 || message.at > last) return;
      at = message.at;
      sentence = deck.steps[at].slider?.sentences[message.place]?.[1] ?? deck.steps[at].sentence;
      write();
    });
    addEventListener("keydown", (event) => {
      const step = plain(event) && !event.target.matches?.("button") ? wanted(event) : undefined;
      if (step === undefined) return;
      event.preventDefault();
      say({ go: step });
    });
    setInterval(tick, 1000);
    whenTurned(light);
    light();
    write();
    tick();
    say({ hello: true });
  }
})();
