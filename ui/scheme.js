// Asks for a run of the page when the screen turns dark or light while it is open.

const LATER_MS = 200; // Streamlit has told itself by then, and tells the server with its next message

const dark = matchMedia("(prefers-color-scheme: dark)");
const turned = new WeakMap();

export default function ({ parentElement, setTriggerValue }) {
  // An empty element would still take a gap.
  const element = (parentElement.host ?? parentElement).closest('[data-testid="stElementContainer"]');
  if (element) element.style.display = "none";
  if (!turned.has(parentElement)) {
    const change = () => setTimeout(() => turned.get(parentElement)?.tell(), LATER_MS);
    dark.addEventListener("change", change);
    turned.set(parentElement, { stop: () => dark.removeEventListener("change", change) });
  }
  turned.get(parentElement).tell = () => setTriggerValue("turned", dark.matches ? "dark" : "light");
  return () => {
    turned.get(parentElement)?.stop();
    turned.delete(parentElement);
  };
}
