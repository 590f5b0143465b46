// Elements are made here, with text as text: nothing that came over the network is ever parsed as markup.

/** make("p", {class: "note"}, "text", child): attributes as strings, false and undefined are left out. */
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== false) element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children);
  return element;
}

export const byId = (id) => document.getElementById(id);

/** 1234567 becomes 1,234,567. */
export const grouped = (number) => Number(number).toLocaleString("en");
