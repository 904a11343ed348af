// What Streamlit's own page lacks for a keyboard or a screen reader, and no setting of it gives. The page works without.

(() => {
  const SECTION = '[data-testid="stNavSectionHeader"]';
  const WIDE = ".tw-scroll, .stCode pre";
  const NARROW = matchMedia("(max-width: 768px)"); // where Streamlit lays the sidebar over the page
  let frame = 0;

  function mend() {
    frame = 0;
    document.querySelectorAll('[data-testid="stSidebarNavItems"]').forEach(menu);
    document.querySelectorAll(WIDE).forEach(wide);
  }

  // On a narrow screen the menu's items stand in sections inside one list, which HTML does not allow, and the sections
  // fold at a click only. Groups of links say the same.
  function menu(list) {
    for (const element of [list, ...list.querySelectorAll("li")]) set(element, { role: "none" });
    for (const title of list.querySelectorAll(SECTION)) {
      const section = title.parentElement;
      set(section, { role: "group", "aria-label": words(title) });
      set(title.firstElementChild, { role: "button", tabindex: "0", "aria-expanded": String(section.querySelector("li") !== null) });
    }
  }

  // What is wider than the screen can be moved with arrow keys once the focus is on it.
  function wide(box) {
    const name = words(box.closest("details")?.querySelector("summary")) || words(headingBefore(box)) || "Table";
    if (box.scrollWidth > box.clientWidth) set(box, { tabindex: "0", role: "group", "aria-label": name });
    else for (const attribute of ["tabindex", "role", "aria-label"]) box.removeAttribute(attribute);
  }

  function set(element, attributes) {
    for (const [name, value] of Object.entries(attributes)) {
      if (element.getAttribute(name) !== value) element.setAttribute(name, value);
    }
  }

  function headingBefore(element) {
    const before = (heading) => heading.compareDocumentPosition(element) & Node.DOCUMENT_POSITION_FOLLOWING;
    return [...document.querySelectorAll("h1, h2")].filter(before).at(-1);
  }

  // Icons are words in a typeface of their own.
  const words = (element) => (element?.querySelector('[data-testid="stMarkdownContainer"]') ?? element)?.textContent.trim() ?? "";

  function later() {
    frame ||= requestAnimationFrame(mend);
  }

  document.addEventListener("keydown", (event) => {
    if (!event.target.matches?.(`${SECTION} > [role=button]`) || !["Enter", " "].includes(event.key)) return;
    event.preventDefault();
    event.target.click();
  });
  // On a narrow screen the sidebar lies over the page that its menu leads to.
  document.addEventListener("click", (event) => {
    if (!NARROW.matches || !event.target.closest?.('[data-testid="stSidebarNavLink"]')) return;
    document.querySelector('[data-testid="stSidebarCollapseButton"] button')?.click();
  });
  document.addEventListener("toggle", later, true); // what stood folded up had no width
  addEventListener("resize", later);
  new MutationObserver(later).observe(document.body, { childList: true, subtree: true });
  later();
})();
