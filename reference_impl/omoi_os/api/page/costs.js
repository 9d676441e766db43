// Costs: broken down, and as they happen.

import { byId, el } from "/page/dom.js";
import { clock, many, money } from "/page/format.js";

const KEPT = 30;

/** Break the costs of a spec down by phase and by agent. */
export function breakdowns(store, costs) {
  const phases = costs.by_phase.map((row) => ({ ...row, name: row.phase }));
  const agents = costs.by_agent.map((row) => ({ ...row, name: row.name ?? store.agentName(row.agent_id) }));
  return el("div", { class: "pair" },
    chart("By phase", "phase", phases, costs.total_cost),
    chart("By agent", "agent", agents, costs.total_cost));
}

function chart(title, kind, rows, total) {
  const counted = (row) => `${many(row.records, "call")}, ${many(row.tokens, "token")}`;
  const bars = rows.map((row) => el("li", { [`data-${kind}`]: row.name },
    el("span", {}, row.name),
    el("span", { class: "amount", title: counted(row) }, money(row.cost)),
    el("meter", { min: 0, max: total || 1, value: row.cost, "aria-label": `share of ${row.name}` })));
  return el("section", {}, el("h3", {}, title),
    el("ul", { class: "chart" }, bars.length ? bars : el("li", { class: "quiet" }, "Nothing spent yet.")));
}

/** Put a cost that was just recorded on top of the feed. */
export function tellCost(store, event) {
  const { agent_id, model, total_cost, total_tokens } = event.payload;
  byId("costs").querySelector(".quiet")?.remove();
  byId("costs").prepend(el("li", { "data-cost": event.entity_id },
    el("time", { datetime: event.occurred_at }, clock(event.occurred_at)),
    el("span", {}, `${store.agentName(agent_id)}, ${model}, ${many(total_tokens, "token")}`),
    el("span", { class: "amount" }, money(total_cost))));
  [...byId("costs").children].slice(KEPT).forEach((old) => old.remove());
}
