// What the page knows, always as the platform last told it. Nothing is added up here.

import { get } from "/page/api.js";

const OWNER = "owner";

/** A project with everything the page shows of it. */
export class Store {
  constructor(project, me) {
    this.project = project;
    this.me = me;
    this.role = "viewer";
    this.chosen = null;
    this.specs = [];
    this.costs = new Map();
    this.tasks = [];
    this.budgets = [];
    this.agents = [];
    this.tickets = [];
    this.forecast = null;
  }

  get id() {
    return this.project.id;
  }

  get mayWork() {
    return this.role !== "viewer";
  }

  get mayLimit() {
    return this.role === OWNER;
  }

  get spec() {
    return this.specs.find((spec) => spec.id === this.chosen) ?? null;
  }

  /** Everything that is shown, to tell whether something changed. */
  get picture() {
    const { role, chosen, specs, costs, tasks, budgets, agents, tickets, forecast } = this;
    return JSON.stringify([role, chosen, specs, [...costs], tasks, budgets, agents, tickets, forecast]);
  }

  /** Name an agent; costs can be of none. */
  agentName(id) {
    return this.agents.find((agent) => agent.id === id)?.name ?? (id === null ? "no agent" : "an agent");
  }

  /** Read everything afresh. */
  async load() {
    const [role, agents, tickets] = await Promise.all([
      this.#readRole(),
      get(`/agents?project_id=${this.id}`),
      get(`/tickets?project_id=${this.id}`),
    ]);
    Object.assign(this, { role, agents, tickets });
    await this.#readSpecs();
    await this.loadCosts(this.specs.map((spec) => spec.id));
  }

  /** Read what costs change: these specs' sums, every budget, and where the chosen spec stands. */
  async loadCosts(specs) {
    await Promise.all([this.#readSpecs(), this.#readChosen(), ...specs.map((spec) => this.#readCosts(spec))]);
    const budgets = await get("/costs/budgets");
    const ours = budgets.filter((budget) => this.#isOurs(budget));
    this.budgets = ours.sort((one, other) => this.#distance(one) - this.#distance(other));
  }

  /** The budget of a scope that leaves it least. */
  tightest(scope_type, scope_id) {
    const left = (budget) => budget.limit_amount - budget.spent_amount;
    const present = this.budgets.filter((budget) => budget.scope_type === scope_type && budget.scope_id === scope_id);
    return present.sort((one, other) => left(one) - left(other))[0];
  }

  /** How far a budget is from the chosen spec: its own first, then those it shares, then those of other specs. */
  #distance({ scope_type, scope_id }) {
    if ([this.spec?.id, this.spec?.ticket_id].includes(scope_id)) return 0;
    return ["spec", "ticket"].includes(scope_type) ? 2 : 1;
  }

  async #readSpecs() {
    this.specs = await get(`/specs/project/${this.id}`);
    if (!this.spec) this.chosen = this.specs[0]?.id ?? null;
  }

  async #readChosen() {
    const chosen = this.chosen;
    if (!chosen) return;
    const [tasks, forecast] = await Promise.all([get(`/specs/${chosen}/tasks`), get(`/specs/${chosen}/forecast`)]);
    if (chosen === this.chosen) Object.assign(this, { tasks, forecast });
  }

  async #readCosts(spec) {
    this.costs.set(spec, await get(`/specs/${spec}/costs`));
  }

  /** Administrators are not among the members, and are told apart by reading all the same. */
  async #readRole() {
    if (this.project.owner_id === this.me.id) return OWNER;
    const members = await get(`/projects/${this.id}/members`);
    return members.find((member) => member.user_id === this.me.id)?.role ?? OWNER;
  }

  #isOurs(budget) {
    const keys = {
      project: [this.id],
      spec: this.specs.map((spec) => spec.id),
      ticket: this.tickets.map((ticket) => ticket.id),
      agent: this.agents.map((agent) => agent.id),
    };
    return keys[budget.scope_type]?.includes(budget.scope_id) ?? true;
  }

  /** Say in words what a budget covers. */
  scopeName({ scope_type, scope_id }) {
    const title = (list) => list.find((one) => one.id === scope_id)?.title ?? "";
    const names = {
      global: () => "Everything",
      phase: () => `Phase ${scope_id}, everywhere`,
      project: () => `Project ${this.project.name}`,
      spec: () => `Spec ${title(this.specs)}`,
      ticket: () => `Ticket ${title(this.tickets)}`,
      agent: () => `Agent ${this.agentName(scope_id)}`,
    };
    return names[scope_type]();
  }
}
