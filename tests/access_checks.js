// What axe-core does not see: letters inside figures, and controls that lie beneath something else.
// A function looks at a page and returns how much it looked at and what is wrong.

window.accessChecks = {
  // Letters of figures that stand out too little from what is painted beneath them.
  faintLetters() {
    const colour = (text) => {
      const found = text.match(/^rgba?\(([^)]+)\)$/);
      if (!found) return null;
      const [red, green, blue, alpha = 1] = found[1].split(/[ ,/]+/).map(Number);
      return [red, green, blue, alpha];
    };
    const linear = (part) => (part / 255 <= 0.04045 ? part / 255 / 12.92 : ((part / 255 + 0.055) / 1.055) ** 2.4);
    const luminance = ([red, green, blue]) => 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue);
    const contrast = (first, second) => {
      const [dark, light] = [luminance(first), luminance(second)].sort((a, b) => a - b);
      return (light + 0.05) / (dark + 0.05);
    };
    const over = (top, under) => [0, 1, 2].map((at) => top[at] * top[3] + under[at] * (1 - top[3])).concat(1);
    const opacity = (element) => {
      let left = 1;
      for (let at = element; at && !at.classList.contains("js-plotly-plot"); at = at.parentElement) left *= getComputedStyle(at).opacity;
      return left;
    };
    const faded = (paint, element, share) => [...paint.slice(0, 3), paint[3] * opacity(element) * share];
    const painted = (element, x, y, under) => {
      const style = getComputedStyle(element);
      const [fill, stroke] = [colour(style.fill), colour(style.stroke)];
      const inside = fill && element.isPointInFill?.(new DOMPoint(x, y).matrixTransform(element.getScreenCTM().inverse()));
      if (inside) return over(faded(fill, element, style.fillOpacity), under);
      return stroke ? over(faded(stroke, element, style.strokeOpacity), under) : under;
    };
    const WORDS = ["text", "tspan", "svg", "g"];

    const touchable = document.createElement("style");
    touchable.textContent = ".js-plotly-plot svg, .js-plotly-plot svg * { pointer-events: visiblePainted !important }";
    document.head.append(touchable);
    const wrong = [];
    let count = 0;
    for (const plot of document.querySelectorAll(".js-plotly-plot")) {
      const paper = colour(getComputedStyle(plot.querySelector(".main-svg")).backgroundColor);
      for (const text of plot.querySelectorAll(".main-svg :is(text, tspan)")) {
        const said = [...text.childNodes].filter((node) => node.nodeType === Node.TEXT_NODE).map((node) => node.data).join("").trim();
        const box = text.getBoundingClientRect();
        const style = getComputedStyle(text);
        const size = parseFloat(style.fontSize);
        const ink = colour(style.fill);
        // The steps of a slider have names of one pixel: its line says the name.
        if (!said || !box.width || size < 2 || !ink || style.visibility !== "visible" || !opacity(text)) continue;
        count += 1;
        const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
        const rim = colour((style.textShadow.match(/^rgba?\([^)]+\)/) ?? [""])[0]);
        const found = [];
        for (const right of [0.1, 0.3, 0.5, 0.7, 0.9]) {
          const [x, y] = [box.left + right * box.width, box.top + box.height / 2];
          const shapes = document.elementsFromPoint(x, y).filter((e) => plot.contains(e) && e.ownerSVGElement && !WORDS.includes(e.tagName));
          const ground = rim ?? shapes.reverse().reduce((under, element) => painted(element, x, y, under), paper);
          found.push(contrast(over(faded(ink, text, style.fillOpacity), ground), ground));
        }
        const middle = found.sort((a, b) => a - b)[2];
        if (middle < (large ? 3 : 4.5)) wrong.push(`${said} (${style.fill}): ${middle.toFixed(2)}`);
      }
    }
    touchable.remove();
    return { count, wrong };
  },

  // Controls whose middle lies outside the screen or beneath something else, once they are scrolled to.
  outOfReach(selector) {
    const CONTROL = "button, a[href], input, textarea, summary, [role=button], [role=slider], [role=combobox], [role=tab]";
    const wrong = [];
    let count = 0;
    for (const control of document.querySelectorAll(`${selector} :is(${CONTROL})`)) {
      // A table's own buttons show themselves when it is touched.
      if (!control.checkVisibility({ visibilityProperty: true, opacityProperty: true }) || control.disabled) continue;
      control.scrollIntoView({ block: "center", inline: "nearest" });
      // A slider's input hides in a box of one pixel inside the thumb that is drawn.
      const hidden = control.parentElement.getBoundingClientRect().width < 2;
      const drawn = hidden ? control.parentElement.parentElement : control;
      const [box] = drawn.getClientRects();
      if (!box || box.width < 2 || box.height < 2) continue;
      count += 1;
      const [x, y] = [box.left + box.width / 2, box.top + box.height / 2];
      const hit = document.elementFromPoint(x, y);
      if (!hit || !(drawn.contains(hit) || hit.contains(drawn))) {
        wrong.push(`${control.outerHTML.slice(0, 160)} beneath ${hit?.outerHTML.slice(0, 120)}`);
      }
    }
    return { count, wrong };
  },

  // The longest time in seconds that anything takes to change its looks.
  slowestChange() {
    const seconds = (text) => Math.max(...text.split(",").map((part) => parseFloat(part) * (part.includes("ms") ? 0.001 : 1)));
    let slowest = 0;
    for (const element of document.querySelectorAll("*")) {
      const style = getComputedStyle(element);
      const moves = style.animationName !== "none" ? seconds(style.animationDuration) : 0;
      slowest = Math.max(slowest, seconds(style.transitionDuration), moves);
    }
    return slowest;
  },
};
