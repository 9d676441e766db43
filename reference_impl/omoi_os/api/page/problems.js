// Tells what went wrong, in the platform's own words.

import { byId, el } from "/page/dom.js";
import { money } from "/page/format.js";

const SHOWN_MILLISECONDS = 12000;

/** Say which budget refuses, by the name of what it covers; other problems say enough themselves. */
export function explain(store, error) {
  const { scope_type, scope_id = null, limit, spent, reserved, needed } = error.problem ?? {};
  if (scope_type === undefined) return error;
  const parts = [`${money(spent)} of ${money(limit)} spent`];
  if (reserved) parts.push(`${money(reserved)} held back for other tasks`);
  if (needed) parts.push(`${money(needed)} needed`);
  return { title: error.title, message: `${store.scopeName({ scope_type, scope_id })}: ${parts.join(", ")}.` };
}

/** Show a problem for a while, or until it is clicked away. */
export function tellProblem(error) {
  const toast = el("div", { class: "toast", "data-problem": "" },
    el("strong", {}, error.title ?? "That did not work"),
    el("span", {}, error.message),
    el("button", { type: "button", "aria-label": "Dismiss", click: () => toast.remove() }, "×"));
  byId("problems").append(toast);
  setTimeout(() => toast.remove(), SHOWN_MILLISECONDS);
}
