// Tasks of the chosen spec, and what may be done with each.

import { button, el } from "/page/dom.js";

const OPEN = ["pending", "failed"];

/** Which agent was picked for a task, kept while the list is drawn anew. */
const picked = new Map();

/** Show the tasks in the order in which they were written down, and a way to add one. */
export function taskList(store, act) {
  const rows = store.tasks.map((task) => el("tr", { "data-task-id": task.id },
    el("td", {}, el("strong", {}, task.title), task.description ? el("p", { class: "quiet" }, task.description) : null),
    el("td", {}, task.phase),
    el("td", {}, el("span", { class: `pill ${task.status}` }, task.status)),
    el("td", {}, task.agent_id ? store.agentName(task.agent_id) : ""),
    el("td", { class: "actions" }, store.mayWork ? actions(store, task, act) : null)));
  const head = ["Task", "Phase", "Status", "Agent", ""].map((name) => el("th", { scope: "col" }, name));
  return [
    el("h3", {}, "Tasks"),
    rows.length ? el("div", { class: "scroll" }, el("table", {}, el("thead", {}, el("tr", {}, head)), el("tbody", {}, rows)))
      : el("p", { class: "quiet" }, "No tasks yet."),
  ];
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
  const choices = store.agents.map((one) => el("option", { value: one.id, selected: one.id === agent && "" }, one.name));
  const pick = (event) => picked.set(task.id, event.target.value);
  return [
    el("select", { change: pick, "aria-label": `Agent for ${task.title}` }, choices),
    button(task.status === "failed" ? "Try again" : "Assign",
      () => act(`/tasks/${task.id}/assign`, { agent_id: picked.get(task.id) ?? agent })),
  ];
}
