// Builds elements. Text enters only as text nodes, so nothing a person wrote can become markup.

const SVG = "http://www.w3.org/2000/svg";

/** The element with this id; the page's own template always has it. */
export const byId = (id) => document.getElementById(id);

/** A new element; `true` sets a bare attribute, `false`, `null` and `undefined` leave it out. */
export function make(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === true) node.setAttribute(name, "");
    else if (value !== false && value != null) node.setAttribute(name, value);
  }
  node.append(...children.filter((child) => child != null));
  return node;
}

/** A picture of our own sprite, silent for screen readers. */
export function icon(name) {
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `/static/icons.svg#${name}`);
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  svg.append(use);
  return svg;
}
