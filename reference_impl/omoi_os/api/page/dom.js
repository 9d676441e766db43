// Builds elements. Text is always set as text, so that nothing a user wrote can become markup.

/** Make an element; attributes that are functions listen, those that are false or undefined are left out. */
export function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") node.addEventListener(name, value);
    else if (value !== false && value !== undefined) node.setAttribute(name, value);
  }
  replace(node, ...children);
  return node;
}

/** Replace what an element holds; children that are null are left out. */
export function replace(node, ...children) {
  node.replaceChildren(...children.flat().filter((child) => child !== null));
}

/** Find an element of the page by its id. */
export const byId = (id) => document.getElementById(id);

/** Replace what a list shows, or say that there is nothing. */
export function fill(list, items, empty) {
  replace(list, items.length ? items : el("li", { class: "quiet" }, empty));
}

/** Make a button that is off while its work is under way. */
export function button(label, work, { primary = false } = {}) {
  const click = async (event) => {
    const clicked = event.currentTarget;
    clicked.disabled = true;
    try {
      await work();
    } finally {
      clicked.disabled = false;
    }
  };
  return el("button", { type: "button", class: primary ? "primary" : false, click }, label);
}
