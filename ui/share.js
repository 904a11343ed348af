// Two small things of the Share dialog that only a browser can do: put a text on the clipboard, and draw a figure with
// its sentence and its sources as a slide, as SVG or PNG. Plotly is loaded when a picture is first asked for.

const SLIDE = { width: 1280, height: 720, margin: 44, pixels: 1.5 }; // 1920 by 1080
const FAMILY = "Inter, system-ui, sans-serif";
const RAISED = { 0: "⁰", 1: "¹", 2: "²", 3: "³", 4: "⁴", 5: "⁵", 6: "⁶", 7: "⁷", 8: "⁸", 9: "⁹", "-": "⁻", "−": "⁻", ".": "·" };
const SVG = "http://www.w3.org/2000/svg";

export default function ({ data, parentElement }) {
  const root = parentElement.querySelector(".share");
  root.replaceChildren(...(data.picture ? pictureButtons(data) : copyField(data)));
}

function make(name, attributes, ...children) {
  const found = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) found.setAttribute(key, value);
  found.append(...children);
  return found;
}

function copyField({ label, text, rows }) {
  const id = `copy-${Math.random().toString(36).slice(2)}`;
  const field = rows
    ? make("textarea", { id, rows, readonly: "", spellcheck: "false" })
    : make("input", { id, readonly: "", spellcheck: "false" });
  field.value = text;
  field.addEventListener("focus", () => field.select());
  const said = make("span", { role: "status", class: "said" });
  const button = make("button", { type: "button", "aria-label": `Copy: ${label}` }, "Copy");
  button.addEventListener("click", async () => {
    said.textContent = (await copy(text, field)) ? "Copied" : "Press Ctrl+C or ⌘C";
  });
  return [make("label", { for: id }, label), make("div", { class: "row" }, field, button, said)];
}

async function copy(text, field) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // Without a secure connection there is no clipboard; the older way may still work, and the text is selected.
    field.focus();
    field.select();
    return document.execCommand("copy");
  }
}

function pictureButtons({ picture, plotly, font }) {
  const said = make("span", { role: "status", class: "said" });
  const buttons = ["PNG", "SVG"].map((kind) => {
    const button = make("button", { type: "button", "data-kind": kind }, `${kind} picture`);
    button.addEventListener("click", async () => {
      said.textContent = "Drawing …";
      try {
        const drawn = await slide(picture, plotly, font);
        save(kind === "PNG" ? await pixels(drawn) : new Blob([drawn], { type: "image/svg+xml" }), picture.file + kind.toLowerCase());
        said.textContent = `Saved as ${picture.file}${kind.toLowerCase()}`;
      } catch (error) {
        said.textContent = `The picture could not be drawn: ${error.message}`;
      }
    });
    return button;
  });
  return [make("div", { class: "row" }, ...buttons, said)];
}

function save(blob, name) {
  const address = URL.createObjectURL(blob);
  const link = make("a", { href: address, download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}

let loading = null;
function loaded(address) {
  loading ??= new Promise((resolve, reject) => {
    const script = make("script", { src: address });
    script.onload = () => resolve(window.Plotly ?? window.moduleName);
    script.onerror = () => {
      loading = null;
      reject(new Error("Plotly did not load"));
    };
    document.head.append(script);
  });
  return loading;
}

async function slide(picture, plotly, font) {
  await document.fonts.load(`16px Inter`).catch(() => null);
  const { width, height, margin } = SLIDE;
  const { ground, ink, muted } = picture.colours;
  const room = width - 2 * margin;
  const title = block(picture.headline, { size: 32, leading: 1.16, fill: ink, weight: 700, room, most: 3 }, picture.colours);
  const range = block(picture.range, { size: 18, leading: 1.3, fill: muted, room, most: 3 }, picture.colours);
  const legend = block(picture.legend, { size: 16, leading: 1.3, fill: muted, room, most: 3 }, picture.colours);
  const position = block(picture.position, { size: 20, leading: 1.2, fill: ink, weight: 700, room, most: 2 }, picture.colours);
  const caption = block(picture.caption, { size: 14, leading: 1.3, fill: muted, room, most: 4 }, picture.colours);
  const parts = [];
  let top = 36;
  for (const [words, gap] of [[title, 6], [range, 6], [position, 6], [legend, 8]]) {
    if (!words.lines) continue;
    parts.push(words.at(margin, top));
    top += words.height + gap;
  }
  const bottom = height - 24 - caption.height;
  parts.push(caption.at(margin, bottom));
  const space = bottom - 10 - top;
  const figure = JSON.parse(picture.figure);
  const drawn = picture.drawn ? await fromPlotly(await loaded(plotly), figure, room, space) : fromPage(picture.key);
  const scale = Math.min(room / drawn.width, space / drawn.height);
  const left = margin + (room - drawn.width * scale) / 2;
  const letters = await fontData(font);
  return `<svg xmlns="${SVG}" xmlns:xlink="http://www.w3.org/1999/xlink" role="img" width="${width * SLIDE.pixels}" height="${height * SLIDE.pixels}" viewBox="0 0 ${width} ${height}">
<title>${escaped(plain(picture.headline))}</title><desc>${escaped(picture.alt)}</desc>
<style>@font-face{font-family:Inter;font-weight:400 700;src:url(${letters}) format("woff2")}</style>
<rect width="${width}" height="${height}" fill="${ground}"/>
<svg x="${left}" y="${top}" width="${drawn.width * scale}" height="${drawn.height * scale}" viewBox="0 0 ${drawn.width} ${drawn.height}">${drawn.inner}</svg>
<g font-family="${FAMILY}">${parts.join("")}</g>
</svg>`;
}

// A figure that was made higher than the slide has room for is drawn at its own height and shrunk, so that nothing in it
// comes closer together than it was made for; a low one is stretched to twice its height at most.
async function fromPlotly(Plotly, figure, room, space) {
  const made = figure.layout.height ?? space;
  const height = made > space ? made : Math.min(space, 2 * made);
  const width = Math.round(room * Math.max(1, height / space));
  const layout = { ...figure.layout, width, height, autosize: false };
  const address = await Plotly.toImage({ data: figure.data, layout }, { format: "svg", width, height });
  return { width, height, inner: within(decodeURIComponent(address.slice(address.indexOf(",") + 1))) };
}

const within = (text) => {
  const parsed = new DOMParser().parseFromString(text, "image/svg+xml");
  return [...parsed.documentElement.childNodes].map((node) => new XMLSerializer().serializeToString(node)).join("");
};

// Kinds of figure that the small Plotly does not draw are taken as they stand on the page.
function fromPage(key) {
  const layers = [...document.querySelectorAll(`.st-key-${CSS.escape(key)} .js-plotly-plot svg.main-svg`)];
  if (!layers.length) throw new Error("it is not on this page");
  const { width, height } = layers[0].getBoundingClientRect();
  const text = layers.map((layer) => [...layer.childNodes].map((node) => new XMLSerializer().serializeToString(node)).join(""));
  return { width, height, inner: text.join("") };
}

const data_uris = new Map();
async function fontData(address) {
  if (!data_uris.has(address)) {
    const bytes = new Uint8Array(await (await fetch(address)).arrayBuffer());
    let text = "";
    for (let at = 0; at < bytes.length; at += 8192) text += String.fromCharCode(...bytes.subarray(at, at + 8192));
    data_uris.set(address, `data:font/woff2;base64,${btoa(text)}`);
  }
  return data_uris.get(address);
}

async function pixels(svg) {
  const address = URL.createObjectURL(new Blob([svg], { type: "image/svg+xml" }));
  try {
    const image = new Image();
    image.src = address;
    await image.decode();
    const canvas = make("canvas", { width: SLIDE.width * SLIDE.pixels, height: SLIDE.height * SLIDE.pixels });
    canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
    return await new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
  } finally {
    URL.revokeObjectURL(address);
  }
}

// Trusted HTML as lines of coloured words. SVG knows no line breaks, so the words are measured.
function block(html, { size, leading, fill, weight = 400, room, most }, colours) {
  const brush = document.createElement("canvas").getContext("2d");
  const words = runs(html, fill, weight, colours);
  let lines = [];
  for (let step = size; step >= 12; step -= 1) {
    size = step;
    lines = wrapped(words, brush, size, room);
    if (lines.length <= most) break;
  }
  return {
    lines: lines.length,
    height: lines.length * size * leading,
    at: (x, y) =>
      lines
        .map((line, row) => {
          const spans = line.map((word) => `<tspan fill="${word.fill}" font-weight="${word.weight}">${escaped(word.text)}</tspan>`);
          return `<text x="${x}" y="${y + size * (0.95 + row * leading)}" font-size="${size}" xml:space="preserve">${spans.join("")}</text>`;
        })
        .join(""),
  };
}

function wrapped(words, brush, size, room) {
  const lines = [[]];
  let used = 0;
  for (const word of words) {
    brush.font = `${word.weight} ${size}px ${FAMILY}`;
    const wide = brush.measureText(word.text).width;
    if (word.text === "\n" || (used + brush.measureText(word.text.trimEnd()).width > room && used)) {
      lines.push([]);
      used = 0;
      if (word.text === "\n" || !word.text.trim()) continue;
    }
    lines.at(-1).push(word);
    used += wide;
  }
  return lines.filter((line) => line.length);
}

function runs(html, fill, weight, colours) {
  const found = [];
  const visit = (node, style) => {
    if (node.nodeType === Node.TEXT_NODE) {
      const text = style.raised ? [...node.data].map((letter) => RAISED[letter] ?? letter).join("") : node.data;
      for (const piece of text.replace(/[ \t\r\n]+/g, " ").match(/[^ ]* ?/g)) if (piece) found.push({ text: piece, ...style });
      return;
    }
    const next = { ...style };
    if (node.classList?.contains("tw-machine")) next.fill = colours.machine;
    if (node.style?.color) next.fill = node.style.color;
    if (node.nodeName === "B" || node.nodeName === "STRONG") next.weight = 700;
    if (node.nodeName === "SUP") next.raised = true;
    if (node.nodeName === "BR") found.push({ text: "\n", ...style });
    for (const child of node.childNodes) visit(child, next);
    if (["P", "DIV", "LI"].includes(node.nodeName) && node.nextSibling) found.push({ text: "\n", ...style });
  };
  visit(new DOMParser().parseFromString(html, "text/html").body, { fill, weight });
  return found;
}

const plain = (html) => runs(html, "", 400, {}).map((word) => word.text).join("").trim();
const escaped = (text) => text.replace(/[&<>"]/g, (letter) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[letter]);
