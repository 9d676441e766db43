// Tells what went wrong, in the platform's own words.

import { byId, el } from "/page/dom.js";

const SHOWN_MILLISECONDS = 12000;

/** Show a problem for a while, or until it is clicked away. */
export function tellProblem(error) {
  const toast = el("div", { class: "toast", "data-problem": "" },
    el("strong", {}, error.title ?? "That did not work"),
    el("span", {}, error.message),
    el("button", { type: "button", "aria-label": "Dismiss", click: () => toast.remove() }, "×"));
  byId("problems").append(toast);
  setTimeout(() => toast.remove(), SHOWN_MILLISECONDS);
}
