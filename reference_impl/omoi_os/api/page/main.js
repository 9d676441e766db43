// Where the page begins: log in, choose a project, show it, follow it.

import { get, loggedIn, logIn, logOut, Refused } from "/page/api.js";
import { Board } from "/page/board.js";
import { byId, el } from "/page/dom.js";
import { tellProblem } from "/page/problems.js";

let board = null;

/** Show the log-in, or the project that the address names. */
async function begin() {
  board?.close();
  board = null;
  byId("log-in").hidden = loggedIn();
  byId("board").hidden = !loggedIn();
  if (!loggedIn()) return;
  try {
    const [me, projects] = await Promise.all([get("/auth/me"), get("/projects")]);
    byId("person").textContent = me.full_name ?? me.email;
    show(me, projects);
  } catch (error) {
    if (!(error instanceof Refused && error.status === 401)) return tellProblem(error);
    logOut();
    await begin();
  }
}

function show(me, projects) {
  const address = new URLSearchParams(location.search);
  const project = projects.find((one) => one.id === address.get("project")) ?? projects[0];
  const options = projects.map((one) => el("option", { value: one.id, selected: one === project && "" }, one.name));
  byId("project").replaceChildren(...options);
  byId("project").onchange = (event) => {
    history.replaceState(null, "", `/?project=${event.target.value}`);
    begin();
  };
  if (!project) return tellProblem(new Error("You belong to no project yet."));
  board = new Board(project, me, { spec: address.get("spec"), leave: begin });
  board.open();
}

byId("log-in").addEventListener("submit", async (event) => {
  event.preventDefault();
  const { email, password } = event.target.elements;
  try {
    await logIn(email.value, password.value);
    event.target.reset();
    await begin();
  } catch (error) {
    tellProblem(error);
  }
});

byId("log-out").addEventListener("click", () => {
  logOut();
  begin();
});

begin();
