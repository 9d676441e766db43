// Specs: the list of them, and where the chosen one stands.

import { byId, button, el, fill, replace } from "/page/dom.js";
import { count, many, money } from "/page/format.js";
import { breakdowns } from "/page/costs.js";
import { taskList } from "/page/tasks.js";

const PHASES = ["draft", "requirements", "design", "executing", "completed"];
const STEPS = {
  draft: ["start", "Start"],
  requirements: ["approve-requirements", "Approve the requirements"],
  design: ["approve-design", "Approve the design"],
  executing: ["execute", "Execute: assign what is pending"],
};

/** Show every spec of the project with its running total. */
export function showSpecs(store, choose) {
  fill(byId("specs"), store.specs.map((spec) => card(store, spec, choose)), "No specs yet.");
}

function card(store, spec, choose) {
  const chosen = spec.id === store.chosen;
  const total = store.costs.get(spec.id)?.total_cost;
  return el("li", { "data-spec-id": spec.id, class: chosen && "chosen" },
    el("button", { type: "button", click: () => choose(spec.id), "aria-current": chosen && "true" },
      el("strong", {}, spec.title),
      el("span", { class: `pill ${spec.status}` }, spec.status),
      el("span", { class: "amount", "data-total": total }, total === undefined ? "…" : money(total))));
}

/** Show the chosen spec. */
export function showSpec(store, act) {
  const { spec } = store;
  const costs = spec && store.costs.get(spec.id);
  if (!costs) {
    replace(byId("spec"), el("p", { class: "quiet" }, "Choose a spec, or write one down."));
    return;
  }
  replace(byId("spec"),
    el("h1", {}, spec.title),
    spec.description ? el("p", { class: "quiet" }, spec.description) : null,
    stepper(spec),
    nextStep(store, act),
    figures(store, costs),
    breakdowns(store, costs),
    taskList(store, act));
}

function stepper(spec) {
  const reached = PHASES.indexOf(spec.status);
  const state = (place) => (place < reached ? "done" : place === reached && "now");
  const steps = PHASES.map((phase, place) =>
    el("li", { class: state(place), "aria-current": place === reached && "step" }, phase));
  return el("ol", { class: "stepper", "data-status": spec.status }, steps);
}

function nextStep(store, act) {
  const step = STEPS[store.spec.status];
  if (!step || !store.mayWork) return null;
  if (store.spec.status === "executing" && !store.tasks.some((task) => task.status === "pending")) return null;
  const [operation, label] = step;
  const path = `/specs/${store.spec.id}/${operation}`;
  return el("p", {}, button(label, () => act(path, operation === "execute" ? {} : undefined), { primary: true }));
}

function figures(store, costs) {
  const tiles = [
    ["spent so far", money(costs.total_cost), many(costs.record_count, "call")],
    ["tokens", count(costs.total_tokens), "prompt and completion"],
    ["still to come", ...outlook(store.forecast)],
  ];
  return el("dl", { class: "tiles" }, tiles.map(([name, figure, note]) =>
    el("div", {}, el("dt", {}, name), el("dd", {}, figure), el("dd", { class: "quiet" }, note))));
}

function outlook(forecast) {
  if (!forecast) return ["…", ""];
  return [money(forecast.estimated_cost), `forecast for ${many(forecast.task_count, "open task")}`];
}
