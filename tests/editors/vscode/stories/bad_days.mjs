// A workspace that is not trusted at first, a server that is killed in the middle of a run, and a run that is stopped.
import {
  answerTrust,
  command,
  goTo,
  notification,
  openFile,
  processes,
  reached,
  state,
  story,
  until,
} from "./workbench.mjs";

await story(async (page) => {
  await answerTrust(page, "No, I don't trust the authors");
  await openFile(page, "customers.py");
  await until(page, "a status that says so", async () => (await state(page)) === "Paceline: hints only");
  await page.locator(".squiggly-hint").first().waitFor({ state: "attached" });
  reached("hints are shown in a workspace that is not trusted");

  await goTo(page, "customers.py", "buyers.count(buyer) > 1");
  await command(page, "Paceline: Make This Function Faster");
  const refusal = notification(page, "this workspace is not trusted");
  await refusal.waitFor();
  await refusal.getByRole("button", { name: "Manage Workspace Trust" }).click();
  await page.locator(".workspace-trust-editor").getByRole("button", { name: "Trust", exact: true }).click();
  await until(page, "a status without the word", async () => (await state(page)) === "Paceline");
  reached("nothing was run, and trust was granted later");

  await page.locator(".tab", { hasText: "customers.py" }).click();
  await goTo(page, "customers.py", "buyers.count(buyer) > 1");
  await command(page, "Paceline: Make This Function Faster");
  const progress = notification(page, "Making repeat_buyers faster");
  await until(page, "a run that judges", async () => /\d+ judged/.test(await progress.innerText()));
  const before = processes();
  const [server] = before.filter(({ words }) => words.includes("serve"));
  process.kill(server.pid, "SIGKILL");
  const told = notification(page, "ended unexpectedly and was started again. The run on repeat_buyers was lost");
  await told.waitFor();
  await until(page, "the end of what the server had started", () => {
    const now = new Set(processes().map(({ pid }) => pid));
    return before.every(({ pid }) => !now.has(pid));
  });
  await until(page, "another server", () => processes().some(({ words }) => words.includes("serve")));
  await until(page, "a server that runs", async () => (await state(page)) === "Paceline");
  reached("the killed server was started again, and it was said");

  await told.getByRole("button", { name: "Run Again" }).click();
  await until(page, "a run that judges", async () => /\d+ judged/.test(await progress.innerText()));
  await command(page, "Paceline: Stop");
  await progress.waitFor({ state: "detached" });
  await until(page, "a server at rest", async () => (await state(page)) === "Paceline");
  reached("the run was started again, and stopped");
});
