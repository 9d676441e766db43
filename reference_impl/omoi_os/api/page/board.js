// The board: one project on the page, kept as it is at the platform.

import { logOut, patch, post, Refused } from "/page/api.js";
import { clearAlerts, showBudgets, tellAlert } from "/page/budgets.js";
import { tellCost } from "/page/costs.js";
import { byId, fill } from "/page/dom.js";
import { explain, tellProblem } from "/page/problems.js";
import { Refresher } from "/page/refresher.js";
import { showSpec, showSpecs } from "/page/specs.js";
import { Store } from "/page/store.js";
import { follow } from "/page/stream.js";

const EVERYTHING = "everything";
// Money comes as events; what else changes, such as a phase that somebody approves elsewhere, is looked up.
const LOOK_MILLISECONDS = 10000;

export class Board {
  #store;
  #leave;
  #over = new AbortController();
  #refresher = new Refresher((wanted) => this.#read(wanted));
  #look;
  #drawn = "";

  constructor(project, me, { spec, leave }) {
    this.#store = new Store(project, me);
    this.#store.chosen = spec;
    this.#leave = leave;
  }

  /** Show the project and follow it; what happens while it is read is read once more. */
  open() {
    clearAlerts();
    fill(byId("costs"), [], "None since you opened the page.");
    this.#watchForms();
    this.#look = setInterval(() => document.hidden || this.#refresh(EVERYTHING), LOOK_MILLISECONDS);
    const live = (yes) => () => {
      byId("live").dataset.live = yes ? "yes" : "no";
      byId("live").textContent = yes ? "live" : "connecting …";
      if (yes) this.#refresh(EVERYTHING);
    };
    const tell = (type, event) => this.#tell(type, event);
    follow(this.#store.id, { tell, connected: live(true), lost: live(false), signal: this.#over.signal })
      .catch((error) => this.#failed(error));
  }

  /** Stop following. */
  close() {
    clearInterval(this.#look);
    this.#over.abort();
  }

  #tell(type, event) {
    if (type === "cost.recorded") tellCost(this.#store, event);
    else if (type.startsWith("budget.")) tellAlert(this.#store, event);
    this.#refresh(event.payload.spec_id ?? EVERYTHING);
  }

  async #refresh(what) {
    try {
      await this.#refresher.ask(what);
    } catch (error) {
      this.#failed(error);
    }
  }

  async #read(wanted) {
    if (wanted.has(EVERYTHING)) await this.#store.load();
    else await this.#store.loadCosts([...wanted]);
    if (!this.#over.signal.aborted) this.#draw();
  }

  /** Draw what changed; a list somebody has just opened is left alone when nothing did. */
  #draw() {
    const store = this.#store;
    if (store.picture === this.#drawn) return;
    this.#drawn = store.picture;
    showSpecs(store, (spec) => this.#choose(spec));
    showSpec(store, (path, document) => this.#act(path, document));
    showBudgets(store);
    byId("new-spec").hidden = !store.mayWork;
    byId("new-task").hidden = !store.mayWork || !store.spec || store.spec.status === "completed";
    byId("new-budget").hidden = !store.mayLimit;
    history.replaceState(null, "", `/?project=${store.id}${store.chosen ? `&spec=${store.chosen}` : ""}`);
  }

  #choose(spec) {
    this.#store.chosen = spec;
    this.#store.tasks = [];
    this.#store.forecast = null;
    this.#draw();
    return this.#refresh(EVERYTHING);
  }

  /** Ask the platform for something, and show what came of it; returns whether it was done. */
  async #act(path, document, send = post) {
    let answer = null;
    try {
      answer = await send(path, document);
      for (const { problem } of answer.blocked ?? []) this.#failed(new Refused(problem.status, problem));
    } catch (error) {
      this.#failed(error);
    }
    await this.#refresh(EVERYTHING);
    return answer;
  }

  #watchForms() {
    const submit = (id, send) => {
      byId(id).onsubmit = async (event) => {
        event.preventDefault();
        if (await send(event.target.elements)) event.target.reset();
      };
    };
    submit("new-spec", async ({ title }) => {
      const spec = await this.#act("/specs", { project_id: this.#store.id, title: title.value });
      if (spec) await this.#choose(spec.id);
      return spec;
    });
    submit("new-task", ({ title }) => this.#act(`/specs/${this.#store.chosen}/tasks`, { title: title.value }));
    submit("new-budget", ({ scope, limit }) => this.#limit(scope.value, Number(limit.value)));
  }

  /** Change the limit of a scope that has one, the tightest if several; else set one. */
  #limit(scope_type, limit_amount) {
    const scope_id = scope_type === "spec" ? this.#store.chosen : this.#store.id;
    const present = this.#store.tightest(scope_type, scope_id);
    if (present) return this.#act(`/costs/budgets/${present.id}`, { limit_amount }, patch);
    return this.#act("/costs/budgets", { scope_type, scope_id, limit_amount });
  }

  #failed(error) {
    if (this.#over.signal.aborted) return;
    if (!(error instanceof Refused && error.status === 401)) return tellProblem(explain(this.#store, error));
    logOut();
    this.#leave();
  }
}
