// Budgets as bars, and alerts when one of them comes to its end.

import { byId, el, fill } from "/page/dom.js";
import { clock, money, percent } from "/page/format.js";

const SAYS = { "budget.warning": "budget nearly used up", "budget.exceeded": "budget limit reached" };

/** Show every budget over the project that the viewer may read. */
export function showBudgets(store) {
  fill(byId("budgets"), store.budgets.map((budget) => bar(store, budget)), "No budgets: spending is not limited.");
}

function bar(store, budget) {
  const share = (amount) => (budget.limit_amount ? Math.min(100, (amount / budget.limit_amount) * 100) : 100);
  const spent = share(budget.spent_amount);
  const reserved = Math.min(share(budget.reserved_amount), 100 - spent);
  const state = budget.spent_amount >= budget.limit_amount ? "exceeded" : budget.alert_triggered ? "warning" : "fine";
  return el("li", { class: `budget ${state}`, "data-budget": budget.scope_type },
    el("div", { class: "line" },
      el("strong", {}, store.scopeName(budget)),
      el("span", {}, percent(budget.utilization_percent))),
    track(spent, reserved, budget),
    el("div", { class: "quiet" }, says(budget, state)));
}

/** Draw a bar; widths are set as properties, because the page forbids styles in markup. */
function track(spent, reserved, budget) {
  const parts = { spent, reserved };
  const pieces = Object.entries(parts).map(([kind, width]) => {
    const piece = el("span", { class: kind });
    piece.style.width = `${width}%`;
    return piece;
  });
  const mark = el("span", { class: "mark", title: "the share at which a warning is given" });
  mark.style.left = `${budget.alert_threshold * 100}%`;
  return el("div", { class: "track", role: "img", "aria-label": percent(budget.utilization_percent) }, pieces, mark);
}

function says(budget, state) {
  const reserved = budget.reserved_amount ? `, ${money(budget.reserved_amount)} held back for assigned tasks` : "";
  const word = { exceeded: " · limit reached", warning: " · nearly used up", fine: "" }[state];
  return `${money(budget.spent_amount)} of ${money(budget.limit_amount)}${reserved}${word}`;
}

/** Put an alert that just came on top of the others. */
export function tellAlert(store, event) {
  const { limit_amount, spent_amount, utilization_percent } = event.payload;
  byId("alerts").querySelector(".quiet")?.remove();
  byId("alerts").prepend(el("li", { "data-alert": event.event_type },
    el("strong", {}, `${store.scopeName(event.payload)}: ${SAYS[event.event_type]}`),
    el("span", {}, `${money(spent_amount)} of ${money(limit_amount)} spent, ${percent(utilization_percent)}.`),
    el("time", { datetime: event.occurred_at, class: "quiet" }, clock(event.occurred_at))));
}

/** Begin with no alert: what already is so, the bars show. */
export function clearAlerts() {
  fill(byId("alerts"), [], "None since you opened the page.");
}
