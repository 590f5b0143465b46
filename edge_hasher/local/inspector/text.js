// Text as a page should show it, and elements made without HTML: nothing that a client sent is parsed here.

export const NOTHING = "–";

// Control and format characters, lone surrogates and odd line ends are spelt out: they could hide or reorder the rest.
const UNSEEN = /[\p{C}\p{Zl}\p{Zp}]/gu;
const SHORT = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };

export function visible(text, { keepLines = false } = {}) {
  return String(text).replace(UNSEEN, (char) => {
    if (keepLines && char === "\n") return char;
    if (SHORT[char]) return SHORT[char];
    const hex = char.codePointAt(0).toString(16);
    if (hex.length <= 2) return "\\x" + hex.padStart(2, "0");
    return hex.length <= 4 ? "\\u" + hex.padStart(4, "0") : "\\U" + hex.padStart(8, "0");
  });
}

export function bytesText(count) {
  if (count < 1024) return `${count} B`;
  if (count < 1024 * 1024) return `${(count / 1024).toFixed(1)} KiB`;
  return `${(count / 1024 / 1024).toFixed(1)} MiB`;
}

export function wordText(text) {
  return text === "-" ? NOTHING : visible(text);
}

export function durationText(ms) {
  if (ms === null || ms === undefined) return NOTHING;
  if (ms < 10) return `${ms.toFixed(1)} ms`;
  return ms < 1000 ? `${ms.toFixed(0)} ms` : `${(ms / 1000).toFixed(2)} s`;
}

export function clockText(seconds) {
  const at = new Date(seconds * 1000);
  return [at.getHours(), at.getMinutes(), at.getSeconds()].map((part) => String(part).padStart(2, "0")).join(":");
}

// An element with a class, text and children; `attributes` are set as attributes, never as HTML.
export function make(tag, { name = "", text, ...attributes } = {}, ...children) {
  const element = document.createElement(tag);
  if (name) element.className = name;
  if (text !== undefined) element.textContent = text;
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== false) element.setAttribute(key, value === true ? "" : value);
  }
  element.append(...children);
  return element;
}

// Set text only where it differs, so that a selection or a screen reader's place in it survives.
export function say(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

export function hashOf(id) {
  return "#" + encodeURIComponent(id);
}

export function idInHash() {
  try {
    return decodeURIComponent(location.hash.slice(1));
  } catch {
    return location.hash.slice(1);
  }
}

// Copies a text and says so on the button. The clipboard needs https or localhost; elsewhere the old command is left.
export async function copy(text, button) {
  const before = (button.dataset.word ??= button.textContent);
  let done = true;
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    done = copyBySelection(text);
  }
  say(button, done ? "Copied" : "Copy by hand");
  setTimeout(() => say(button, before), 1600);
}

function copyBySelection(text) {
  const area = make("textarea", { name: "aside", readonly: true });
  const focused = document.activeElement;
  area.value = text;
  document.body.append(area);
  area.select();
  const done = document.execCommand("copy");
  area.remove();
  focused?.focus();
  return done;
}

export function copyButton(text, label) {
  const button = make("button", { name: "copy", type: "button", text: "Copy", "aria-label": `Copy ${label}` });
  button.addEventListener("click", () => copy(text, button));
  return button;
}
