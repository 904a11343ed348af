// The light page: draws the figure for the reader's light or dark screen, moves it with the range input, and keeps the
// address and every link to the dashboard at that position. The page reads well without any of it.

(() => {
  const chart = document.getElementById("chart");
  const Plotly = window.Plotly || window.moduleName;
  if (!chart || !Plotly) return;
  const read = (id) => JSON.parse(document.getElementById(id).textContent);
  const wanted = { light: "not all", dark: "all" }[document.documentElement.dataset.theme];
  // Looked at once, then told: Chromium leaves out the event of a change that somebody saw before it was sent.
  const room = matchMedia(wanted ?? "(prefers-color-scheme: dark)");
  let dark = room.matches;
  const slider = document.getElementById("slider");
  const steps = slider ? read("steps") : null;
  const [headline, range] = ["h1", ".range"].map((place) => document.querySelector(place));
  // Labels are set for our typeface; a figure does not wait long for it.
  const patience = new Promise((resolve) => setTimeout(resolve, 800));
  const letters = Promise.race([document.fonts.load("16px Inter"), patience]).catch(() => null);
  let drawn = Promise.resolve();
  let waiting = 0;
  let moved = false; // the figure comes standing where the address says

  function figure() {
    if (!dark) return read("figure-light");
    if (document.getElementById("figure-dark")) return read("figure-dark");
    const colours = read("dark-of");
    const text = document.getElementById("figure-light").textContent;
    return JSON.parse(text.replace(/#[0-9A-F]{6}/g, (colour) => colours[colour] ?? colour));
  }

  function draw() {
    const { data, layout, frames, config } = figure();
    drawn = letters.then(() => Plotly.newPlot(chart, { data, layout, frames, config })).then(() => {
      if (moved) show();
    });
    drawn.then(() => (chart.dataset.drawn = dark ? "dark" : "light"));
  }

  // Nothing waits for Plotly here: of a move that another one interrupts it may never say that it ended.
  function show() {
    Plotly.animate(chart, ...steps.moves[slider.value]).catch(() => null);
  }

  function say() {
    const label = steps.labels[slider.value];
    document.getElementById("position").textContent = label;
    slider.setAttribute("aria-valuetext", label);
    const found = steps.findings[slider.value]; // HTML of our own pages
    if (found) [headline.innerHTML, range.innerHTML] = found;
  }

  // Steps come faster than a phone draws: the last one of a frame counts.
  function move() {
    moved = true;
    say();
    cancelAnimationFrame(waiting);
    waiting = requestAnimationFrame(() => drawn.then(show));
  }

  function write() {
    const value = steps.values[slider.value];
    const at = (address) => {
      const url = new URL(address, location.href);
      const pieces = url.search.slice(1).split("&").filter((piece) => piece && !piece.startsWith(`${steps.parameter}=`));
      url.search = [...pieces, `${steps.parameter}=${encodeURIComponent(value)}`].join("&");
      return url.origin === location.origin ? url.pathname + url.search : url.href;
    };
    // A page saved as a file has an address that no script may change.
    if (location.protocol !== "file:") history.replaceState(history.state, "", at(location.href));
    for (const link of document.querySelectorAll("a[data-state]")) link.setAttribute("href", at(link.href));
  }

  if (slider) {
    let settled = 0;
    slider.addEventListener("input", () => {
      move();
      clearTimeout(settled);
      settled = setTimeout(write, 300);
    });
    for (const button of document.querySelectorAll("button[data-by]")) {
      button.addEventListener("click", () => {
        slider.value = Number(slider.value) + Number(button.dataset.by);
        slider.dispatchEvent(new Event("input"));
      });
    }
    slider.disabled = false;
  }
  room.addEventListener("change", ({ matches }) => {
    dark = matches;
    draw();
  });
  draw();
})();
