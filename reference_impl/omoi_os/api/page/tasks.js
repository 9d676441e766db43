// Tasks of the chosen spec, and what may be done with each.

import { button, el } from "/page/dom.js";

const OPEN = ["pending", "failed"];
const HEADS = ["Task", "Phase", "Status", "Agent", ""];

/** Which agent was picked for a task, kept while the list is drawn anew. */
const picked = new Map();

/** Show the tasks in the order in which they were written down. */
export function taskList(store, act) {
  const rows = store.tasks.map((task) => row(store, task, act));
  const table = el("table", {}, el("thead", {}, el("tr", {}, HEADS.map(head))), el("tbody", {}, rows));
  const list = rows.length ? el("div", { class: "scroll" }, table) : el("p", { class: "quiet" }, "No tasks yet.");
  return [el("h3", {}, "Tasks"), list];
}

function head(name) {
  return el("th", { scope: "col" }, name || el("span", { class: "sr-only" }, "What to do"));
}

function row(store, task, act) {
  return el("tr", { "data-task-id": task.id },
    el("td", {}, el("strong", {}, task.title), task.description ? el("p", { class: "quiet" }, task.description) : null),
    el("td", {}, task.phase),
    el("td", {}, el("span", { class: `pill ${task.status}` }, task.status)),
    el("td", {}, task.agent_id ? store.agentName(task.agent_id) : ""),
    el("td", { class: "actions" }, store.mayWork ? actions(store, task, act) : null));
}

function actions(store, task, act) {
  const step = (label, operation) => button(label, () => act(`/tasks/${task.id}/${operation}`));
  if (OPEN.includes(task.status)) return assignment(store, task, act);
  if (task.status === "assigned") return [step("Run", "run"), step("Give up", "fail")];
  if (task.status === "running") return [step("Complete", "complete"), step("Give up", "fail")];
  return [];
}

/** Offer to assign a task, in the phase that it belongs to. */
function assignment(store, task, act) {
  if (task.phase !== store.spec.status || !store.agents.length) return [];
  const agent = picked.get(task.id) ?? store.agents[0].id;
  const choice = (one) => el("option", { value: one.id, selected: one.id === agent && "" }, one.name);
  const pick = (event) => picked.set(task.id, event.target.value);
  return [
    el("select", { change: pick, "aria-label": `Agent for ${task.title}` }, store.agents.map(choice)),
    button(task.status === "failed" ? "Try again" : "Assign",
      () => act(`/tasks/${task.id}/assign`, { agent_id: picked.get(task.id) ?? agent })),
  ];
}
